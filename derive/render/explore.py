"""The handout as one HTML file in which every given number can be changed, and every printed line follows.

The page is the one of `derive.render.html`, written with slots (`derive.numbers.slots`). With it go the calculation, as
it was written down while the page's numbers were made, and a program that reads it; see ``templates/explore``.
"""

import json
import re
from base64 import b85encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from html import escape

from rjsmin import jsmin
from zopfli import zlib as zopfli

from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.explored import explorable
from derive.language.folder import FOLDER
from derive.notation.mathml import for_browsers
from derive.numbers.slots import Slots, with_slots
from derive.render.explore_data import ProgramData
from derive.render.explore_words import words_of
from derive.render.html import Explored, HtmlWriter, fitted_to, page
from derive.render.rendered import Rendered
from derive.render.sheet_fields import script_source
from derive.story import article
from derive.story.document import Block, Case, Document, Figure, Inline, Note, Paragraph, Place
from derive.story.figures import figures
from derive.story.parse import AROUND, parse

SCRIPTS = ("numbers", "program", "training", "doubles", "typing", "model", "page")
STYLE = "explore/explore.css"
# A paragraph of whose words none is shown leaves no gap.
WITHOUT_GAPS = ".cases:not(:has(> :not([hidden]))) { display: none; }\n"
# What says nothing in a style: comments, and what is between its parts.
NOTHING = re.compile(r"/\*.*?\*/|(?<=[{};,])\s+|\s+(?=[{}])", re.DOTALL)
# Of the 85 signs that bytes are written in, those that mean something in HTML, and what stands for them.
SIGNS = bytes.maketrans(b"<&>", b",.:")


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the page as one file."""
    options = handout.options
    explorer, loads, program = Explorer(handout), loader(), script()
    text = page(
        replace(explorer.document, blocks=explorer.blocks),
        explorer.figures,
        language=options.reader_language,
        paper=options.page,
        templates=options.templates,
        extra_style=lambda: WITHOUT_GAPS,
        explored=Explored(
            loads,
            f"{script_source(loads)} {script_source(program)}",
            packed(explorer.data),
            packed_script(),
            explorer.panel,
        ),
    )
    if 'id="explore-program"' not in text:  # a page of the user's own
        raise InputError(
            "{place}: found no place for the program of the page; expected panel, data and program as in the "
            "built-in template, or another format than explore.",
            place=str(options.templates.path("page.html.j2")),
        )
    return {f"{handout.name}.explore.html": text.encode()}


def packed(text: str, is_constant: bool = False) -> str:
    """Return text packed (RFC 1951) and as signs, five for four bytes: most of a page would be its program and data.

    What is the same in every page is worth more time.

    >>> packed("a")
    'O9TJ'
    """
    found = zopfli.compress(text.encode(), numiterations=15 if is_constant else 1, blocksplitting=is_constant)
    return b85encode(found[2:-4]).translate(SIGNS).decode()  # without the head and the sum that zlib puts round it


@cache
def packed_script() -> str:
    """Return the program packed."""
    return packed(script(), is_constant=True)


def loader() -> str:
    """Return the script that unpacks the program."""
    return str(jsmin((FOLDER / "explore" / "loader.js").read_text("utf-8")))


@cache
def script() -> str:
    """Return the program of the page: its files behind each other, in a scope of their own, without comments."""
    controls = sorted(path.name for path in (FOLDER / "explore").glob("controls_*.js"))
    names = [*(f"{name}.js" for name in SCRIPTS), *controls, "controls.js"]
    files = [(FOLDER / "explore" / name).read_text("utf-8") for name in names]
    return str(jsmin('"use strict";\n(() => {\n' + "\n".join(files) + "\nexplore();\n})();\n"))


@dataclass(frozen=True, eq=False)
class Explorer:
    """One handout written with slots, and what its page has to know to fill them."""

    handout: Rendered

    @cached_property
    def evaluation(self) -> Evaluation:
        """The evaluation whose given numbers know their keys."""
        return explorable(self.handout.evaluation)

    @cached_property
    def slots(self) -> Slots:
        """The slots of the page, which its parts fill while they are written."""
        return Slots()

    @cached_property
    def document(self) -> Document:
        """The article as blocks."""
        handout = self.handout
        write = article.write
        found = with_slots(
            self.slots, lambda: write(self.evaluation, handout.training, handout.options, handout.report)
        )
        self.text_slots  # noqa: B018 - what comes later is no part of the text
        return parse(found)

    @cached_property
    def text_slots(self) -> int:
        """How many slots stand in the text itself, before those of its figures."""
        return len(self.slots.slots)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The figures of the page."""
        options = self.handout.options
        return with_slots(
            self.slots,
            lambda: figures(
                self.document, self.evaluation, self.handout.training, options.digits, options.reader_language
            ),
        )

    @cached_property
    def _parted(self) -> tuple[tuple[Block, ...], list[Callable[[HtmlWriter], str]]]:
        """The blocks that are shown at first, and what writes each part that is not: an empty place stands for it."""
        shown: list[Block] = []
        hidden: list[Block] = []
        kept: list[Callable[[HtmlWriter], str]] = []
        is_kept = False
        for block in fitted_to(self.document.blocks, self.handout.options.page):
            place = block.id if isinstance(block, Place) else ""
            around = AROUND.fullmatch(place)
            if around and around[3] == "0":
                is_kept = around[1] == "when"
                if is_kept:
                    hidden = []
                    kept.append(partial(HtmlWriter.blocks, blocks=hidden))
                shown.append(Place(f"{place}-{len(kept) - 1}") if is_kept else block)
            elif is_kept:
                hidden.append(block)
            else:
                shown.append(_without_hidden(block, kept))
        return tuple(shown), kept

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks that are shown at first."""
        return self._parted[0]

    @property
    def kept(self) -> list[str]:
        """The markup of what is not shown at first, which the program puts in its place."""
        writer = HtmlWriter(self.figures, for_browsers, self.handout.options.reader_language)
        return [write(writer) for write in self._parted[1]]

    @property
    def panel(self) -> str:
        """Where the page puts what a person handles, behind its heading, and what it may have to say of the text."""
        words = words_of(self.handout.options.reader_language)
        notices = "".join(
            f'<p data-notice="{name}" hidden="hidden">{escape(words[f"notice_{name}"])}</p>'
            for name in ("training", "other", "old")
            if name != "training" or self.handout.training is not None
        )
        return f'<section id="explore" aria-label="{escape(words["title"])}">{notices}</section>'

    @cached_property
    def data(self) -> str:
        """What the program reads, as JSON."""
        self.figures  # noqa: B018 - with the last of the slots
        found = ProgramData(self.evaluation, self.slots, self.handout.options).found | {
            "style": NOTHING.sub("", (FOLDER / STYLE).read_text("utf-8")),
            "kept": self.kept,
            "text_slots": self.text_slots,
        }
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _without_hidden(block: Block, kept: list[Callable[[HtmlWriter], str]]) -> Block:
    """Return a paragraph, or a remark of paragraphs, without the words that are not shown at first, which are kept."""
    if isinstance(block, Note):
        return replace(block, blocks=tuple(_without_hidden(each, kept) for each in block.blocks))
    if not isinstance(block, Paragraph):
        return block
    pieces: list[Inline] = []
    for piece in block.content:
        if isinstance(piece, Case) and not piece.is_shown and piece.content:
            pieces.append(replace(piece, content=(), kept=len(kept)))
            kept.append(partial(HtmlWriter.inline, content=piece.content))
        else:
            pieces.append(piece)
    return replace(block, content=tuple(pieces))
