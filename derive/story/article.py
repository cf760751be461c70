"""The article: the evaluation told as a Markdown text with mathematics.

The sentences stand in ``templates/article``, and those of a computation without layers in ``templates/graph``, a file a
section; they are given their formulas, and equations are numbered. Only an equation that the text refers to gets a
number, so the template is rendered twice: once to see what is referred to, once to write.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from derive.computation.layers import FIRST_NEURONS, LAST_NEURONS, MOST_NEURONS
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.language.templates import ARTICLE, GRAPH
from derive.lines.matrix import Matrices
from derive.notation.display import cut
from derive.numbers.facts import Truth, of_text
from derive.numbers.slots import present_slots, with_slots
from derive.story.context import shared_context
from derive.story.figures import computation_view
from derive.story.graph_article import graph_context
from derive.story.handout_options import HandoutOptions
from derive.story.markdown import Markdown, Numbering, finalized
from derive.story.views import LayerView, layer_views
from derive.training.run import Training
from derive.verification import Report

POWER = r" \cdot 10^{"  # of a number that is too small for its decimals, or too large
ROUNDED = r"\approx "  # before a number; where the sign itself is spoken of, nothing follows
MARK = r"^{\dagger}"  # no text of a user's brings it: a caret in it is escaped


def template_of(evaluation: Evaluation) -> str:
    """Return the name of the template that tells it."""
    return ARTICLE if evaluation.computation.layers else GRAPH


def write(evaluation: Evaluation, training: Training | None, options: HandoutOptions, report: Report) -> Markdown:
    """Return the article as Markdown with mathematics.

    ``evaluation`` has the numbers that are printed, ``training`` is the one that is shown, ``report`` what was checked.
    The page says how wide a formula may be and what stands under the title.
    """
    language, templates, name = options.reader_language, options.templates, template_of(evaluation)
    environment = templates.environment(language=language, finalize=partial(finalized, language), autoescape=True)
    made = _context if evaluation.computation.layers else graph_context
    context = made(evaluation, training, options) | {"report": report}
    drawing = computation_view(evaluation, options.digits, language)
    context["has_computation"] = drawing is not None
    if drawing is not None:
        context["drawing"] = drawing
    first = Numbering(language)
    found: dict[str, Truth] = {"has_marks": False, "rounds_to_zero": False, "has_powers": False, "has_rounded": True}
    draft = templates.render(name, environment, **context, **found, numbering=first)
    zero, shown = context["rounded_zero"], draft
    if present_slots() is not None:  # what no fact shows at first counts for nothing
        shown = with_slots(None, lambda: write(evaluation, training, options, report))
    lost = rf"(?<!\d){re.escape(str(language.math(zero)))}(?!\d)"
    found = {
        "has_marks": of_text("marked", MARK in shown),
        "rounds_to_zero": of_text("lost", bool(re.search(lost, shown)), str(zero)),
        "has_powers": of_text("power", POWER in shown),
        "has_rounded": of_text("rounded", ROUNDED in shown),
    }
    text = templates.render(name, environment, **context, **found, numbering=first.numbered())
    if not evaluation.computation.layers:
        text = language.euphonic(text)
    return Markdown(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def _context(evaluation: Evaluation, training: Training | None, options: HandoutOptions) -> dict[str, Any]:
    form, computation = options.form, evaluation.computation
    layers = layer_views(computation, options.page.line_width)
    corners = [corner.name for corner in Corners(evaluation).found if corner.is_exact and corner.sample == 0]
    shared = shared_context(evaluation, training, options, layers)
    return shared | {
        "scalar": form != "matrix",
        "matrix": form != "scalar" or any(layer.is_large for layer in layers),
        "matrices": Matrices(shared["formulas"], layers),
        "activations": tuple(dict.fromkeys(layer.activation for layer in layers)),
        "at_kink": tuple(name for name in corners if computation.kinds[name] == "net"),
        "at_error_kink": tuple(name for name in corners if computation.kinds[name] == "out"),
        "shown_quantities": list(_shown_quantities(evaluation, layers)),
    }


def _shown_quantities(evaluation: Evaluation, layers: Sequence[LayerView]) -> Iterator[str | None]:
    """Yield what the forward pass calculates; of large layers the first and last quantities, None between."""
    for layer in layers:
        yield from (neuron.net if neuron else None for neuron in layer.shown)
        yield from (neuron.out if neuron else None for neuron in layer.shown)
    yield from cut(evaluation.computation.layered.errors, MOST_NEURONS, FIRST_NEURONS, LAST_NEURONS)
    if not evaluation.computation.differentiates_output and evaluation.computation.objective:
        yield evaluation.computation.objective
