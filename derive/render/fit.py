"""Tables that fit the page: a wide one is parted into several with its first columns repeated, a long cell into lines.

Paper has no way to scroll, so what is wider than the text is arranged here, once for every format that is printed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from derive.notation.mathml import mathml
from derive.notation.slots import without_slots
from derive.render.columns import with_aligned_decimals
from derive.render.lists import levelled
from derive.render.width import formula_width
from derive.story.document import Blank, Block, Break, Code, Content, Inline, ListBlock, Math, Note, Table, Text, plain
from derive.typeset import formula_widths, text_width

BLANK_PLACE = 0.85  # em: what a sign takes that is written by hand
BOLD = 1.16  # how much wider than upright letters bold ones are at most
SCRIPT = 0.7  # the size of scripts
WIDEST_KEYS, WIDEST_SMALL_KEYS = 0.45, 0.5  # of the text: names that take more are set smaller, and then on lines
MOST_LINES = 20  # of a cell: a row of more goes on in the next one
WHOLE_FORMULA = 30  # characters: no line of a table ends in a formula of no more
LEAST_DIGITS = 6  # a number begins on a line only where it has room for so many
DIGIT = 0.5  # em
SMALL, SMALLEST = r"\scriptstyle", r"\scriptscriptstyle"
# What belongs to the thing behind it: a line begins with it and does not end with it.
PREFIXES = {"=", "+", "-", "/", "(", r"\approx", r"\cdot", r"\times", r"\partial", r"\neq", r"\quad", r"\,"}
ARGUMENTS = {
    r"\frac": 2,
    r"\mathrm": 1,
    r"\mathbf": 1,
    r"\boldsymbol": 1,
    r"\hat": 1,
    r"\text": 1,
    r"\sqrt": 1,
    r"\slot": 2,
}
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|(?:[0-9.]|\{,\})+|\s+|.", re.DOTALL)
OPENING, CLOSING = {"{", r"\left", r"\begin"}, {"}", r"\right", r"\end"}
NUMBER = re.compile(r"(?P<before>.*?)(?P<number>(?:[0-9.]|\{,\}){12,})(?P<after>(?:\^\{[^{}]*\})?)", re.DOTALL)
DIGITS = re.compile(r"[0-9.]|\{,\}")
WORD = re.compile(r"(?P<opening>\\mathrm\{|_\{)(?P<letters>[A-Za-z0-9,]+)\}")
LONG_NAME = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{8,}")


@dataclass(frozen=True)
class Room:
    """What a table must fit into, in em of its text: ``width`` that of the page's text, ``gap`` beside each column.

    A cell of more than ``kept`` characters is broken by the page itself, at its spaces and signs, and a head between
    its words where it ``breaks_heads``. Long names may be ``wider`` than measured: TeX's fonts for small sizes have
    wider letters.
    """

    width: float
    gap: float
    kept: int
    wider: float = 1.0
    breaks_heads: bool = False

    def need(self, cells: Sequence[Content]) -> float:
        """Return how wide a column must be for its cells, the first of which is its head in bold."""
        head, *others = cells
        bold = BOLD * (_widest_word(head) if self.breaks_heads else self._whole(head))
        return self.gap + max([bold, *map(self._need, others)])

    def _need(self, cell: Content) -> float:
        is_kept = len(plain(cell)) <= self.kept or Break() in cell
        return self._whole(cell) if is_kept else self._wider(max(self._widest(piece) for piece in cell), cell)

    def _whole(self, cell: Content) -> float:
        return self._wider(width(cell), cell)

    def _wider(self, found: float, cell: Content) -> float:
        names = any(isinstance(piece, Math) and has_long_name(piece.latex) for piece in cell)
        return found * (self.wider if names else 1.0)

    def _widest(self, piece: Inline) -> float:
        """Return how wide the widest part of a piece is that stays on one line; short formulas are not broken."""
        return _widths(piece)[0 if stays_whole(piece) else 1]


def stays_whole(piece: Inline) -> bool:
    """Whether a piece of a long cell is a formula that no line ends in."""
    return isinstance(piece, Math) and len(plain((piece,))) <= WHOLE_FORMULA


def has_long_name(latex: str) -> bool:
    """Return whether the formula holds a name so long that the width of its letters matters."""
    return LONG_NAME.search(latex) is not None


def fitted(blocks: Sequence[Block], room: Room) -> tuple[Block, ...]:
    """Return the blocks with tables that fit, and lists of equations as one; a table that fits stays as it is."""
    return tuple(part for block in _with_whole_tables(levelled(blocks)) for part in _fitted(block, room))


def _with_whole_tables(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, tables that stand one below the other and have the same rows as one.

    An article parts what is wide by the number of its columns; here it is parted by what there is room for, once.
    """
    whole: Table | None = None
    for block in blocks:
        if whole and isinstance(block, Table) and columns_of(block)[0] == columns_of(whole)[0]:
            rows = zip(whole.rows, block.rows, strict=True)
            whole = Table(
                whole.head + block.head[1:],
                tuple(row + more[1:] for row, more in rows),
                (*whole.align, *block.align[1:]),
            )
            continue
        if whole:
            yield whole
        whole = block if isinstance(block, Table) else None
        if not whole:
            yield block
    if whole:
        yield whole


def _fitted(block: Block, room: Room) -> Iterator[Block]:
    if isinstance(block, Table):
        yield from _tables(block, room)
    elif isinstance(block, Note):
        yield Note(fitted(block.blocks, room))
    elif isinstance(block, ListBlock):
        yield ListBlock(block.ordered, tuple(fitted(item, room) for item in block.items))
    else:
        yield block


def columns_of(table: Table) -> list[tuple[Content, ...]]:
    """Return the cells of each column, its head first."""
    return [tuple(cells) for cells in zip(table.head, *table.rows, strict=True)]


def _tables(table: Table, room: Room) -> list[Table]:
    columns = columns_of(table)
    if sum(map(room.need, columns_of(with_aligned_decimals(table, formula_width)))) <= room.width:
        return [table]
    keys = _key_count(columns)
    columns = _narrowed(columns, keys, room)
    needs = list(map(room.need, columns))
    groups = _groups(needs[keys:], room.width - sum(needs[:keys]))
    shown = [[*range(keys), *(keys + place for place in group)] for group in groups]
    return [_part(table, columns, places) for places in shown]


def _key_count(columns: Sequence[tuple[Content, ...]]) -> int:
    """Return how many columns at the left say what a row is: as few as tell the rows apart."""
    names = [plain(cell) for cell in columns[0][1:]]
    return 2 if len(columns) > 2 and len(set(names)) < len(names) else min(1, len(columns) - 1)


def _narrowed(columns: Sequence[tuple[Content, ...]], keys: int, room: Room) -> list[tuple[Content, ...]]:
    """Return the columns so narrow that the first ones and any other stand beside each other."""
    needs = list(map(room.need, columns))
    left, right = list(columns[:keys]), list(columns[keys:])
    free = room.width - max(needs[keys:])
    if sum(needs[:keys]) > max(free, WIDEST_KEYS * room.width):
        most = max(free, WIDEST_SMALL_KEYS * room.width) / max(1, keys)
        left = [_small_column(column, most, room) for column in left]
    rest = room.width - sum(map(room.need, left))
    right = [column if room.need(column) <= rest else _broken_column(column, rest, room) for column in right]
    return [*left, *right]


def _groups(needs: Sequence[float], room: float) -> list[range]:
    """Return the columns in as few groups as fit the room, no group with many more than another."""
    for count in range(1, len(needs)):
        ends = [-(-len(needs) * number // count) for number in range(count + 1)]
        groups = [range(start, end) for start, end in pairwise(ends)]
        if all(sum(needs[place] for place in group) <= room for group in groups):
            return groups
    return [range(place, place + 1) for place in range(len(needs))]


def _part(table: Table, columns: Sequence[tuple[Content, ...]], places: Sequence[int]) -> Table:
    head, *rows = zip(*(columns[place] for place in places), strict=True)
    shown = [part for row in rows for part in _short_rows(row)]
    return Table(head, tuple(shown), tuple(table.align[place] for place in places))


def _short_rows(row: tuple[Content, ...]) -> Iterator[tuple[Content, ...]]:
    """Yield the row in parts that are not higher than a page."""
    lines = [_lines(cell) for cell in row]
    for start in range(0, max(map(len, lines)), MOST_LINES):
        yield tuple(_joined(cell[start : start + MOST_LINES]) for cell in lines)


def _lines(cell: Content) -> list[Content]:
    found: list[list[Inline]] = [[]]
    for piece in cell:
        if isinstance(piece, Break):
            found.append([])
        else:
            found[-1].append(piece)
    return [tuple(line) for line in found]


def _joined(lines: Sequence[Content]) -> Content:
    return tuple(piece for i, line in enumerate(lines) for piece in ((Break(), *line) if i else line))


def width(content: Content) -> float:
    """Return how wide the content is on one line, or the widest of its lines; in em."""
    return max(sum(_widths(piece)[0] for piece in line) for line in _lines(content))


def widest_piece(content: Content) -> float:
    """Return how wide the widest part of the content is that is not broken; in em."""
    return max((_widths(piece)[1] for piece in content), default=0.0)


def _widest_word(content: Content) -> float:
    """Return how wide the widest word or formula is; in em."""
    return max((_widths(piece)[0 if isinstance(piece, Math) else 1] for piece in content), default=0.0)


def _widths(piece: Inline) -> tuple[float, float]:
    """Return how wide a piece is, and the widest part of it that stays on one line."""
    if isinstance(piece, Break):
        return 0.0, 0.0
    if isinstance(piece, Blank):
        return BLANK_PLACE * piece.places, BLANK_PLACE * piece.places
    if isinstance(piece, Math):
        return formula_widths(mathml(without_slots(piece.latex), False))
    if isinstance(piece, Text | Code):
        return text_width(piece.text), max(map(text_width, piece.text.split()), default=0.0)
    return BOLD * width(piece.content), BOLD * widest_piece(piece.content)


def _small_column(column: tuple[Content, ...], most: float, room: Room) -> tuple[Content, ...]:
    """Return the column with its formulas in the size of scripts, on lines where that does not suffice."""
    small = tuple(map(_small, column))
    if room.need(small) <= most:
        return small
    inside = (most - room.gap) / room.wider / BOLD / SCRIPT
    return tuple(_small(_broken(cell, inside, smaller=False)) for cell in column)


def _broken_column(column: tuple[Content, ...], most: float, room: Room) -> tuple[Content, ...]:
    head, *cells = column
    inside = (most - room.gap) / room.wider
    return (_broken(head, inside / BOLD), *(_broken(cell, inside) for cell in cells))


def _broken(cell: Content, room: float, *, smaller: bool = True) -> Content:
    """Return the cell on lines that fit the room: numbers are cut between digits, long names are set ``smaller``."""
    if width(cell) <= room:
        return cell
    lines: list[list[Inline]] = [[]]
    for piece in cell:
        for atom in _atoms(piece):
            for part in _parts(atom, room, room - width(tuple(lines[-1])), smaller):
                if lines[-1] and width((*lines[-1], part)) > room:
                    lines.append([])
                lines[-1].append(part)
    return _joined([tuple(_merged(line)) for line in lines])


def _merged(line: Sequence[Inline]) -> Iterator[Inline]:
    """Yield the pieces of a line, formulas that touch as one: their signs take their space."""
    latex = ""
    for piece in line:
        if isinstance(piece, Math):
            latex += piece.latex
            continue
        if latex:
            yield Math(latex)
        latex = ""
        yield piece
    if latex:
        yield Math(latex)


def _atoms(piece: Inline) -> Iterator[Inline]:
    """Yield what a line may be broken between."""
    if isinstance(piece, Text):
        yield from (Text(word) for word in re.findall(r"\S+\s*|\s+", piece.text))
    elif isinstance(piece, Math):
        yield from map(Math, formula_atoms(piece.latex))
    elif isinstance(piece, Code | Break | Blank):
        yield piece
    else:
        yield from (replace(piece, content=(atom,)) for inner in piece.content for atom in _atoms(inner))


def formula_atoms(latex: str) -> list[str]:
    r"""Return what may stand on a line of its own: a thing with its scripts and the sign before it.

    >>> formula_atoms(r"\delta_{o1} \cdot x_{1}^{2} = -0.5")
    ['\\delta_{o1} ', '\\cdot x_{1}^{2} ', '= -0.5']
    """
    atoms: list[str] = []
    tokens, place, start = TOKEN.findall(latex), 0, 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token.isspace() or token in PREFIXES:
            continue
        if token == r"\slot":
            end = _end(tokens, _end(tokens, place))
            if without_slots("".join(tokens[place - 1 : end])) in ("", *PREFIXES):
                place = end
                continue
        place = _end(tokens, place - 1)
        for _ in range(ARGUMENTS.get(token, 0)):
            place = _end(tokens, place)
        while place < len(tokens) and (tokens[place].isspace() or tokens[place] in ("_", "^", "'", ")", ",")):
            place = _end(tokens, place + 1) if tokens[place] in ("_", "^") else place + 1
        atoms.append("".join(tokens[start:place]))
        start = place
    rest = "".join(tokens[start:])
    return [*atoms, rest] if rest else atoms


def _end(tokens: Sequence[str], place: int) -> int:
    """Return where the token or the group that begins at the place ends."""
    depth = 0
    while place < len(tokens):
        depth += (tokens[place] in OPENING) - (tokens[place] in CLOSING)
        opens_pair = tokens[place] in (r"\left", r"\right", r"\begin", r"\end")
        place += 1
        if depth <= 0 and not tokens[place - 1].isspace():
            # Behind \right stands its fence, behind \end the name of what ends.
            return _end(tokens, place) if opens_pair and place < len(tokens) else place
    return place


def _parts(atom: Inline, room: float, left: float, smaller: bool) -> list[Inline]:
    """Return the atom, or where it alone is wider than the room its parts, the first of which fits what is left."""
    if width((atom,)) <= room:
        return [atom]
    if isinstance(atom, Text):
        return [Text(part) for part in _cut(atom.text, room)]
    if not isinstance(atom, Math):
        return [atom]
    number = NUMBER.fullmatch(atom.latex)
    if number:
        return list(map(Math, _cut_number(number, room, left)))
    small = atom_in(SMALL, atom)
    word = max(WORD.finditer(atom.latex), key=lambda found: len(found["letters"]), default=None)
    if smaller and width((small,)) <= room:
        return [small]
    return list(map(Math, _cut_word(word, room))) if word else [atom_in(SMALLEST, atom)]


def atom_in(style: str, atom: Math) -> Math:
    """Return the formula in the style of scripts."""
    return Math(f"{{{style} {atom.latex}}}")


def _small(cell: Content) -> Content:
    return tuple(atom_in(SMALL, piece) if isinstance(piece, Math) else piece for piece in cell)


def _cut(text: str, room: float) -> list[str]:
    """Return the text in parts that fit the room."""
    parts = [""]
    for character in text:
        if parts[-1] and text_width(parts[-1] + character) > room:
            parts.append("")
        parts[-1] += character
    return parts


def _cut_word(word: re.Match[str], room: float) -> Iterator[str]:
    """Yield the name in parts that fit the room, at least a letter each; what is open before it is so in each."""
    before, after = word.string[: word.start()], word.string[word.end() :]
    opening, letters = word.groups()
    groups = _open_groups(before)
    again = "".join("{}_{" if group == "_" else "{" for group in groups) + ("{}" if opening == "_{" else "")
    while letters:
        count = len(letters)
        while count > 1 and width((Math(f"{before}{opening}{letters[:count]}}}{'}' * len(groups)}"),)) > room:
            count -= 1
        part, letters = letters[:count], letters[count:]
        yield f"{before}{opening}{part}}}{after if not letters else '}' * len(groups)}"
        before = again


def _open_groups(latex: str) -> list[str]:
    """Return the sign before each brace that is not closed.

    >>> _open_groups("{a}_{b} + {c_{d")
    [' ', '_']
    """
    found: list[str] = []
    for place, sign in enumerate(latex):
        if sign == "{":
            found.append(latex[place - 1 : place])
        elif sign == "}":
            found.pop()
    return found


def _cut_number(number: re.Match[str], room: float, left: float) -> Iterator[str]:
    before = number["before"]
    digits = DIGITS.findall(number["number"])
    sign = width((Math(before),)) + 1.0 if before.strip() else 0.0
    count = int((left - sign) / DIGIT)
    if count < LEAST_DIGITS:
        count = max(LEAST_DIGITS, int((room - sign) / DIGIT))
    size = max(LEAST_DIGITS, int(room / DIGIT) - 1)
    starts = range(count, len(digits), size)
    chunks = [before + "".join(digits[:count]), *("".join(digits[start : start + size]) for start in starts)]
    yield from chunks[:-1]
    yield chunks[-1] + number["after"]
