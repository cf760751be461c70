"""What a PDF says to those who listen: everything is tagged or an artifact, and the tags make sense."""

import itertools
from collections import Counter

import outloud
import pdfua
import pikepdf
import pytest
from hostile import hostile_derivation

import derive
from derive.story.page import MARGINS, POINTS

SHOWING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "Do", "INLINE IMAGE"}
GROUPS = {"/THead", "/TBody", "/TFoot"}
# What stands in what: ISO 32000-1, 14.8.4.
PARENTS = {
    "/TR": {"/Table", *GROUPS},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/THead": {"/Table"},
    "/TBody": {"/Table"},
    "/TFoot": {"/Table"},
    "/LI": {"/L"},
    "/LBody": {"/LI"},
    "/Lbl": {"/LI", "/LBody"},
}
CHILDREN = {
    "/Table": {"/TR", "/Caption", *GROUPS},
    "/TR": {"/TH", "/TD"},
    "/L": {"/LI", "/L", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
}
HANDOUTS = {
    "article": lambda: derive.load("article").derive().handout(detail="full", form="both"),
    "softmax": lambda: derive.load("softmax_classifier").derive().handout(language="es", rounding="by-hand"),
    "hidden": lambda: derive.load("two_hidden_layers").derive().handout(language="pt-BR"),
    "hostile": lambda: hostile_derivation().handout(),
    "notes": lambda: derive.load("single_neuron").derive().handout(notes_margin=True, author='"A" & <B>'),
}
# What outloud takes for a fault and is none: a table of two columns has more heads than cells, sizes of one letter
# are several glyphs of it, names of neurons are no words of a dictionary, and the marks of a list are painted
# after its items, while the tags, which are what is read, have them before.
NO_FAULTS = ["TBL-010", "TXT-004", "FIG-012", "ORD-001"]


@pytest.fixture(scope="module", params=HANDOUTS)
def path(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pdf")
    return HANDOUTS[request.param]().write(folder, ["pdf"], name="handout", pdf_variant="pdf/ua-1")[0]


@pytest.fixture(scope="module")
def pdf(path):
    with pikepdf.open(path) as opened:
        yield opened


def below(parent):
    """Each element below one with its parent, in reading order."""
    kids = parent.get("/K", pikepdf.Array())
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid, parent
            yield from below(kid)


def elements(pdf):
    return list(below(pdf.Root.StructTreeRoot))


def contents(pdf):
    """For each page, what each shown thing stands in: marks from the outermost to the innermost."""
    for page in pdf.pages:
        marks, found = [], []
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("BDC", "BMC"):
                properties = operands[1] if len(operands) > 1 else {}
                marks.append((str(operands[0]), properties))
            elif str(operator) == "EMC":
                marks.pop()
            elif str(operator) in SHOWING:
                found.append(list(marks))
        assert not marks
        yield page, found


def numbers(kids):
    return [int(kid) for kid in kids if isinstance(kid, int)] if isinstance(kids, pikepdf.Array) else [int(kids)]


def test_all_that_is_shown_is_either_content_or_an_artifact(pdf):
    for _, found in contents(pdf):
        for marks in found:
            tagged = ["/MCID" in properties for _, properties in marks]
            artifacts = [name == "/Artifact" for name, _ in marks]
            assert sum(tagged) + any(artifacts) == 1, marks


def test_each_content_hangs_on_the_tree_once(pdf):
    owners = Counter()
    for element, _ in elements(pdf):
        kids = element.get("/K", pikepdf.Array())
        for number in numbers(kids):
            owners[element.Pg.objgen, number] += 1
    shown = Counter()
    for page, found in contents(pdf):
        marked = {int(p["/MCID"]) for marks in found for _, p in marks if "/MCID" in p}
        shown.update((page.objgen, number) for number in marked)
    assert set(owners.values()) == {1}
    assert set(shown) <= set(owners)


def test_a_page_finds_the_element_of_each_content(pdf):
    reached = {element.objgen: element for element, _ in elements(pdf)}
    entries = pdf.Root.StructTreeRoot.ParentTree.Nums
    tree = {int(entries[i]): entries[i + 1] for i in range(0, len(entries), 2)}
    for page in pdf.pages:
        for number, element in enumerate(tree[int(page.StructParents)]):
            if element is not None:
                assert number in numbers(reached[element.objgen].K)
    orphans = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem"]
    assert {o.objgen for o in orphans} <= set(reached)


def test_page_numbers_and_running_heads_are_artifacts(pdf):
    for page, found in contents(pdf):
        in_margins = [marks for marks in found for _, p in marks if p.get("/Type") == "/Pagination"]
        # The first page has its number alone, any other the section above it too, if it has begun.
        assert len(in_margins) >= 1, page.index


def test_elements_stand_where_they_may(pdf):
    for element, parent in elements(pdf):
        kind, above = str(element.S), str(parent.get("/S", "/StructTreeRoot"))
        assert above in PARENTS.get(kind, {above}), (kind, above)
        assert kind in CHILDREN.get(above, {kind}), (kind, above)
        assert element.P.objgen == parent.objgen


def test_headings_are_in_order(pdf):
    levels = [int(str(e.S)[2:]) for e, _ in elements(pdf) if str(e.S)[:2] == "/H" and str(e.S)[2:].isdigit()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_formulas_and_figures_have_words(pdf):
    spoken = [str(e.get("/Alt", "")) for e, _ in elements(pdf) if str(e.S) in ("/Formula", "/Figure")]
    assert len(spoken) > 20
    assert all(words.strip() for words in spoken)
    assert not any("\\" in words or "\u2063" in words for words in spoken)


def test_it_has_a_language_and_shows_its_title(pdf):
    assert str(pdf.Root.Lang) in ("en", "es", "pt-BR")
    assert str(pdf.docinfo["/Title"]).strip()
    assert pdf.Root.ViewerPreferences.DisplayDocTitle


def test_heads_of_tables_say_what_they_head(pdf):
    found = elements(pdf)
    names = {str(e.ID) for e, _ in found if "/ID" in e}
    listed = pdf.Root.StructTreeRoot.IDTree.Names
    assert {str(name) for name in list(listed)[::2]} == names
    assert [bytes(name) for name in list(listed)[::2]] == sorted(bytes(name) for name in list(listed)[::2])
    for element, row in found:
        if element.S == "/TH":
            assert element.A.Scope == ("/Column" if row.P.S == "/THead" else "/Row")
            assert "/ID" in element
        if element.S == "/TD" and "/Headers" in element.A:
            assert {str(name) for name in element.A.Headers} <= names
    rows = [e for e, parent in found if e.S == "/TR" and parent.S == "/TBody"]
    assert rows
    for row in rows:
        head, *cells = row.K
        # A row that only goes on with the one above it has no head of its own.
        has_words = any(numbers(element.K) for element, _ in below(head))
        assert (head.S == "/TH") == has_words
        assert {str(cell.S) for cell in cells} == {"/TD"}


def test_links_are_printed_and_described(pdf):
    links = [link for page in pdf.pages for link in page.get("/Annots", ())]
    assert links
    for link in links:
        assert int(link.F) & 4
        assert str(link.Contents).strip()


def test_outloud_hears_no_fault(path, pdf):
    found = outloud.check(str(path), skip=NO_FAULTS)
    assert not found.error
    low, high = MARGINS.bottom * POINTS, float(pdf.pages[0].MediaBox[3]) - MARGINS.top * POINTS

    def is_of_the_text(finding):
        """Whether what it takes for page numbers are numbers of the text: those of pages stand in the margins."""
        boxes = finding.boxes or [{"y0": 0, "y1": 0}]
        return finding.rule == "PAG-001" and all(low < (box["y0"] + box["y1"]) / 2 < high for box in boxes)

    assert [(f.rule, f.message) for f in found.findings if not is_of_the_text(f)] == []


def test_pdfua_sees_no_fault(path):
    found = pdfua.validate(path)
    assert [(f.rule_id, f.message) for f in found.findings] == []
