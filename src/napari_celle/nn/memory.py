"""What a causal transformer keeps of the tokens so far, so that each step computes only the newest token."""

from torch import Tensor

from napari_celle.nn.shift import ShiftMemory


class KeyValues:
    """Keys and values of one attention layer, and of how many ``tokens``.

    Parameters
    ----------
    capacity : int
        Longest sequence; the room is taken at once.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._room: Tensor | None = None  # (2, B, H, capacity, D)
        self.tokens = 0

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of new tokens, each (B, H, N, D), and return those of all."""
        if self._room is None:
            batch, heads, _, width = k.shape
            self._room = k.new_empty(2, batch, heads, self._capacity, width)
        stop = self.tokens + k.shape[2]
        self._room[0, :, :, self.tokens : stop] = k
        self._room[1, :, :, self.tokens : stop] = v
        self.tokens = stop
        keys, values = self._room[:, :, :, :stop]
        return keys, values


class LayerMemory:
    """What one layer keeps."""

    def __init__(self, capacity: int, *, published: bool) -> None:
        self.keys = KeyValues(capacity)
        self.attention, self.feed_forward = ShiftMemory(published=published), ShiftMemory(published=published)


class Memory:
    """What all layers keep.

    Parameters
    ----------
    depth : int
        Layers.
    capacity : int
        Longest sequence.
    published : bool
        Shift tokens as the authors' cached code does; see ``ShiftMemory``.
    """

    def __init__(self, depth: int, *, capacity: int, published: bool = False) -> None:
        self.layers = [LayerMemory(capacity, published=published) for _ in range(depth)]

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return self.layers[0].keys.tokens
