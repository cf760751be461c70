"""The article: the derivation told as a Markdown text with mathematics.

The sentences stand in ``templates/article``, a file a section; this module gives them their formulas, and numbers the
equations. Only an equation that the text refers to gets a number, so the template is rendered twice: once to see what
is referred to, once to write.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from derive.calculus.chain import Derivation
from derive.evaluation.evaluation import Number
from derive.language.language import Language
from derive.language.sandbox import Takes, Tool
from derive.language.templates import ARTICLE, SHIPPED, Templates
from derive.lines.matrix import Matrices
from derive.lines.scalar import MOST_INSIDE, Formulas, sample_latex
from derive.notation import Latex, marked, name_latex, partial_latex, value_latex
from derive.notation.display import LINE_WIDTH
from derive.numbers.certainty import Reading
from derive.numbers.decimals import decimal
from derive.story.computations import computation_scene
from derive.story.document import slug
from derive.story.page import PAGE, Page
from derive.story.views import (
    FIRST_NEURONS,
    LAST_NEURONS,
    MOST_NEURONS,
    LayerView,
    OtherView,
    PartialsView,
    cut,
    graph_view,
    layer_views,
    network_view,
)
from derive.training.certified import Certified
from derive.verification import Report

NARROW_TABLE = 9  # decimals that the table of all derivatives has room for beside a margin for notes
MOST_COLUMNS = 4  # of numbers in a table
COLUMN_EXTRA = 5  # what a column of numbers takes beside its decimals, in digits
# What the functions take that the template is given by name.
ITEMS, COUNT = (list, tuple), range(1_000_000)
FUNCTIONS: Mapping[str, Takes] = {
    "batched": (ITEMS, range(1, 1_000)),
    "cut": (ITEMS, COUNT, COUNT, COUNT),
    "equation": (str, (str, int, Fraction)),
    "inline": (str,),
    "name": (str,),
    "numbered": (ITEMS,),
    "of_sample": (str, COUNT),
    "partial_inline": (str, str),
    "partial_of": (str, str),
    "path_figure": (str,),
    "rational": ((int, Fraction),),
    "reading_value": (Reading,),
    "short_value": (Number,),
    "slug": (str,),
    "telling": (ITEMS,),
}
MARK = r"^{\dagger}"  # no text of a user's brings it: a caret in it is escaped


class Markdown(str):
    """A string that is Markdown; every other string is escaped when the template writes it."""

    __slots__ = ()


def escape(text: str) -> Markdown:
    r"""Return text that Markdown shows literally, on one line.

    >>> print(escape("<b> *x* $y$"))
    \<b\> \*x\* \$y\$
    """
    return Markdown(re.sub(r"([\\`*_{}\[\]<>#!|~$&^])", r"\\\1", " ".join(text.split())))


def escape_line(text: str) -> Markdown:
    r"""Return text that Markdown shows literally where a line begins, too: as no list, heading or rule.

    >>> print(escape_line("3. March"), escape_line("- 2025"))
    3\. March \- 2025
    """
    return Markdown(re.sub(r"^([0-9]+(?=[.)])|)(?=[-+=.)])", r"\1\\", escape(text)))


@dataclass(frozen=True)
class Numbering:
    """The numbers of the equations; while the template is read it notes what is displayed and what is referred to."""

    language: Language
    numbers: Mapping[str, int] = field(default_factory=dict)
    displayed: list[str] = field(default_factory=list)
    referred: set[str] = field(default_factory=set)

    def reference(self, name: str) -> Markdown:
        """Return a link to the equation by its number."""
        self.referred.add(name)
        return Markdown(f"[({self.numbers.get(name, 0)})](#{anchor_of(name)})")

    def display(self, latex: Latex, name: str = "") -> Markdown:
        """Return a display: with a number where it is referred to, with an anchor where a name finds it."""
        formula = self.language.math(latex)
        anchor = "" if not name or name in self.displayed else f'<a id="{anchor_of(name)}"></a>\n\n'
        is_first = name not in self.displayed
        self.displayed.append(name)
        tag = rf" \tag{{{self.numbers[name]}}}" if name in self.numbers and is_first else ""
        return Markdown(f"{anchor}$$\n{formula}{tag}\n$$")

    def numbered(self) -> "Numbering":
        """Return the numbering of what was displayed and referred to."""
        names = [name for name in dict.fromkeys(self.displayed) if name in self.referred]
        return Numbering(self.language, {name: number for number, name in enumerate(names, start=1)})


def anchor_of(name: str) -> str:
    """Return the id of the place where what is labelled so is displayed, another one for each name."""
    return "eq-" + name.replace("_", "-")


def write(
    derivation: Derivation,
    *,
    detail: str,
    digits: int,
    form: str,
    report: Report,
    language: Language,
    page: Page = PAGE,
    templates: Templates = SHIPPED,
) -> Markdown:
    """Return the article as Markdown with mathematics.

    ``detail`` is "article", the first weight of each layer in full and the others in a table, or "full", each weight in
    full; ``digits`` is the number of decimals; ``form`` is "scalar", "matrix" or "both", ``report`` what was checked,
    ``language`` that of the sentences and numbers, ``page`` how wide a formula may be and what stands under the title.
    """
    finalize = partial(_finalized, language)
    environment = templates.environment(language=language, finalize=finalize, autoescape=True)
    context = _context(derivation, detail, digits, form, page) | _words(language) | {"report": report}
    context["has_computation"] = computation_scene(derivation, digits, language) is not None
    first = Numbering(language)
    draft = templates.render(ARTICLE, environment, **context, numbering=first, has_marks=False)
    text = templates.render(ARTICLE, environment, **context, numbering=first.numbered(), has_marks=MARK in draft)
    return Markdown(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def _context(derivation: Derivation, detail: str, digits: int, form: str, page: Page) -> dict[str, Any]:
    layers = layer_views(derivation, page.line_width)
    formulas = Formulas(derivation, digits, page.line_width)
    graph = graph_view(derivation)
    corners = [corner.name for corner in derivation.corners.found if corner.is_exact and corner.sample == 0]
    return _functions(derivation, digits) | {
        "network": network_view(derivation),
        "page": page,
        "byline": Markdown("\\\n".join(map(escape_line, page.lines))),
        "graph": graph,
        "derivation": PartialsView(derivation),
        "evaluation": derivation.evaluation,
        "error": derivation.error,
        "training": derivation.training,
        "certified": _readings(derivation, digits),
        "layers": layers,
        "detail": detail,
        "scalar": form != "matrix",
        "matrix": form != "scalar" or any(layer.is_large for layer in layers),
        "long_numbers": digits > MOST_INSIDE,
        "most_inside": MOST_INSIDE,
        "long_table": digits > (MOST_INSIDE if page.line_width == LINE_WIDTH else NARROW_TABLE),
        "columns_together": max(1, min(MOST_COLUMNS, page.line_width // (digits + COLUMN_EXTRA))),
        "digits": digits,
        "by_hand": derivation.rounding is not None,
        "formulas": formulas,
        "matrices": Matrices(formulas, layers),
        "activations": tuple(dict.fromkeys(layer.activation for layer in layers)),
        "at_kink": tuple(name for name in corners if graph.kinds[name] == "net"),
        "at_error_kink": tuple(name for name in corners if graph.kinds[name] == "out"),
        "trained_biases": None if derivation.with_biases is None else OtherView(derivation.with_biases.error),
        "biases": [name for name, kind in graph.kinds.items() if kind == "bias"],
        "shown_quantities": list(_shown_quantities(derivation, layers)),
        "most": MOST_NEURONS,
    }


def _functions(derivation: Derivation, digits: int) -> dict[str, Tool]:
    """Return what the template may call by name."""
    return _tools(
        # A parameter whose gradient is not 0 shows more of an optimizer.
        telling=lambda names: next((n for n in names if derivation.evaluation.gradient_used(n)), names[0]),
        cut=cut,
        batched=batched,
        numbered=lambda items: list(enumerate(items)),
        name=name_latex,
        of_sample=sample_latex,
        partial_of=partial_latex,
        path_figure=lambda weight: Markdown(f"figure:path-{weight}"),
        partial_inline=lambda of, by: Latex(rf"\partial {name_latex(of)} / \partial {name_latex(by)}"),
        rational=lambda number: value_latex(decimal(number, digits)),
        short_value=lambda number: number.latex(min(digits, 6)),
        reading_value=_reading_latex,
    )


def _tools(**functions: Callable[..., Any]) -> dict[str, Tool]:
    return {name: Tool(name, function, FUNCTIONS[name]) for name, function in functions.items()}


def _words(language: Language) -> dict[str, Any]:
    """Return what the template needs to put formulas and names into its sentences."""
    functions = _tools(
        inline=lambda latex: Markup(f"${language.math(latex)}$"),
        equation=lambda left, right: Latex(f"{left} = {right}"),
        slug=slug,
    )
    return functions | {"list_mark": ";" if language.decimal_mark == "," else ","}


def _readings(derivation: Derivation, digits: int) -> Certified | None:
    """Return the numbers of the training as they are printed; None where the network asks for none."""
    if derivation.training is None:
        return None
    found = derivation.training.certified(digits)
    if found.interrupted:  # as the training itself
        raise KeyboardInterrupt
    return found


def _reading_latex(reading: Reading) -> Latex:
    latex = value_latex(reading.text)
    return marked(latex, r"\ddagger") if reading.sure == "agreed" else latex


def batched(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Return the items in groups of at most so many, no group much smaller than another.

    >>> batched("abcde", 4)
    ['abc', 'de']
    """
    groups = -(-len(items) // size)
    ends = [-(-len(items) * number // groups) for number in range(groups + 1)] if groups else [0]
    return [items[start:end] for start, end in pairwise(ends)]


def _shown_quantities(derivation: Derivation, layers: Sequence[LayerView]) -> Iterator[str | None]:
    """Yield what the forward pass calculates; of large layers the first and last quantities, None between."""
    for layer in layers:
        yield from (neuron.net if neuron else None for neuron in layer.shown)
        yield from (neuron.out if neuron else None for neuron in layer.shown)
    yield from cut(derivation.network.error_names, MOST_NEURONS, FIRST_NEURONS, LAST_NEURONS)
    yield derivation.graph.output


def _finalized(language: Language, value: object) -> Markup:
    """Escape whatever the template writes, unless it is a part of the template, Markdown, LaTeX or a whole number."""
    if isinstance(value, Latex):
        return Markup(language.math(value))
    if isinstance(value, int):
        return Markup(language.whole(value))
    return Markup(value if isinstance(value, Markup | Markdown) else escape(str(value)))
