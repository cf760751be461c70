"""The handout as one HTML file in which every given number can be changed, and every printed line follows.

The page is the one of `derive.render.html`, written with slots (`derive.numbers.slots`). With it go the calculation, as
it was written down while the page's numbers were made, and a program that reads it; see ``templates/explore``.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any
from zlib import DEFLATED, MAX_WBITS, compressobj

from derive.computation.wellformed import PARAMETERS
from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.explored import explorable
from derive.evaluation.update import STEPS, state_key
from derive.functions.losses import ERRORS
from derive.language.folder import FOLDER
from derive.notation import name_latex, name_text
from derive.notation.mathml import for_browsers
from derive.numbers.given import Given
from derive.numbers.slots import PrintedNumber, Slots, with_slots
from derive.numbers.traced import written_down
from derive.render.explore_words import words_of
from derive.render.html import Explored, HtmlWriter, fitted_to, page
from derive.render.rendered import Rendered
from derive.render.sheet_fields import script_source
from derive.render.toml.pieces import toml_pieces
from derive.render.toml.text import decimal
from derive.story import article
from derive.story.document import Block, Document, Figure, Place
from derive.story.figures import figures
from derive.story.parse import AROUND, parse

SCRIPTS = ("numbers", "program", "model", "page")
STYLE = "explore/explore.css"
# A paragraph of whose words none is shown leaves no gap.
WITHOUT_GAPS = ".cases:not(:has(> :not([hidden]))) { display: none; }\n"
# What a browser does not read: comments on lines of their own, and what is in front of a line.
NOTHING = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n|^[ \t]+", re.DOTALL | re.MULTILINE)
MOST_STEPS = 1000  # of the optimizer, that an address may ask for


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the page as one file."""
    options = handout.options
    explorer = Explorer(handout)
    text = page(
        replace(explorer.document, blocks=explorer.blocks),
        explorer.figures,
        language=options.reader_language,
        paper=options.page,
        templates=options.templates,
        extra_style=lambda: WITHOUT_GAPS,
        explored=Explored(
            loader(),
            f"{script_source(loader())} {script_source(script())}",
            packed(explorer.data),
            packed(script()),
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


def packed(text: str) -> str:
    """Return text packed (RFC 1951) and in letters: without that, most of the page would be its program."""
    pack = compressobj(9, DEFLATED, -MAX_WBITS)
    return b64encode(pack.compress(text.encode()) + pack.flush()).decode()


def loader() -> str:
    """Return the script that unpacks the program."""
    return (FOLDER / "explore" / "loader.js").read_text("utf-8")


def script() -> str:
    """Return the program of the page: its files behind each other, in a scope of their own."""
    controls = sorted(path.name for path in (FOLDER / "explore").glob("controls_*.js"))
    names = [*(f"{name}.js" for name in SCRIPTS), *controls, "controls.js"]
    files = [(FOLDER / "explore" / name).read_text("utf-8") for name in names if (FOLDER / "explore" / name).exists()]
    bare = NOTHING.sub("", "\n".join(files))
    return '"use strict";\n(() => {\n' + bare + "\nexplore();\n})();\n"


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
    def certain_numbers(self) -> list[int]:
        """The numbers that every page shows, whatever facts are true: of the forward pass, backward pass and update."""
        table = self.slots.table(self.evaluation)
        values = [value for values in (*table.passes, *table.partials, table.updated) for value in values.values()]
        return sorted({self._number(value) for value in values})

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
    def _parted(self) -> tuple[tuple[Block, ...], tuple[tuple[Block, ...], ...]]:
        """The blocks that are shown at first, and those of each part that is not: an empty place stands for it."""
        shown: list[Block] = []
        kept: list[list[Block]] = []
        is_kept = False
        for block in fitted_to(self.document.blocks, self.handout.options.page):
            place = block.id if isinstance(block, Place) else ""
            around = AROUND.fullmatch(place)
            if around and around[3] == "0":
                is_kept = around[1] == "when"
                if is_kept:
                    kept.append([])
                shown.append(Place(f"{place}-{len(kept) - 1}") if is_kept else block)
            elif is_kept:
                kept[-1].append(block)
            else:
                shown.append(block)
        return tuple(shown), tuple(map(tuple, kept))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks that are shown at first."""
        return self._parted[0]

    @property
    def kept(self) -> list[str]:
        """The markup of what is not shown at first, which the program puts in its place."""
        writer = HtmlWriter(self.figures, for_browsers, self.handout.options.reader_language)
        return [writer.blocks(blocks) for blocks in self._parted[1]]

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
        return json.dumps(self._data(), ensure_ascii=False, separators=(",", ":"))

    def _data(self) -> dict[str, Any]:
        evaluation, slots, language = self.evaluation, self.slots, self.handout.options.reader_language
        error = slots.table(evaluation).error if evaluation.computation.objective else None
        digits = self.handout.options.digits
        by_hand = evaluation.rounding
        inputs, certain = list(self._inputs()), self.certain_numbers
        step = list(self._step())
        whole = None if error is None else self._number(error)
        given = list(slots.trace.given)
        places: dict[Any, int] = {key: place for place, key in enumerate(given)}
        names = list(dict.fromkeys(operation.name for operation in slots.trace.operations))
        return {
            "names": names,
            "operations": [
                [names.index(each.name), *([places[each.arguments]] if each.name == "given" else each.arguments)]
                for each in slots.trace.operations
            ],
            "given": [f"{name}@{sample}" for name, sample in given],
            "numbers": [
                [n.register, n.digits, int(n.by_hand), n.style, n.again, n.digits_again, n.result, n.after]
                for n in slots.numbers
            ],
            "slots": [[slot.kind, slot.how, *slot.numbers] for slot in slots.slots],
            "facts": [list(fact) for fact in slots.facts],
            "guards": slots.guards,
            "style": (FOLDER / STYLE).read_text("utf-8"),
            "kept": self.kept,
            "text_slots": self.text_slots,
            "shown": certain,
            "shares": list(self._shares()),
            "rounding": None if by_hand is None else [by_hand.digits, int(by_hand.is_significant)],
            "inputs": [{**each, "place": places[each["place"]]} for each in inputs],
            "of": {str(register): name for register, name in self._names()},
            "step": [[places[key], register] for key, register in step if key in places],
            "error": whole,
            **({} if whole is None else self._error_name()),
            "digits": digits,
            "most_steps": MOST_STEPS,
            "toml": toml_pieces(evaluation, {each["place"]: each["id"] for each in inputs}),
            "language": {"mark": language.decimal_mark, "code": language.code},
            "words": words_of(language),
        }

    def _error_name(self) -> dict[str, str]:
        name = self.evaluation.computation.whole_objective_name
        return {"error_name": name_text(name), "error_math": for_browsers(name_latex(name), False)}

    def _number(self, value: Any) -> int:
        """Return the number of the page that a value is, with the page's digits."""
        evaluation = self.evaluation
        register = written_down(self.slots.trace, lambda: self.slots.trace.of(value))
        by_hand = evaluation.rounding is not None
        return self.slots.place_of(PrintedNumber(register, self.handout.options.digits, by_hand))

    def _inputs(self) -> Iterator[dict[str, Any]]:
        """Yield what can be changed and has an effect, in the order of the forward pass."""
        computation = self.evaluation.computation
        several = len(computation.samples) > 1
        for number, sample in enumerate(computation.samples):
            for name, value in sample.items():
                kind = computation.kinds[name]
                if kind in PARAMETERS and number:
                    continue
                is_shared = kind in PARAMETERS
                of = None if is_shared or not several else number + 1
                yield from self._input(name, value, kind, of)
        rate = self.evaluation.plan.learning_rate
        yield from self._input(self.evaluation.plan.learning_rate_name, rate, "rate", None)

    def _input(self, name: str, value: Any, kind: str, sample: int | None) -> Iterator[dict[str, Any]]:
        assert isinstance(value, Given)
        register = self.slots.trace.given.get(value.key)
        if register is None:  # nothing on the page is made of it
            return
        id_ = "rate" if kind == "rate" else name if sample is None else f"{name}@{sample}"
        register_number = self.slots.place_of(
            PrintedNumber(register, self.handout.options.digits, self.evaluation.rounding is not None)
        )
        shown = name_text(name)
        yield {
            "id": id_,
            "name": shown,
            "kind": kind,
            "sample": sample,
            "takes": self._takes if kind == "target" else "any",
            "trained": name in self.evaluation.computation.trained,
            "math": for_browsers(name_latex(name), False),
            "value": decimal(value),
            "place": value.key,
            "register": register,
            "number": register_number,
            "derivative": self._derivative(name, sample),
        }

    @property
    def _takes(self) -> str:
        """Which targets the error takes, see `derive.functions.losses.Loss`."""
        layers = self.evaluation.computation.layers
        return ERRORS[layers.loss].targets if layers is not None and layers.loss in ERRORS else "any"

    def _derivative(self, name: str, sample: int | None) -> int | None:
        table = self.slots.table(self.evaluation)
        if name in table.gradients:
            return self._number(table.gradients[name])
        if sample is None and self.evaluation.computation.objective and name in table.partials[0]:
            return self._number(table.partials[0][name])
        return None

    def _names(self) -> Iterator[tuple[int, str]]:
        """Yield of what quantity, derivative or new value the number in a register is: by it its places are found."""
        table, trace = self.slots.table(self.evaluation), self.slots.trace
        several = len(table.passes) > 1
        for number in range(len(table.passes)):
            of = f"@{number + 1}" if several else ""
            for name, value in table.partials[number].items():
                yield trace.of(value), f"d{name}{of}"
            for name, value in table.passes[number].items():
                is_shared = self.evaluation.computation.kinds[name] in PARAMETERS
                yield trace.of(value), name if is_shared else f"{name}{of}"
        for name, value in table.updated.items():
            yield trace.of(value), f"{name}+"

    def _shares(self) -> Iterator[list[str]]:
        """Yield the targets of each sample that have to add up to 1, as its short deltas rest on that."""
        samples = len(self.evaluation.computation.samples)
        for names in self.evaluation.derivation.shares:
            for number in range(samples):
                yield [name if samples == 1 else f"{name}@{number + 1}" for name in names]

    def _step(self) -> Iterator[tuple[tuple[str, int], int]]:
        """Yield the key of each number that a step of the optimizer changes, with the register of what it becomes."""
        table, trace = self.slots.table(self.evaluation), self.slots.trace
        for name, new in table.updated.items():
            yield (name, -1), trace.of(new)
        state = self.evaluation.plan.optimizer
        for name, values in table.steps.items():
            for part in state.of(self.evaluation.computation.kinds[name]).rule.state:
                yield (state_key(name, part), -1), trace.of(values[f"{part}+"])
            count = (STEPS, -1), trace.of(values["t"])
        if table.steps:
            yield count
