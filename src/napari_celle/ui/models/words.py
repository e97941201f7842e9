"""Sizes, speeds and hashes as people read them."""

_STEPS = 1000
"""Steps of a progress bar; bytes of a large file are more than it can count."""


def spoken_bytes(count: float) -> str:
    """Return a size in units of 1000.

    Examples
    --------
    >>> spoken_bytes(2_140_000_000), spoken_bytes(13_801_746), spoken_bytes(0)
    ('2.1 GB', '13.8 MB', '0 B')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} B"


def short_hash(sha256: str) -> str:
    """Return the beginning of a hash, as much as tells two files apart."""
    return f"{sha256[:8]}…" if sha256 else ""


def told_bytes(done: int, total: int, *, seconds: float, since: int) -> str:
    """Return how far a download is, and how fast.

    Parameters
    ----------
    done, total : int
        Bytes; the total is 0 if it is not known.
    seconds : float
        Time since this download began.
    since : int
        Bytes that were there when it began.

    Examples
    --------
    >>> told_bytes(1_200_000_000, 2_140_000_000, seconds=100, since=400_000_000)
    '1.2 GB of 2.1 GB, 8.0 MB/s'
    """
    much = f"{spoken_bytes(done)} of {spoken_bytes(total)}" if total else spoken_bytes(done)
    speed = (done - since) / seconds if seconds > 0 else 0
    return f"{much}, {spoken_bytes(speed)}/s" if speed >= 1 else much


def steps_of(done: int, total: int) -> tuple[int, int]:
    """Return a progress in so many steps as a bar can show; none if the end is not known.

    Examples
    --------
    >>> steps_of(3, 8), steps_of(7_000_000_000, 14_000_000_000), steps_of(5_000_000_000, 0)
    ((3, 8), (500, 1000), (0, 0))
    """
    if total <= 0:
        return 0, 0
    return (done, total) if total <= _STEPS else (done * _STEPS // total, _STEPS)
