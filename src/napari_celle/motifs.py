"""Known sorting signals in a protein: hints to underline in a sequence, found by published consensus patterns.

A match is a hint and no prediction: short patterns occur by chance, most in folded parts that no receptor sees, and
many real signals match none of them. The models of this package do not use them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["nls", "nes", "signal peptide", "er", "peroxisome", "membrane"]
"""What a signal does: into the nucleus, out of it, into the secretory path, back to the ER, and so on."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Motif:
    """A stretch of a protein that looks like a known sorting signal.

    Attributes
    ----------
    kind : str
        What it does, one of ``Kind``.
    name : str
        Which signal, for example "bipartite NLS".
    start, stop : int
        0-based, half-open: ``sequence[start:stop]``.
    source : str
        Where the consensus was published.
    text : str
        A sentence or two for a tooltip, with 1-based places.
    """

    kind: Kind
    name: str
    start: int
    stop: int
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class _Signal:
    """What is known of a signal apart from its pattern."""

    kind: Kind
    name: str
    meaning: str
    source: str


_MONOPARTITE = _Signal(
    "nls",
    "monopartite NLS",
    "K, K or R, any, K or R: a classical nuclear localization signal, which importin alpha binds",
    "Chelsky, Ralph and Jonak, Mol Cell Biol 1989, 9:2487",
)
_BIPARTITE = _Signal(
    "nls",
    "bipartite NLS",
    "two basic residues, 10 to 12 of any kind, three basic ones among five: a classical nuclear localization signal",
    "Robbins, Dilworth, Laskey and Dingwall, Cell 1991, 64:615",
)
_PY = _Signal(
    "nls",
    "PY-NLS",
    "a hydrophobic or basic part, then R, K or H two to five residues before PY, basic as a whole: a nuclear "
    "localization signal that transportin binds",
    "Lee et al., Cell 2006, 126:543",
)
_NES = _Signal(
    "nes",
    "leucine-rich NES",
    "hydrophobic residues in the spacing L-x(2,3)-[LIVFM]-x(2,3)-L-x-[LI]: a nuclear export signal, which CRM1 binds",
    "la Cour et al., Protein Eng Des Sel 2004, 17:527; class 1 of Kosugi et al., Traffic 2008, 9:2053",
)
_SIGNAL_PEPTIDE = _Signal(
    "signal peptide",
    "N-terminal signal peptide",
    "looks like one: no acidic start, a hydrophobic core, then small residues at -3 and -1; it leads into the "
    "endoplasmic reticulum, and its end is a guess",
    "von Heijne, Eur J Biochem 1983, 133:17 and J Mol Biol 1985, 184:99",
)
_RETENTION = _Signal(
    "er",
    "ER retention",
    "KDEL or HDEL at the C terminus: kept in the endoplasmic reticulum, if the protein gets there",
    "Munro and Pelham, Cell 1987, 48:899; Pelham, Hardwick and Lewis, EMBO J 1988, 7:1757",
)
_PTS1 = _Signal(
    "peroxisome",
    "PTS1",
    "S, A or C, then K, R or H, then L at the C terminus: into peroxisomes",
    "Gould et al., J Cell Biol 1989, 108:1657",
)
_PTS2 = _Signal(
    "peroxisome",
    "PTS2",
    "R-[LVIQ]-x-x-[LVIH]-[LSGA]-x-[HQ]-[LA] near the N terminus: into peroxisomes",
    "Petriv et al., J Mol Biol 2004, 341:119",
)
_CAAX = _Signal(
    "membrane",
    "CAAX box",
    "C, two aliphatic or small residues, any, at the C terminus: the cysteine gets a lipid, which sits in a membrane",
    "Zhang and Casey, Annu Rev Biochem 1996, 65:241",
)

_PATTERNS: tuple[tuple[_Signal, str], ...] = (
    (_MONOPARTITE, r"K[KR].[KR]{1,6}"),
    (_NES, r"L.{2,3}[LIVFM].{2,3}L.[LI]"),
    (_RETENTION, r"[KH]DEL\Z"),
    (_PTS1, r"[SAC][KRH]L\Z"),
    (_CAAX, r"C[AGILMSTV][AILMV].\Z"),
)
_PTS2_PATTERN = re.compile(r"(?=(R[LVIQ]..[LVIH][LSGA].[HQ][LA]))")
_PTS2_WITHIN = 40  # residues at the N terminus
_BASIC, _ACIDIC = frozenset("KR"), frozenset("DE")
_SPACERS = range(10, 13)
_PY_END = re.compile(r"(?=([RKH].{2,5}PY))")
_PY_HYDROPHOBIC = re.compile(r"[ACFILMPVWY][GAS][ACFILMPVWY]{2}.{7,12}[RKH].{2,5}PY\Z")
_PY_LENGTH, _PY_BASES = 30, 5  # residues; K and R in a basic PY-NLS
_CORE, _CORE_HYDROPHOBIC = 8, 6  # residues of the hydrophobic core, and how many of them are hydrophobic
_HYDROPHOBIC, _CHARGED = frozenset("AILMFVWC"), frozenset("DEKRH")
_LONGEST_START = 8  # residues before the core
_CLEAVED_AFTER = range(15, 36)
_SMALL_1, _SMALL_3 = frozenset("AGSTCQ"), frozenset("AGSTCVIL")


def find_motifs(sequence: str) -> tuple[Motif, ...]:
    """Find what looks like a known sorting signal: a hint, not a prediction.

    Parameters
    ----------
    sequence : str
        A protein as :func:`napari_celle.sequence.clean` returns it.

    Returns
    -------
    tuple of Motif
        By start, then stop. Different signals may overlap; of overlapping matches of one signal the longest is kept.

    Examples
    --------
    >>> [(motif.name, motif.start, motif.stop) for motif in find_motifs("MPKKKRKVE")]
    [('monopartite NLS', 2, 7)]
    """
    found = [(signal, _matches(pattern, sequence)) for signal, pattern in _PATTERNS]
    found += [
        (_BIPARTITE, _bipartite(sequence)),
        (_PY, _py(sequence)),
        (_PTS2, (match.span(1) for match in _PTS2_PATTERN.finditer(sequence[:_PTS2_WITHIN]))),
        (_SIGNAL_PEPTIDE, _signal_peptide(sequence)),
    ]
    motifs = [_motif(signal, span, sequence) for signal, spans in found for span in _longest(spans, len(sequence))]
    return tuple(sorted(motifs, key=lambda motif: (motif.start, motif.stop, motif.name)))


def _motif(signal: _Signal, span: Span, sequence: str) -> Motif:
    start, stop = span
    text = (
        f"{signal.name}, residues {start + 1}-{stop} ({sequence[start:stop]}): {signal.meaning}. "
        f"A hint by its pattern ({signal.source}), not a prediction."
    )
    return Motif(signal.kind, signal.name, start, stop, signal.source, text)


def _matches(pattern: str, sequence: str) -> Iterator[Span]:
    """Give the span of a match at each place where one begins, also inside another."""
    return (match.span(1) for match in re.finditer(f"(?=({pattern}))", sequence))


def _longest(spans: Iterable[Span], length: int) -> list[Span]:
    """Return the longest of overlapping spans, the first of equally long ones."""
    taken, kept = bytearray(length), []
    for start, stop in sorted(set(spans), key=lambda span: (span[0] - span[1], span[0])):
        if not any(taken[start:stop]):
            taken[start:stop] = b"\x01" * (stop - start)
            kept.append((start, stop))
    return kept


def _bipartite(sequence: str) -> Iterator[Span]:
    for start in range(len(sequence) - 1):
        if not _BASIC.issuperset(sequence[start : start + 2]):
            continue
        for spacer in _SPACERS:
            first = start + 2 + spacer
            basic = [place for place in range(first, min(first + 5, len(sequence))) if sequence[place] in _BASIC]
            if len(basic) >= 3:
                yield start, basic[-1] + 1


def _py(sequence: str) -> Iterator[Span]:
    for match in _PY_END.finditer(sequence):
        stop = match.end(1)
        first = max(stop - _PY_LENGTH, 0)
        part = sequence[first:stop]
        bases = [place for place, letter in enumerate(part) if letter in _BASIC]
        if len(bases) <= sum(letter in _ACIDIC for letter in part):
            continue
        hydrophobic = _PY_HYDROPHOBIC.search(part)
        if hydrophobic:
            yield first + hydrophobic.start(), stop
        elif len(bases) >= _PY_BASES:
            yield first + bases[0], stop


def _signal_peptide(sequence: str) -> Iterator[Span]:
    """Give at most one span, from the first residue to the first place that signal peptidase might cut."""
    cores = (start for start in range(1, _LONGEST_START + 1) if _is_core(sequence[:start], sequence[start:][:_CORE]))
    core = next(cores, None)
    if core is None:
        return
    cuts = (cut for cut in _CLEAVED_AFTER if cut >= core + _CORE + 3 and _may_be_cut(sequence, cut))
    for cut in cuts:
        yield 0, cut
        return


def _is_core(before: str, core: str) -> bool:
    """Tell whether a hydrophobic core may follow: nothing charged in it, and the start is not acidic as a whole."""
    charge = sum((letter in _BASIC) - (letter in _ACIDIC) for letter in before)
    return (
        before.startswith("M")
        and charge >= 0  # the amino group adds one
        and _CHARGED.isdisjoint(core)
        and sum(letter in _HYDROPHOBIC for letter in core) >= _CORE_HYDROPHOBIC
    )


def _may_be_cut(sequence: str, cut: int) -> bool:
    """Tell whether the (-3, -1) rule lets signal peptidase cut before a 0-based place."""
    around = sequence[cut - 3 : cut + 1]
    return len(around) == 4 and around[0] in _SMALL_3 and around[2] in _SMALL_1 and "P" not in around
