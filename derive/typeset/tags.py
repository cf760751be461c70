"""The tags of formulas in a PDF: `Formula` with spoken words, and in PDF 2.0 the MathML attached.

WeasyPrint tags every image `Figure`. The alt text of a formula therefore goes in marked, so that it can be told from
that of a picture; the mark is taken out again when the PDF is finished. What its objects look like is not promised:
see `embedding.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.typeset.mathml import Node, write

# An invisible separator, around the formula's number.
MARK = "\u2063"
POINTS_A_PIXEL = 0.75


def marked(words: str, number: int) -> str:
    """Alt text that says which formula it belongs to."""
    return f"{MARK}{number}{MARK}{words}"


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
    for item in (*_having(pdf, "S", "/Figure"), *_having(pdf, "S", "/Formula")):
        if "BBox" in item.get("A", ()):
            left, bottom, right, top = sides[item["Pg"]]
            x1, above, x2, below = (POINTS_A_PIXEL * float(side) for side in item["A"]["BBox"])
            y1, y2 = top - below, top - above
            item["A"]["BBox"][:] = [max(x1, left), max(y1, bottom), min(x2, right), min(y2, top)]


def _having(pdf: Any, key: str, value: str) -> list[Any]:
    """The dictionaries of the file that have the value there."""
    return [item for item in pdf.objects if isinstance(item, dict) and item.get(key) == value]


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
