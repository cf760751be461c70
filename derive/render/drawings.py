"""Drawings on paper: how large each is, and whether it stands in its place or where a page has room for it.

A drawing cannot be parted. One that is high would leave as much white at the end of a page as it is high; so one that
is a little too high is made smaller, and one that is much too high floats: `placing.py` finds where it leaves little.
"""

import re
from dataclasses import replace

from derive.story.document import Figure
from derive.story.page import POINTS, Page

SIZE = re.compile(r'<svg\b[^>]*?\bviewBox="0 0 ([\d.]+) ([\d.]+)"')
WIDE = 145 * POINTS  # how wide a wide drawing is, as in print.css
LETTERS = re.compile(r'\bfont-size="([\d.]+)"')
WORDS = re.compile(r"<(?:title|desc)\b[^>]*>[^<]*</(?:title|desc)>")
PX = 0.75  # points
CAPTION = 16.0  # points
# Of the text's height: what stands in its place is no higher, so that with the room round it a quarter is left at most.
HIGHEST_SHARE = 0.235
HIGHEST_TURNED = 0.9  # of the text's height: below it stands what the drawing shows
LEAST_LETTERS = 6.0  # points: smaller ones are hard to read
LEAST_SHARE = 0.85  # of its height: one that is made smaller keeps at least so much


def printed(figure: Figure, page: Page) -> Figure:
    """Return the drawing with its size on that page; ``floating`` where it is too high to stand in its place."""
    size = SIZE.search(figure.svg)
    if figure.compact or size is None:
        return figure
    width, height = map(float, size.groups())
    if figure.sideways:
        return replace(figure, svg=_turned(figure.svg, width, height, page), floating=True)
    wanted = width * PX if figure.natural else WIDE
    natural = min(wanted, page.text_width) / width
    letters = min(map(float, LETTERS.findall(figure.svg)), default=0.0)
    readable = LEAST_LETTERS / letters if letters else 0.0
    scale = min(natural, max(10 * figure.highest * POINTS / height, readable))
    most = HIGHEST_SHARE * page.text_height - CAPTION
    floating = height * scale > most
    if floating and letters * most / height >= LEAST_LETTERS and most >= LEAST_SHARE * height * scale:
        scale, floating = most / height, False
    if scale == natural:
        return replace(figure, floating=floating)
    smaller = f'<svg style="width: {scale * width:.1f}pt; height: {scale * height:.1f}pt"'
    return replace(figure, svg=figure.svg.replace("<svg", smaller, 1), floating=floating)


def _turned(svg: str, width: float, height: float, page: Page) -> str:
    """Return the drawing on its side, a quarter turn clockwise: its width along the height of the page."""
    scale = min(PX, page.text_width / height, HIGHEST_TURNED * page.text_height / width)
    head, _, body = svg.partition(">")
    head = re.sub(r' (viewBox|width|height)="[^"]*"', "", head)
    size = f'viewBox="0 0 {height:g} {width:g}" style="width: {scale * height:.1f}pt; height: {scale * width:.1f}pt"'
    inside = body.removesuffix("</svg>")
    words = "".join(WORDS.findall(inside))  # they describe the whole drawing, and are read where they stand first in it
    inside = WORDS.sub("", inside)
    return f'{head} {size}>{words}<g transform="translate({height:g} 0) rotate(90)">{inside}</g></svg>'
