"""What the user prefers, as set in napari's Preferences > napari-celle; the manifest has the defaults and the texts."""

from dataclasses import dataclass

from napari.settings import get_plugin_settings

PLUGIN = "napari-celle"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How docks are when they open.

    Attributes
    ----------
    device : str
        "auto", "cpu", "cuda" or "mps".
    where : str
        Part of the image that is predicted, as the predict widget calls it.
    replace : bool
        A prediction takes the place of the one before.
    watch : bool
        A picture is shown while it is drawn.
    """

    device: str = "auto"
    where: str = "Middle of the image"
    replace: bool = False
    watch: bool = False


def preferences() -> Preferences:
    """Read the preferences; the defaults where napari does not know the plugin, as in a script."""
    try:
        settings = get_plugin_settings(PLUGIN)
    except KeyError:
        return Preferences()
    predict = settings.predict
    return Preferences(
        device=settings.compute.device, where=predict.where, replace=predict.replace, watch=predict.watch
    )
