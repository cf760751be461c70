"""The text of a drawing: runs of characters, each in a packaged face that has them, measured by that face's numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from derive.notation.names import GREEK, Spelling
from derive.typeset.errors import MissingGlyph
from derive.typeset.font import MATH_FACE, TEXT_FACE, Glyph, face
from derive.typeset.tokens import italic

ITALIC_FACE = "lmroman10-italic"
SMALL = 0.82  # of the size: what is written below or above the line
BELOW, ABOVE = -0.2, 0.38  # of the size: how far that is moved up
POWER_SCALE = 0.96  # of the size: a power of ten in a drawing of small numbers
HAT = "ˆ"
NARROW, NARROW_SPACES, NARROW_SCALE = "narrow", "\u202f\u2009", 0.55
LEAST_SHOWN = 4  # letters of a name that is shortened
# LaTeX's \phi and \epsilon, which the formulas have.
AS_IN_FORMULAS = {"φ": "ϕ", "ε": "ϵ"}
POWER = re.compile(r"·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$")
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")


@dataclass(frozen=True)
class Run:
    """Characters in one face; ``rise`` moves them up, ``shift`` to the right, both in sizes of the text.

    Raises `MissingGlyph` where the face lacks one of them.
    """

    text: str
    face: str = TEXT_FACE
    scale: float = 1.0
    rise: float = 0.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        assert self.glyphs

    @cached_property
    def glyphs(self) -> tuple[Glyph, ...]:
        """The shapes of the characters."""
        return tuple(_glyph(self.face, character) for character in self.text)

    @property
    def width(self) -> float:
        """How far the next one begins behind the end of the one before."""
        return self.shift + self.scale * sum(glyph.width for glyph in self.glyphs)

    @property
    def top(self) -> float:
        """How far it reaches above the base line."""
        return self.rise + self.scale * max(glyph.top for glyph in self.glyphs)

    @property
    def bottom(self) -> float:
        """How far it reaches below the base line."""
        return -self.rise - self.scale * min(glyph.bottom for glyph in self.glyphs)


Runs = tuple[Run, ...]


def _glyph(name: str, character: str) -> Glyph:
    index = face(name).find(character)
    if index is None:
        raise MissingGlyph(character)
    return face(name).glyph(index)


@lru_cache(maxsize=4096)
def runs(
    name: Spelling | None, value: str = "", *, slanted: bool = False, of: Spelling | None = None, relation: str = "="
) -> Runs:
    """Return a name, a number, or both with a relation between them; ``of`` is what is differentiated by the name.

    >>> [run.text for run in runs(Spelling("w", (("5",),)), "−1.5·10⁻⁷")]
    ['w', '5', '\\xa0=\\xa0−1.5·10', '−7']
    >>> [run.text for run in runs(Spelling("w"), "2", of=Spelling("L"))]
    ['∂', 'L', '/', '∂', 'w', '\\xa0=\\xa02']
    """
    between = f"\N{NO-BREAK SPACE}{relation}\N{NO-BREAK SPACE}" if name and value else ""
    above = (*words("∂"), *_name(of), *words("/∂")) if of else ()
    return (*above, *(_name(name) if name else ()), *(_number(value, between, slanted) if value else ()))


def words(text: str, *, slanted: bool = False, scale: float = 1.0, rise: float = 0.0) -> Runs:
    """Return text in the roman face, or its italic one, and in the mathematical face what these lack.

    >>> [(run.text, run.face) for run in words("a ⋮")]
    [('a ', 'lmroman10-regular'), ('⋮', 'latinmodern-math')]
    """
    wanted = ITALIC_FACE if slanted else TEXT_FACE

    def kind(character: str) -> str:
        if character in NARROW_SPACES:
            return NARROW
        return wanted if face(wanted).find(character) is not None else MATH_FACE

    return tuple(_run("".join(found), name, scale, rise) for name, found in groupby(text, kind))


def _run(text: str, kind: str, scale: float, rise: float) -> Run:
    if kind == NARROW:  # no face has it
        return Run("\N{NO-BREAK SPACE}" * len(text), TEXT_FACE, NARROW_SCALE * scale, rise)
    return Run(text, kind, scale, rise)


@lru_cache(maxsize=4096)
def width_of(text: Runs) -> float:
    """Return how wide it is, in its size."""
    return sum(run.width for run in text)


def _number(value: str, before: str, slanted: bool) -> Runs:
    power = POWER.search(value)
    if not power:
        return words(before + value, slanted=slanted)
    mantissa = words(before + value[: power.start()] + "·10", slanted=slanted)
    return (*mantissa, *words(power[1].translate(RAISED), slanted=slanted, scale=POWER_SCALE, rise=ABOVE))


@lru_cache(maxsize=4096)
def _name(name: Spelling) -> Runs:
    letter = _written(name.letter)
    parts = [*letter, *(_hat(letter) if name.has_hat else ())]
    for number, index in enumerate(name.below):
        parts += words(",", scale=SMALL, rise=BELOW) if number else ()
        for written in index:
            parts += _written(written, SMALL, BELOW)
    return tuple(parts)


def _written(run: str, scale: float = 1.0, rise: float = 0.0) -> Runs:
    """Return a run as formulas have it: a letter is slanted, a word, digits and a Greek capital are upright."""
    if run in GREEK:
        letter = AS_IN_FORMULAS.get(GREEK[run], GREEK[run])
        return (Run(letter if letter.isupper() else italic(letter), MATH_FACE, scale, rise),)
    return words(run, slanted=len(run) == 1 and run.isalpha(), scale=scale, rise=rise)


def _hat(letter: Runs) -> Iterator[Run]:
    """Yield a hat above the middle of what was written, and what leads back to its end."""
    hat = Run(HAT, MATH_FACE)
    back = (width_of(letter) + hat.width) / 2
    rise = max(run.top for run in letter) - hat.top + 0.2
    yield Run(HAT, MATH_FACE, 1.0, max(rise, 0.0), -back)
    yield Run("\N{NO-BREAK SPACE}", shift=back - hat.width - Run("\N{NO-BREAK SPACE}").width)


def fitting(name: Spelling, room: float) -> Spelling:
    """Return the name, shortened where it is wider than the room, in sizes of the text.

    >>> fitting(Spelling("output", (("left",),)), 3.0)
    Spelling(letter='o…ut', below=(('left',),), has_hat=False, is_new=False)
    """
    while width_of(_name(name)) > room:
        pieces = [name.letter, *(run for index in name.below for run in index)]
        longest = max((piece for piece in pieces if piece not in GREEK), key=len, default="")
        if len(longest) <= LEAST_SHOWN:
            return name
        short = _shorter(longest)
        below = tuple(tuple(short if run == longest else run for run in index) for index in name.below)
        name = Spelling(short if name.letter == longest else name.letter, below, name.has_hat, name.is_new)
    return name


def _shorter(word: str) -> str:
    """Return the word with one letter less in its middle.

    >>> _shorter("outputleft"), _shorter(_shorter("outputleft"))
    ('outpu…left', 'outp…left')
    """
    head, dots, tail = word.partition("…")
    if not dots:
        return f"{word[: len(word) // 2]}…{word[len(word) // 2 + 1 :]}"
    return f"{head}…{tail[1:]}" if len(tail) > len(head) else f"{head[:-1]}…{tail}"
