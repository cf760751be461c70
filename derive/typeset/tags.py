"""The tags of a PDF, finished where WeasyPrint leaves them unfinished.

A formula is a `Formula` with spoken words, and in PDF 2.0 has its MathML attached. WeasyPrint tags every image
`Figure`: the alt text of a formula therefore goes in marked, so that it can be told from that of a picture, and the
mark is taken out again when the PDF is finished. Running heads and page numbers are artifacts, heads of tables say what
they are the head of, and links are printed. What WeasyPrint's objects look like is not promised: see `embedding.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.typeset.mathml import Node, write

# An invisible separator, around the formula's number.
MARK = "\u2063"
POINTS_A_PIXEL = 0.75
PRINTED = 4  # the flag of an annotation


def marked(words: str, number: int) -> str:
    """Alt text that says which formula it belongs to."""
    return f"{MARK}{number}{MARK}{words}"


def finish_tags(pdf: Any, formulas: Sequence[tuple[Node, ...]]) -> None:
    """All that is done to the tags of a finished file; `formulas` are their elements by number."""
    tag_formulas(pdf, formulas)
    place_boxes(pdf)
    mark_artifacts(pdf)
    head_tables(pdf)
    give_bodies(pdf)
    print_links(pdf)


def tag_formulas(pdf: Any, formulas: Sequence[tuple[Node, ...]]) -> None:
    """Turn the figures with marked alt text into formulas; `formulas` are their elements by number."""
    attachments = Attachments(pdf, formulas) if _is_version_2(pdf) else None
    for item in list(pdf.objects):
        if isinstance(item, dict) and item.get("S") == "/Figure" and "Alt" in item:
            empty, number, words = (*item["Alt"].string.split(MARK, 2), "", "")[:3]
            if not empty and number.isdecimal():
                item["S"] = "/Formula"
                item["Alt"] = type(item["Alt"])(words)
                if attachments:
                    item["AF"] = attachments.reference(int(number))


def place_boxes(pdf: Any) -> None:
    """Write where each figure and formula lies in the units of a PDF.

    WeasyPrint writes pixels of CSS from the upper left corner of the page; a `BBox` has points from the lower left.
    """
    sides = {page.reference: [float(side) for side in page["MediaBox"]] for page in _having(pdf, "Type", "/Page")}
    for item in (each for kind in ("/Figure", "/Formula", "/Form") for each in _having(pdf, "S", kind)):
        if "BBox" in item.get("A", ()):
            left, bottom, right, top = sides[item["Pg"]]
            x1, above, x2, below = (POINTS_A_PIXEL * float(side) for side in item["A"]["BBox"])
            y1, y2 = top - below, top - above
            item["A"]["BBox"][:] = [max(x1, left), max(y1, bottom), min(x2, right), min(y2, top)]


def mark_artifacts(pdf: Any) -> None:
    """Make artifacts of what stands in the margins: its tags hang on no other, so no one would ever be told of it.

    A reader who listens would otherwise hear each running head amid a sentence.
    """
    import pydyf

    objects = by_reference(pdf)
    streams = {item.reference: item.stream for item in pdf.objects if isinstance(item, pydyf.Stream)}
    pages = _having(pdf, "Type", "/Page")
    for root in _having(pdf, "Type", "/StructTreeRoot"):
        reached = _reached(root, objects)
        parents = objects[root["ParentTree"]]["Nums"]
        # WeasyPrint numbers pages first, in order; behind them stand links, each with one tag and not an array of them.
        for number, page in enumerate(pages):
            tags = parents[2 * number + 1]
            lost = {content for content, tag in enumerate(tags) if tag not in reached}
            _make_artifacts(streams[page["Contents"]], lost)
            tags[:] = [b"null" if content in lost else tag for content, tag in enumerate(tags)]
        for reference, item in objects.items():
            if item.get("Type") == "/StructElem" and reference not in reached:
                item.clear()


def _reached(root: Any, objects: dict[bytes, Any]) -> set[bytes]:
    """The references of all tags below the root."""
    found: set[bytes] = set()
    waiting = [root]
    while waiting:
        kids = [kid for kid in waiting.pop().get("K", ()) if isinstance(kid, bytes) and kid not in found]
        found.update(kids)
        waiting += [objects[kid] for kid in kids]
    return found


def _make_artifacts(operators: list[Any], contents: set[int]) -> None:
    """Let the marked contents with these numbers be artifacts: /Span <</MCID 1>> BDC is a tag of three operators."""
    import pydyf

    for place, properties in enumerate(operators):
        if isinstance(properties, dict) and properties.get("MCID") in contents:
            operators[place - 1 : place + 1] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]


def head_tables(pdf: Any) -> None:
    """Say of each head of a table whether it heads a column or a row, and where its name is looked up."""
    import pydyf

    objects = by_reference(pdf)
    for head in _having(pdf, "S", "/TH"):
        row = objects[head["P"]]
        above = objects[row["P"]].get("S") == "/THead"
        attributes = head.setdefault("A", pydyf.Dictionary({"O": "/Table"}))
        attributes["Scope"] = "/Column" if above else "/Row"
    for cell in _having(pdf, "S", "/TD"):
        if not cell.get("A", {}).get("Headers", True):
            del cell["A"]["Headers"]
    found = ((item["ID"].data, item) for item in objects.values() if "ID" in item and "S" in item)
    named = sorted(found, key=lambda pair: pair[0])
    for root in _having(pdf, "Type", "/StructTreeRoot") if named else ():
        names = [part for name, item in named for part in (name, item.reference)]
        root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(names)})


def give_bodies(pdf: Any) -> None:
    """Put what stands in an item of a list beside its mark into one body; WeasyPrint does so for bare words alone."""
    import pydyf

    objects = by_reference(pdf)
    for item in _having(pdf, "S", "/LI"):
        kids = [kid for kid in item["K"] if objects[kid].get("S") not in ("/Lbl", "/LBody")]
        if kids:
            own = {"Type": "/StructElem", "S": "/LBody", "P": item.reference, "Pg": item["Pg"]}
            body = pydyf.Dictionary({**own, "K": pydyf.Array(kids)})
            pdf.add_object(body)
            item["K"][:] = [kid for kid in item["K"] if kid not in kids] + [body.reference]
            for kid in kids:
                objects[kid]["P"] = body.reference


def print_links(pdf: Any) -> None:
    """Let paper and screen show the same links."""
    for link in _having(pdf, "Subtype", "/Link"):
        link["F"] = PRINTED


def _having(pdf: Any, key: str, value: str) -> list[Any]:
    """The dictionaries of the file that have the value there."""
    return [item for item in pdf.objects if isinstance(item, dict) and item.get(key) == value]


def by_reference(pdf: Any) -> dict[bytes, Any]:
    """The dictionaries of a file by what refers to them."""
    found: list[Any] = [item for item in pdf.objects if isinstance(item, dict)]
    return {item.reference: item for item in found}


def _is_version_2(pdf: Any) -> bool:
    """Whether the tags are those of PDF 2.0, where structure elements have associated files.

    WeasyPrint says so from version 69 on; before, the MathML is left out.
    """
    roots = (item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/StructTreeRoot")
    return any("Namespaces" in root for root in roots)


class Attachments:
    """The MathML of formulas as files associated with their tags; formulas that are alike share one."""

    def __init__(self, pdf: Any, formulas: Sequence[tuple[Node, ...]]) -> None:
        self.pdf = pdf
        self.formulas = formulas
        self._references: dict[str, Any] = {}

    def reference(self, number: int) -> Any:
        """The array of associated files for a formula."""
        import pydyf

        mathml = write(self.formulas[number])
        if mathml not in self._references:
            kind = pydyf.Dictionary({"Type": "/EmbeddedFile", "Subtype": "/application#2fmathml+xml"})
            stream = pydyf.Stream([mathml.encode()], kind, compress=True)
            self.pdf.add_object(stream)
            name = pydyf.String(f"formula-{number}.mml")
            file = pydyf.Dictionary(
                {
                    "Type": "/Filespec",
                    "F": name,
                    "UF": name,
                    "Desc": pydyf.String("MathML"),
                    "AFRelationship": "/Supplement",
                    "EF": pydyf.Dictionary({"F": stream.reference}),
                }
            )
            self.pdf.add_object(file)
            self._references[mathml] = pydyf.Array([file.reference])
        return self._references[mathml]
