"""Where everything on the pages of a PDF lies: what leaves the text area, and what is printed over each other.

Read with PyMuPDF, which shares no code with what sets the pages.
"""

from collections import defaultdict
from itertools import pairwise

import pymupdf

MM = 72 / 25.4
ACCENTS = "ˆ̂^"  # stand over what they belong to
HEAD = 14 * MM  # how far above and below the text the running head and the page number may stand


def characters(page):
    """Yield each printed character with the box of its line and the place of its baseline."""
    for block in page.get_text("rawdict", flags=pymupdf.TEXT_PRESERVE_WHITESPACE)["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                for char in span["chars"]:
                    if not char["c"].isspace() and char["c"] not in ACCENTS:
                        yield char["c"], char["bbox"], char["origin"]


def outside(path, margins, allowed=1.0, bottom=8.0):
    """Return the words and drawings beyond the margins (top, right, bottom, left, in mm), with page and box.

    The head and the number of a page lie above and below the text; upwards and downwards the words count by their
    baselines. A little is ``allowed`` sideways, and more downwards, where a line's depth hangs below it.
    """
    found = []
    with pymupdf.open(path) as opened:
        for number, page in enumerate(opened, start=1):
            width, height = page.rect.width, page.rect.height
            left, right = margins.left * MM - allowed, width - margins.right * MM + allowed
            top, low = margins.top * MM - allowed, height - margins.bottom * MM + bottom
            for word in page.get_text("words"):
                x0, y0, x1, y1, text = word[:5]
                if x0 < left or x1 > right:
                    found.append((number, text, [round(edge) for edge in (x0, y0, x1, y1)]))
            for text, _, (x, y) in characters(page):
                in_head = top - HEAD < y < top or low < y < low + HEAD
                if not (top < y < low or in_head):
                    found.append((number, text, [round(x), round(y)]))
            for drawing in page.get_drawings():
                box = drawing["rect"]
                if box.x0 < left - 1 or box.x1 > right + 1 or box.y0 < top - 2 or box.y1 > low + 2:
                    found.append((number, "drawing", [round(edge) for edge in box]))
    return found


def overprinted(path, share=0.4, near=2.0):
    """Return the pairs of characters that stand on one line and over each other by more than a share of their width."""
    found = []
    with pymupdf.open(path) as opened:
        for number, page in enumerate(opened, start=1):
            lines = defaultdict(list)
            for text, (x0, _, x1, _), (_, y) in characters(page):
                lines[round(y / near)].append((x0, x1, y, text))
            for place, chars in lines.items():
                row = sorted(chars + lines.get(place + 1, []))
                for (a0, a1, ay, a), (b0, b1, by, b) in pairwise(row):
                    over = min(a1, b1) - b0
                    if over > share * min(a1 - a0, b1 - b0) and abs(ay - by) < near:
                        found.append((number, a + b, [round(a0), round(b0), round(ay)]))
    return found
