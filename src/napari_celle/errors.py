"""Every error of ours: it says what is wrong, where, and what to do, so a window can show it as it is."""


class CelleError(Exception):
    """Base of all errors that a user can mend; its text is meant for them."""


class SequenceError(CelleError):
    """The protein sequence cannot be read."""


class ImageError(CelleError):
    """The image cannot be used as a nucleus channel."""


class WeightsError(CelleError):
    """Weights are missing, damaged, or belong to another model."""


class DownloadError(CelleError):
    """A file cannot be fetched from a server."""


class OutputError(CelleError):
    """A result cannot be written where it was asked for."""


class DeviceError(CelleError):
    """The computing device cannot do what was asked, for example it ran out of memory."""


class OutOfMemory(DeviceError):
    """The device has too little memory; with less of it wanted, or on another device, it may work."""


class Cancelled(CelleError):
    """The user asked to stop; raised by an ``on_step`` callback and passed through unchanged."""
