"""Columns of numbers in the finished pages: the decimal marks stand below each other, a page has no cut number."""

import itertools
import random
import re
import shutil
import subprocess
from collections import Counter

import pymupdf
import pytest

import derive
from derive.render.columns import with_aligned_decimals
from derive.story.document import Break, Math, Table, Text


def table(*cells, align="left"):
    return Table(((Text("a"),),), tuple((cell,) for cell in cells), (align,))


def in_digits(latex):
    """A measure for what stands behind a number."""
    return 0.5 + 0.3 * latex.count("dagger")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["0.5", "0.25", "-1"], [r"0.5\hspace{0.500em}", "0.25", r"-1\hspace{1.278em}"]),
        ([r"\approx 0.123", "= 2"], [r"\approx 0.123", r"= 2\hspace{1.778em}"]),
        (["0{,}5", "0{,}25"], [r"0{,}5\hspace{0.500em}", "0{,}25"]),
        (["0.5", r"0.5^{\dagger}"], [r"0.5\hspace{0.300em}", r"0.5^{\dagger}"]),
        (["0.5", "0.5"], ["0.5", "0.5"]),
    ],
)
def test_a_number_is_followed_by_the_room_of_the_decimals_that_it_lacks(written, expected):
    found = with_aligned_decimals(table(*((Math(latex),) for latex in written)), in_digits)
    assert [row[0][0].latex for row in found.rows] == expected
    assert found.align == ("right",)


@pytest.mark.parametrize(
    "cell",
    [(Math("w_{1}"),), (Math("0.5"), Text(" (floating point)")), (Math("0.5"), Break(), Math("0.25"))],
    ids=["a name", "a number and words", "two lines"],
)
def test_any_other_column_stays_as_it_is(cell):
    made = table((Math("0.5"),), cell)
    assert with_aligned_decimals(made, in_digits) == made


def test_words_and_dots_stand_among_numbers():
    made = table((Math("0.25"),), (Text("not trained"),), (Math(r"\vdots"),), ())
    assert with_aligned_decimals(made, in_digits).rows == made.rows


def marks(path, words):
    """The place of the decimal mark of each number of nine decimals that ends a row of the table behind the words."""
    with pymupdf.open(path) as pdf:
        for page in pdf:
            chars = [
                (round(char["origin"][1]), char["origin"][0], char["c"])
                for block in page.get_text("rawdict")["blocks"]
                for line in block.get("lines", ())
                for span in line["spans"]
                for char in span["chars"]
            ]
            head = [y for y, text in rows_of(chars).items() if words in text]
            if head:
                return [
                    max(x for row, x, char in chars if row == y and char == ".")
                    for y, text in sorted(rows_of(chars).items())
                    if head[0] < y < head[0] + 140 and re.search(r"\d\.\d+$", text)
                ]
    raise AssertionError(words)


def rows_of(chars):
    found = {}
    for y, x, char in sorted(chars):
        found.setdefault(y, []).append((x, char))
    return {y: "".join(char for _, char in row).replace(" ", "").strip() for y, row in found.items()}


def test_decimal_marks_stand_below_each_other_in_the_pdf(tmp_path):
    layers = [derive.Layer([[0.5, -0.25], [12.5, 1]], [0, 0.125], "identity")]
    made = derive.Network(layers, [derive.Sample([1, 2], [1, 0.5])], learning_rate=0.1)
    (path,) = made.derive().handout(digits=5).write(tmp_path, ["pdf"])
    found = marks(path, "beforeafter")
    assert len(found) >= 5
    assert max(found) - min(found) < 0.3


def wide_network():
    draw = random.Random(5)

    def numbers(count):
        return [round(draw.uniform(-1, 1), 9) for _ in range(count)]

    layers = [
        derive.Layer([numbers(a) for _ in range(b)], numbers(b), "tanh") for a, b in itertools.pairwise((9, 8, 7))
    ]
    samples = [derive.Sample(numbers(9), numbers(7)) for _ in range(5)]
    return derive.Network(layers, samples, optimizer=derive.Optimizer("adam"), iterations=2)


def sizes(pdf):
    for page in pdf:
        for block in page.get_text("dict")["blocks"]:
            for line in block.get("lines", ()):
                yield from (round(span["size"], 1) for span in line["spans"])


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed here; CI has it")
@pytest.mark.parametrize("notes", [False, True])
def test_a_printed_page_has_every_number_whole(notes, tmp_path):
    """A browser prints the page of a wide network: what leaves the paper or is cut at the edge of a box is missing."""
    handout = wide_network().derive().handout(notes_margin=notes)
    (page,) = handout.write(tmp_path, ["html"])
    printed = tmp_path / "printed.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={printed}"]
    subprocess.run(["chromium", *options, page.as_uri()], check=True, capture_output=True, timeout=300)
    with pymupdf.open(printed) as pdf:
        # A browser makes a page smaller on which something is too wide.
        assert Counter(sizes(pdf)).most_common(1)[0][0] >= 9.8
        words = " ".join(page.get_text(clip=page.rect) for page in pdf)
        for page in pdf:
            assert [w[4] for w in page.get_text("words") if w[2] > page.rect.width - 20 or w[0] < 20] == []
    shown = set(re.findall(r"\d+\.\d+", words))
    expected = set(re.findall(r"(?<![\d.])\d+\.\d{9}(?!\d)", handout.markdown))
    assert len(expected) > 300
    assert expected - shown == set()
