"""The page: paper, room for notes, and the lines under the title, in every format; nothing runs into the margin."""

import json
import re
import subprocess

import pikepdf
import pytest
from hostile import HOSTILE
from tex_engines import compiled

import derive
from derive.story.document import Break, Text
from derive.story.markdown import escape_line
from derive.story.parse import parse

MM = 72 / 25.4
SIZES = {"a4": (595.28, 841.89), "letter": (612, 792)}
HANGING = 3.0  # points
READY = sorted(derive.ready_networks())
LINES = {"author": 'M. "Skłodowska" & Curie', "course": HOSTILE, "date": "3. März 2025"}
# What would begin a list, a heading, a rule, a quote, a fence or a display.
BEGINNINGS = ["1. one", "12) two", "- a", "+ b", "* c", "# d", "> e", "---", "===", "***", "```", "~~~", "$$", "| f |"]


@pytest.fixture(scope="module")
def small():
    """The derivation of a network of one neuron."""
    return derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])]).derive()


@pytest.fixture(scope="module")
def named(small, tmp_path_factory):
    """A handout with all three lines, in every format: the folder."""
    folder = tmp_path_factory.mktemp("named")
    small.handout(**LINES, paper="letter", notes_margin=True).write(folder)
    return folder


def text_of(path):
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(text.split())


def words_of(path):
    """Yield each word of the PDF with where it begins and ends, in points from the left."""
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    for left, right, word in re.findall(r'<word xMin="([-\d.]+)".*xMax="([-\d.]+)".*>(.*)</word>', boxes):
        yield float(left), float(right), word


def outside(path, left, right, allowed=1.0):
    """The words that lie outside; ``right`` is the edge on an upright page, one on its side is wider."""
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    found = []
    for page in boxes.split("<page ")[1:]:
        width, height = (float(re.search(rf'{side}="([\d.]+)"', page)[1]) for side in ("width", "height"))
        edge = right + max(width - height, 0)
        words = re.findall(r'<word xMin="([-\d.]+)".*xMax="([-\d.]+)".*>(.*)</word>', page)
        found += [word for word in words if float(word[0]) < left - allowed or float(word[1]) > edge + allowed]
    return found


@pytest.mark.parametrize("paper", SIZES)
@pytest.mark.parametrize("notes", [False, True])
def test_the_pdf_has_the_paper_and_the_margins(small, tmp_path, paper, notes):
    (path,) = small.handout(paper=paper, notes_margin=notes).write(tmp_path, ["pdf"])
    with pikepdf.open(path) as opened:
        boxes = {tuple(round(float(edge)) for edge in page.mediabox) for page in opened.pages}
    width, height = SIZES[paper]
    assert boxes == {(0, 0, round(width), round(height))}
    left, right = (20, 60) if notes else (24, 24)
    words = list(words_of(path))
    assert min(start for start, _, _ in words) == pytest.approx(left * MM, abs=2)
    # Text is set ragged: some line comes near the right edge, and none goes over it.
    assert width - right * MM - 40 < max(end for _, end, _ in words) < width - right * MM + 1


@pytest.mark.parametrize("paper", SIZES)
@pytest.mark.parametrize("name", READY)
def test_nothing_runs_into_the_margin_for_notes(name, paper, tmp_path):
    handout = derive.load(name).derive().handout(paper=paper, notes_margin=True, form="both", language="en")
    pdf, tex = handout.write(tmp_path, ["pdf", "tex"], name=name)
    right = SIZES[paper][0] - 60 * MM
    assert outside(pdf, 20 * MM, right) == []
    if paper == "a4":  # the narrower one
        assert "Overfull" not in compiled("pdflatex", tex)
        # LaTeX hangs a sign at the end of a line a little out of it (microtype).
        assert outside(tex.with_suffix(".pdf"), 20 * MM, right, HANGING) == []


@pytest.mark.parametrize("digits", [10, 12, 15])
def test_more_digits_do_not_run_into_the_margin(article, digits, tmp_path):
    pdf, tex = article.handout(notes_margin=True, digits=digits, detail="full").write(tmp_path, ["pdf", "tex"])
    assert outside(pdf, 20 * MM, SIZES["a4"][0] - 60 * MM) == []
    assert "Overfull" not in compiled("pdflatex", tex)


def test_figures_stay_beside_the_margin_for_notes(article, tmp_path):
    """Nothing at all is drawn there: the strip is white on every page."""
    (path,) = article.handout(notes_margin=True).write(tmp_path, ["pdf"])
    subprocess.run(["pdftoppm", "-r", "36", "-gray", path, tmp_path / "page"], check=True)
    pages = sorted(tmp_path.glob("page*.pgm"))
    assert len(pages) > 5
    for page in pages:
        header, size, _, pixels = page.read_bytes().split(b"\n", 3)
        width = int(size.split()[0])
        first = round(width * (210 - 58) / 210)
        rows = [pixels[start : start + width] for start in range(0, len(pixels), width)]
        assert header == b"P5"
        assert {shade for row in rows for shade in row[first:]} == {255}
        assert any(shade < 128 for row in rows for shade in row[:first])


def test_the_lines_stand_under_the_title_in_the_markdown(named):
    title, _, rest = (named / "handout.md").read_text(encoding="utf-8").partition("\n\n")
    assert title == "# A neural network"
    assert rest.startswith('<a id="byline"></a>\n\nM. "Skłodowska" \\& Curie\\\n')
    assert "\n3\\. März 2025\n\n" in rest


def test_the_lines_stand_under_the_title_of_the_page(named):
    page = (named / "handout.html").read_text(encoding="utf-8")
    lines = re.search(r'</h1>\s*<p class="byline">(.*)</p>\s*</header>', page)[1].split("<br/>")
    assert lines[0] == "M. &quot;Skłodowska&quot; &amp; Curie"
    assert lines[1].startswith("&lt;script&gt;alert(1)&lt;/script&gt;")
    assert lines[2:] == ["3. März 2025"]
    assert '<meta name="author" content="M. &#34;Skłodowska&#34; &amp; Curie"/>' in page
    assert "@page { size: 215.9mm 279.4mm; margin: 20mm 60mm 20mm 20mm; }" in page
    assert "<script" not in page


def test_the_lines_stand_under_the_title_of_the_pdf(named):
    text = text_of(named / "handout.pdf")
    assert text.startswith('A neural network M. "Skłodowska" & Curie <script>alert(1)</script>')
    assert "3. März 2025" in text
    assert "root:" not in text
    with pikepdf.open(named / "handout.pdf") as opened:
        assert str(opened.docinfo["/Author"]) == LINES["author"]


def test_the_lines_stand_under_the_title_of_the_latex(named):
    assert "Overfull" not in compiled("pdflatex", named / "handout.tex")
    path = (named / "handout.tex").rename(named / "latex.tex")
    compiled("pdflatex", path)
    text = text_of(path.with_suffix(".pdf"))
    assert text.startswith('A neural network M. "Skłodowska" & Curie <script>alert(1)</script>')
    assert "3. März 2025" in text
    with pikepdf.open(path.with_suffix(".pdf")) as opened:
        assert str(opened.docinfo["/Author"]).endswith("Curie")
        assert [round(float(edge)) for edge in opened.pages[0].mediabox] == [0, 0, 612, 792]


def test_the_lines_are_in_the_data(named, small):
    data = json.loads((named / "handout.json").read_text(encoding="utf-8"))
    assert {name: data[name] for name in LINES} == LINES
    plain = json.loads(small.handout().render("json")["handout.json"])
    assert plain.keys().isdisjoint(LINES)


def test_without_lines_there_is_no_place_for_them(small):
    handout = small.handout(author="  ")
    assert "byline" not in handout.markdown
    assert '<p class="byline"' not in handout.render("html")["handout.html"].decode()
    assert "pdfauthor" not in handout.render("tex")["handout.tex"].decode()


@pytest.mark.parametrize("text", [*BEGINNINGS, HOSTILE, "¼ ½", "a\\", "&nbsp;", "[x]: y", "<a id='q'></a>"])
def test_text_stays_text_where_a_line_begins(text):
    document = parse(f'# T\n\n<a id="byline"></a>\n\n{escape_line(text)}\\\n{escape_line(text)}\n\nAfter.\n')
    assert [block for block in document.blocks if block.content != (Text("After."),)] == []
    lines = ["".join(piece.text if isinstance(piece, Text) else "\n" for piece in document.byline)]
    assert lines == [f"{text}\n{text}"]
    assert sum(isinstance(piece, Break) for piece in document.byline) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"paper": "a5"}, "paper: found 'a5'; expected one of a4, letter."),
        ({"paper": 4}, "paper: found 4; expected"),
        ({"notes_margin": "yes"}, "notes_margin: found 'yes'; expected true or false."),
        ({"author": "a\nb"}, "author: found 'a\\nb'; expected one line of at most 200 printable characters."),
        ({"course": "x" * 201}, "course: found"),
        ({"date": 2025}, "date: found 2025; expected one line"),
        ({"date": "\x1b[31m"}, "date: found '\\x1b[31m'; expected one line"),
    ],
)
def test_wrong_options_are_one_sentence(small, options, words):
    with pytest.raises(derive.InputError) as caught:
        small.handout(**options)
    assert str(caught.value).startswith(words)
