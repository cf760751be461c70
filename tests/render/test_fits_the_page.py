"""Nothing leaves the page: tables, names, numbers and titles of any width, measured in the finished PDF."""

import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_boxes import outside, overprinted
from tex_engines import compiled

import derive
from derive.render.fit import Room, columns_of, fitted, formula_atoms, width
from derive.story.document import Break, Display, Math, Table, Text, plain
from derive.story.page import LATEX_MARGINS, LATEX_MARGINS_WITH_NOTES, MARGINS, MARGINS_WITH_NOTES

HANGING = 3.0  # points: LaTeX hangs a sign at the end of a line a little out of it (microtype)
WIDE = "W" * 24


def network(sizes, *, samples=1, seed=1, name=None, decimals=9, **rest):
    """A network with random numbers; ``name`` makes the name of each neuron of its place."""
    draw = random.Random(seed)

    def numbers(count):
        return [round(draw.uniform(-1, 1), decimals) or 0.5 for _ in range(count)]

    places = itertools.count()
    layers = [
        derive.Layer(
            [numbers(before) for _ in range(size)],
            numbers(size),
            draw.choice(["tanh", "logistic"]),
            neurons=[name(next(places)) for _ in range(size)] if name else None,
        )
        for before, size in itertools.pairwise(sizes)
    ]
    found = [derive.Sample(numbers(sizes[0]), numbers(sizes[-1])) for _ in range(samples)]
    return derive.Network(layers, found, **rest)


CASES = {
    "many targets, three samples": (
        network((3, 1, 4), samples=3, iterations=5, optimizer=derive.Optimizer("adam")),
        {},
    ),
    "eight by eight": (network((8, 8)), {"form": "both"}),
    "many samples beside notes": (network((5, 1), samples=14), {"notes_margin": True}),
    "wide names": (network((2, 2, 2), name=lambda n: f"{WIDE}{n}"), {"paper": "letter"}),
    "wide names beside notes": (
        network((1, 2), samples=2, name=lambda n: f"W{n}{WIDE}", iterations=3),
        {"notes_margin": True, "form": "both"},
    ),
    "long digits": (network((2, 2), samples=2), {"digits": 40, "notes_margin": True}),
    "a long title": (
        network((1, 1), title="W" * 150),
        {"author": "M" * 200, "course": "Supercalifragilistic" * 9, "date": "i" * 200},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_leaves_the_page(name, tmp_path):
    made, options = CASES[name]
    pdf, tex = made.derive().handout(**options).write(tmp_path, ["pdf", "tex"])
    notes = options.get("notes_margin", False)
    assert outside(pdf, MARGINS_WITH_NOTES if notes else MARGINS) == []
    assert overprinted(pdf) == []
    said = compiled("pdflatex", tex)
    assert "Overfull \\hbox" not in said
    assert outside(pdf, LATEX_MARGINS_WITH_NOTES if notes else LATEX_MARGINS, HANGING) == []


@pytest.mark.parametrize("seed", range(6))
def test_nothing_of_a_random_network_leaves_the_page(seed, tmp_path):
    draw = random.Random(seed)
    names = {"short": None, "wide": lambda n: f"{'W' * draw.randint(8, 24)}_{n}", "long": lambda n: f"temperature_{n}"}
    made = network(
        [draw.randint(1, 9) for _ in range(draw.choice([2, 2, 3]))],
        samples=draw.choice([1, 2, 3, 20]),
        seed=seed,
        name=names[draw.choice([*names])],
        decimals=draw.choice([1, 5, 9, 16]),
    )
    notes, digits = draw.random() < 0.5, draw.choice([1, 5, 9, 12, 20, 30])
    options = {"form": draw.choice(["scalar", "matrix"]), "paper": draw.choice(["a4", "letter"])}
    (pdf,) = made.derive().handout(digits=digits, notes_margin=notes, **options).write(tmp_path, ["pdf"])
    assert outside(pdf, MARGINS_WITH_NOTES if notes else MARGINS) == []
    assert overprinted(pdf) == []


def test_what_is_outside_is_found(tmp_path):
    """The measure itself: with margins that are wider than the page's, most words lie outside."""
    (pdf,) = network((1, 1)).derive().handout().write(tmp_path, ["pdf"])
    assert len(outside(pdf, MARGINS._replace(left=60, right=60))) > 100


CELLS = st.one_of(
    st.integers(1, 400).map(lambda n: (Math("= -0." + "123456789" * (n // 9) + "1"),)),
    st.integers(1, 30).map(lambda n: (Math(rf"\mathrm{{net}}_{{{'W' * n}}}"),)),
    st.lists(st.sampled_from(["sum", "not trained", "weights", "W" * 40]), max_size=6).map(
        lambda w: (Text(" ".join(w)),)
    ),
    st.integers(1, 9).map(lambda n: (Math(r" \cdot ".join([rf"\delta_{{h{n}}}"] * n)),)),
)


@st.composite
def tables(draw):
    columns, rows = draw(st.integers(2, 9)), draw(st.integers(1, 4))
    cells = [tuple(draw(CELLS) for _ in range(columns)) for _ in range(rows + 1)]
    # Each row has a name of its own.
    named = [((Text(f"row {number}"),), *row[1:]) for number, row in enumerate(cells)]
    return Table(named[0], tuple(named[1:]), ("left",) * columns)


ROOM = Room(width=40.0, gap=1.5, kept=30)


def letters(content):
    """What is printed, whatever the lines it stands on."""
    return "".join(plain(tuple(piece for piece in content if not isinstance(piece, Break))).split()).replace(
        "scriptstyle", ""
    )


@settings(max_examples=60, deadline=None)
@given(tables())
def test_tables_are_parted_and_lose_nothing(table):
    parts = fitted([table], ROOM)
    for part in parts:
        assert sum(map(ROOM.need, columns_of(part))) <= ROOM.width
    if parts == (table,):
        return
    shown = [column for part in parts for column in columns_of(part)[1:]]
    assert len(shown) == len(table.head) - 1
    for column, found in zip(columns_of(table)[1:], shown, strict=True):
        assert "".join(map(letters, column)) == "".join(map(letters, found))
    for part in parts:
        names = [letters(row[0]) for row in part.rows if letters(row[0])]
        assert names == [letters(row[0]) for row in table.rows]


def test_a_table_that_fits_stays_as_it_is():
    table = Table(((Text("a"),), (Text("b"),)), (((Math("x"),), (Math("0.5"),)),), ("left", "right"))
    assert fitted([table], ROOM) == (table,)


def test_columns_that_tell_the_rows_apart_are_repeated():
    cells = [["1", "o1"], ["", "o2"], ["2", "o1"], ["", "o2"]]
    rows = tuple(tuple((Text(text),) for text in [*row, "0" * 45, "1" * 45]) for row in cells)
    table = Table(tuple((Text(text),) for text in ("sample", "output", "out", "target")), rows, ("left",) * 4)
    parts = fitted([table], ROOM)
    assert [[plain(cell) for cell in part.head] for part in parts] == [
        ["sample", "output", "out"],
        ["sample", "output", "target"],
    ]


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{\partial E}{\partial w_{1}} = \left(a + b\right)^{2} \cdot x",
        "0{,}5",
        r"-0.25^{\dagger}",
        "",
        r"{x}_{1}",
    ],
)
def test_parts_of_a_formula_are_all_of_it(latex):
    assert "".join(formula_atoms(latex)) == latex
    assert all(width((Math(part),)) >= 0 for part in formula_atoms(latex))


def test_lists_of_equations_in_several_displays_are_aligned_as_one():
    """Measured where the browser's formula is set: the widest left side of each has the same width."""
    names = [["w_{1}^{+}", "w_{2}^{+}"], ["b_{o1}^{+}", "w_{10}^{+}"], ["w_{100}^{+}", "b^{+}"]]
    rows = [r" \\ ".join(f"{name} &= 1" for name in group) for group in names]
    lists = [Display(rf"\begin{{aligned}} {row} \end{{aligned}}") for row in rows]
    derivation = Display(r"\begin{aligned} \mathrm{net}_{h1} &= 1 + 1 \\ &= 2 \end{aligned}")
    *found, last = fitted((*lists, derivation), ROOM)
    assert last == derivation
    lefts = [
        max(width((Math(row.partition("&")[0]),)) for row in display.latex.partition("} ")[2].split(r" \\ "))
        for display in found
    ]
    assert lefts == pytest.approx([max(lefts)] * 3, abs=0.03)
    assert [re.sub(r"\\hspace{.*?}", "", display.latex) for display in found] == [each.latex for each in lists]
    assert fitted((lists[0], derivation, lists[1]), ROOM) == (lists[0], derivation, lists[1])


def table(rows, columns):
    """Numbers of one width in so many rows and columns, and a column that names the rows."""
    heads = ((Text(name),) for name in ("row", *(f"c{number}" for number in columns)))
    cells = (((Text(row),), *((Math(f"0.{number:09d}"),) for number in columns)) for row in rows)
    return Table(tuple(heads), tuple(cells), ("left",) * (len(columns) + 1))


def test_a_wide_table_in_parts_is_parted_anew_by_the_room():
    """Parts of four of which three fit would be halved: 2, 2, 2, 2, 2, 2."""
    parts = tuple(table("ab", range(start, start + 4)) for start in (0, 4, 8))
    found = fitted(parts, Room(25.0, 1.0, 30))
    assert [len(part.head) - 1 for part in found] == [3, 3, 3, 3]
    assert [cell for part in found for cell in part.head[1:]] == [cell for part in parts for cell in part.head[1:]]
    for row in range(2):
        assert [cell for part in found for cell in part.rows[row][1:]] == [c for p in parts for c in p.rows[row][1:]]


def test_tables_with_other_rows_or_text_between_stay_apart():
    one, other, text = table("ab", range(2)), table("ac", range(2)), Display("x")
    for blocks in ((one, other), (one, text, one), (one,), (text, one)):
        assert fitted(blocks, Room(60.0, 1.0, 30)) == blocks


def test_where_heads_are_broken_a_column_is_as_wide_as_its_numbers():
    cells = ((Text("derivative of the error"),), (Math("0.123456789"),))
    wide, narrow = (Room(20.0, 1.0, 1000, breaks_heads=is_broken).need(cells) for is_broken in (False, True))
    assert narrow == 1 + width(cells[1])
    assert wide > 1.5 * narrow
