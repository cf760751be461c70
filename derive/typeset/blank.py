"""A box to write in, as an image for WeasyPrint, and the field of a form that it becomes in the finished file.

WeasyPrint has fields of its own (``pdf_forms``), but embeds the whole of their font, which takes longer than the sheet
and as many bytes. These name a font that every reader has; nothing is drawn with it before somebody writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derive.typeset.draw import Drawing, number, resource_name
from derive.typeset.tags import MARK, POINTS_A_PIXEL, PRINTED, by_reference

FRAME, FRAME_WIDTH = "0.45 G", 0.5  # gray, px
NUMBER_SIZE, NUMBER_COLOUR = 8.5, "0.35 g"  # px
ANSWER_SIZE = 13.5  # px
EDGE = 2.5  # px, round what is written
FONT, FONT_SIZE = "Helv", 11  # pt


@dataclass(eq=False)
class BlankImage:
    """What WeasyPrint finds in its image cache: a box of a size in px, with its number and, in a key, an answer.

    The box of a sheet is that of its key, so that all else stands at the same places.
    """

    width: float
    height: float
    label: Drawing | None
    answer: Drawing | None = None

    def get_intrinsic_size(self, resolution: object, font_size: float) -> tuple[float, float, float | None]:
        """Width, height and their ratio, in CSS pixels."""
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, width: float, height: float, style: Mapping[str, Any]) -> None:
        """Put the box on a page, its upper left corner at the origin."""
        inside = [
            number(side) for side in (FRAME_WIDTH / 2, FRAME_WIDTH / 2, width - FRAME_WIDTH, height - FRAME_WIDTH)
        ]
        stream.stream.append(f"q {FRAME} {number(FRAME_WIDTH)} w {' '.join(inside)} re S Q")
        if self.label:
            box = self.label.box
            self._put(stream, self.label, NUMBER_SIZE, EDGE, EDGE + box.height * NUMBER_SIZE, NUMBER_COLOUR)
        if self.answer:
            box = self.answer.box
            left = EDGE + (self.label.box.width * NUMBER_SIZE + EDGE if self.label else 0.0)
            size = min(ANSWER_SIZE, (width - left - EDGE) / box.width, (height - 2 * EDGE) / box.extent)
            middle = (height + (box.height - box.depth) * size) / 2
            self._put(stream, self.answer, size, left, middle, "0 g")

    @staticmethod
    def _put(stream: Any, drawing: Drawing, size: float, x: float, base: float, colour: str) -> None:
        from derive.typeset.embedding import register  # WeasyPrint is slow to load

        for name, glyphs in drawing.glyphs.items():
            register(stream, name, resource_name(name), glyphs)
        place = " ".join(map(number, (size, 0, 0, -size, x, base)))
        stream.stream.extend([f"q {colour} {place} cm", drawing.operators, "Q"])


def marked_field(field: str, name: str) -> str:
    """Alt text that says which field of a form it is, and what it is called there."""
    return f"{MARK}={field}{MARK}{name}"


def marked_answer(words: str) -> str:
    """Alt text of a box with an answer in it, which is a formula and no field."""
    return f"{MARK}={MARK}{words}"


def make_fields(pdf: Any) -> None:
    """Turn the figures whose alt text is marked so into fields to write in, those with an answer into formulas."""
    import pydyf

    found: list[tuple[Any, str, str]] = []
    for item in pdf.objects:
        if (
            isinstance(item, dict)
            and item.get("S") == "/Figure"
            and "Alt" in item
            and item["Alt"].string.startswith(f"{MARK}=")
        ):
            _, field, words = item["Alt"].string.split(MARK)
            item["S"], item["Alt"] = "/Form" if field[1:] else "/Formula", type(item["Alt"])(words)
            if field[1:]:
                found.append((item, field[1:], words))
    if not found:
        return
    objects = by_reference(pdf)
    (root,) = (item for item in objects.values() if item.get("Type") == "/StructTreeRoot")
    parents = objects[root["ParentTree"]]
    font: Any = pydyf.Dictionary(
        {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica", "Encoding": "/WinAnsiEncoding"}
    )
    pdf.add_object(font)
    fields = pydyf.Array()
    for place, (item, field, name) in enumerate(found, start=max(parents["Nums"][::2]) + 1):
        page = objects[item["Pg"]]
        top = float(page["MediaBox"][3])
        left, above, right, below = (POINTS_A_PIXEL * float(side) for side in item["A"]["BBox"])
        widget: Any = pydyf.Dictionary(
            {
                "Type": "/Annot",
                "Subtype": "/Widget",
                "FT": "/Tx",
                "T": pydyf.String(field),
                "TU": pydyf.String(name),
                "Rect": pydyf.Array([round(side, 2) for side in (left, top - below, right, top - above)]),
                "P": page.reference,
                "F": PRINTED,
                "DA": pydyf.String(f"/{FONT} {FONT_SIZE} Tf 0 g"),
                "Q": 1,
                "StructParent": place,
            }
        )
        pdf.add_object(widget)
        link: Any = pydyf.Dictionary({"Type": "/OBJR", "Obj": widget.reference, "Pg": page.reference})
        pdf.add_object(link)
        item["K"].append(link.reference)
        parents["Nums"].extend([place, item.reference])
        page.setdefault("Annots", pydyf.Array()).append(widget.reference)
        fields.append(widget.reference)
    root["ParentTreeNextKey"] = place + 1
    pdf.catalog["AcroForm"] = pydyf.Dictionary(
        {
            "Fields": fields,
            "DR": pydyf.Dictionary({"Font": pydyf.Dictionary({FONT: font.reference})}),
            "DA": pydyf.String(f"/{FONT} {FONT_SIZE} Tf 0 g"),
            "NeedAppearances": "true",
        }
    )
