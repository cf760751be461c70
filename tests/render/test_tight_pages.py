"""Pages are full: how many there are, how much of each is white, and what stands last on it; read from the PDF.

PyMuPDF reads the file, and shares no code with what sets the pages. Printed with `pytest -s`: a line a ready network.
"""

import itertools
import random

import pymupdf
import pytest
from kept import ready_pdf

import derive
from derive.render.pdf import typeset
from derive.story.document import Display, Document, Paragraph, Text
from derive.story.page import MARGINS

MM = 72 / 25.4
READY = sorted(derive.ready_networks())
MOST_WHITE = 0.25
LEAST_BELOW = 30  # pt: what stands below the last heading of a page, more than two lines
LEAST_LAST = 0.15  # of the text's height: what the last page holds
LARGE = 10.9  # pt: only headings are larger than text
TEXT, BOLD = "Roman", "Bold"  # in the names of fonts


def lines_of(page):
    """Return each line within the margins: top, bottom, size of its letters, whether it is a heading, its words.

    A heading, or the head of a table, has no text that is not bold; formulas in it are.
    """
    top, low = MARGINS.top * MM - 2, page.rect.height - MARGINS.bottom * MM + 2
    found = []
    for block in page.get_text("dict")["blocks"]:
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if span["text"].strip()]
            _, y0, _, y1 = line["bbox"]
            if spans and top < y1 and y0 < low:
                faces = [span["font"] for span in spans if TEXT in span["font"]]
                is_heading = bool(faces) and all(BOLD in face for face in faces)
                found.append((y0, y1, spans[0]["size"], is_heading, "".join(span["text"] for span in spans)))
    return found


def widest_gap(page):
    """Return the largest share of the text's height in which nothing is printed from margin to margin."""
    top, low = MARGINS.top * MM, page.rect.height - MARGINS.bottom * MM
    inked = [(y0, y1) for y0, y1, *_ in lines_of(page)]
    inked += [(drawing["rect"].y0, drawing["rect"].y1) for drawing in page.get_drawings()]
    end, gap = top, 0.0
    for y0, y1 in sorted(inked):
        if y1 > top and y0 < low:
            gap = max(gap, y0 - end)
            end = max(end, y1)
    return max(gap, low - end) / (low - top)


def below_the_last_heading(page):
    """Return how much stands below the last heading of a page, in points; the page's height where it has none."""
    lines = lines_of(page)
    shapes = [drawing["rect"].y1 for drawing in page.get_drawings()]
    heads = [y1 for _, y1, size, is_heading, _ in lines if is_heading and size > LARGE]
    return max([*shapes, *(y1 for _, y1, *_ in lines)]) - max(heads) if heads else page.rect.height


def measured(content):
    """Return the pages: the widest gap of each, whether the appendix begins on the next one, its last line of text,
    and how much stands below its last heading; where the next page begins with a heading, all that belongs there.
    """
    with pymupdf.open(stream=content) as pdf:
        starts = [[words for _, _, size, _, words in lines_of(page) if size > LARGE] for page in pdf]
        appendix = [any(words.startswith("Appendix") for words in found) for found in starts]
        lasts = [max(lines_of(page), key=lambda line: line[1]) for page in pdf]
        firsts = [min(lines_of(page), key=lambda line: line[0]) for page in pdf]
        whole = [is_heading and size > LARGE for _, _, size, is_heading, _ in firsts]
        return [
            (widest_gap(page), following, last, page.rect.height if is_whole else below_the_last_heading(page))
            for page, following, last, is_whole in zip(
                pdf, [*appendix[1:], True], lasts, [*whole[1:], True], strict=True
            )
        ]


def hold(content, name, most_pages=None):
    pages = measured(content)
    print(f"{name:40} {len(pages):3} pages, white: {' '.join(f'{gap:4.0%}' for gap, *_ in pages)}")
    for number, (gap, ends, last, below) in enumerate(pages, start=1):
        assert ends or gap <= MOST_WHITE, f"page {number} of {name}: {gap:.0%} are white"
        *_, is_heading, words = last
        assert not is_heading, f"page {number} of {name} ends in the heading {words!r}"
        assert below >= LEAST_BELOW or number == len(pages), f"page {number} of {name} ends soon after a heading"
    assert len(pages) == 1 or 1 - pages[-1][0] >= LEAST_LAST, f"the last page of {name} is nearly empty"
    assert most_pages is None or len(pages) <= most_pages


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("detail", ["article", "brief"])
def test_no_page_of_a_ready_network_ends_early(name, detail):
    if detail == "article":
        content = ready_pdf(name).read_bytes()
    else:
        (content,) = derive.load(name).derive().handout(detail=detail).render("pdf").values()
    most = {"article": 9 if name == "article" else None, "brief": 4}[detail]
    hold(content, f"{name}, {detail}", most)


@pytest.mark.parametrize("seed", range(3))
def test_no_page_of_a_random_network_ends_early(seed):
    draw = random.Random(seed)
    sizes = [draw.randint(1, 6) for _ in range(draw.choice([2, 3, 4]))]

    def numbers(count):
        return [round(draw.uniform(-1, 1), 3) or 0.5 for _ in range(count)]

    layers = [
        derive.Layer([numbers(fan_in) for _ in range(size)], numbers(size), draw.choice(["tanh", "logistic", "relu"]))
        for fan_in, size in itertools.pairwise(sizes)
    ]
    samples = [derive.Sample(numbers(sizes[0]), numbers(sizes[-1])) for _ in range(draw.choice([1, 3]))]
    made = derive.Network(layers, samples, iterations=draw.choice([0, 20]))
    detail, form = draw.choice(["article", "full", "brief"]), draw.choice(["scalar", "both"])
    content = made.derive().handout(detail=detail, form=form).render("pdf")
    hold(next(iter(content.values())), f"{'-'.join(map(str, sizes))}, {detail}, {form}")


STRANDED = {
    "one neuron, its bias kept": derive.Network(
        [derive.Layer([[-0.49, -0.01]], -0.1, train_bias=False)], [derive.Sample([0.69, 0.53], [0.13])]
    ),
    "sequential": derive.Network(
        [
            derive.Layer([[-0.01, -0.1], [0.3, 0.58]], [-0.81, -0.94]),
            derive.Layer([[0.67, -0.13], [0.52, -1]], [-0.11, 0.44]),
        ],
        [derive.Sample([0.53, -0.49], [0.13, 0.85])],
        updates="sequential",
    ),
}


@pytest.mark.parametrize("name", STRANDED)
def test_nothing_is_stranded_at_the_end_of_a_page(name):
    hold(next(iter(STRANDED[name].derive().handout().render("pdf").values())), name)


def test_a_nearly_empty_last_page_is_spared():
    """What would need a few lines of another page is set a little tighter; what needs more is not."""

    def pages(count):
        line = Paragraph((Text("one line"),))
        with pymupdf.open(stream=typeset(Document("Title", (line,) * count), {})) as pdf:
            gaps = [b[1] - a[1] for a, b in itertools.pairwise(lines_of(pdf[0])[1:])]
            return len(pdf), round(min(gaps), 1)

    full = max(count for count in range(35, 45) if pages(count)[0] == 1)
    spacious, tight = pages(35)[1], pages(full)[1]
    assert tight < spacious
    assert pages(full + 8) == (2, spacious)


def test_the_first_formula_of_a_list_does_not_stand_alone_at_the_end_of_a_page():
    """However many lines stand before it, of which one at least leaves room for it alone."""
    line, intro = Paragraph((Text("one line"),)), Paragraph((Text("these are"),), introduces=True)
    rest = tuple(Display(f"x = {digit * 9}") for digit in "1234")
    firsts = set()
    for count in range(34, 40):
        blocks = (*(line,) * count, intro, *rest, *(line,) * 15)
        with pymupdf.open(stream=typeset(Document("Title", blocks), {})) as pdf:
            page = next(page for page in pdf if page.search_for("111111111"))
            assert page.search_for("222222222")
            firsts.add(sum(1 for digit in "1234" if page.search_for(digit * 9)))
    assert len(firsts) > 1


def test_headings_are_found():
    with pymupdf.open(ready_pdf("single_neuron")) as pdf:
        headings = [words for page in pdf for *_, is_heading, words in lines_of(page) if is_heading]
    assert {"The network", "The forward pass", "Output layer", "The update"} <= set(headings)
    assert not any(len(words) > 60 for words in headings)


def test_white_is_found():
    """The measure itself: on a page with a line at its top and one at its bottom, nearly all is white."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=595, height=842)
        page.insert_text((100, MARGINS.top * MM + 20), "top")
        page.insert_text((100, 842 - MARGINS.bottom * MM - 5), "bottom")
        assert widest_gap(page) > 0.9
