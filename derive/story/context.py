"""What every article's template is given: the page, the numbers, and functions to call by name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from derive.computation.layers import MOST_NEURONS
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.turn import SHOWN
from derive.language.language import Language
from derive.language.sandbox import Takes, Tool
from derive.lines.scalar import MOST_INSIDE, Formulas, telling, undecayed
from derive.notation import Latex, marked, name_latex, name_text, partial_latex, value_latex, vector_latex
from derive.notation.display import LINE_WIDTH, batched, cut
from derive.notation.names import sample_latex
from derive.numbers.certainty import Reading
from derive.numbers.decimals import SMALLEST_POWER, decimal
from derive.numbers.number import Number
from derive.numbers.rounding import Rounding
from derive.numbers.slots import given_text
from derive.story.cases import case_tools
from derive.story.document import slug
from derive.story.handout_options import HandoutOptions
from derive.story.hessian_view import hessian_view
from derive.story.markdown import Markdown, escape_line
from derive.story.meaning import nudges, paths_to_error, sign_of
from derive.story.trained import in_slots, is_told, told
from derive.story.turns import Turns
from derive.story.views import LayerView, OtherView, PartialsView, graph_view, network_view
from derive.training.certified import whole
from derive.training.run import Training

NARROW_TABLE = 9  # decimals that the table of all derivatives has room for beside a margin for notes
MOST_COLUMNS = 4  # of numbers in a table
MOST_BRIEF = 6  # decimals of most numbers in a table of the update, which has many columns
COLUMN_EXTRA = 8  # what a column of numbers takes beside its decimals, in digits
# What the functions take that the template is given by name.
ITEMS, COUNT = (list, tuple), range(1_000_000)
FUNCTIONS: Mapping[str, Takes] = {
    "batched": (ITEMS, range(1, 1_000)),
    "bold": (str,),
    "cut": (ITEMS, COUNT, COUNT, COUNT),
    "equation": (str, (str, int, Fraction)),
    "inline": (str,),
    "is_told": (str,),
    "name": (str,),
    "name_text": (str,),
    "numbered": (ITEMS,),
    "of_sample": (str, COUNT),
    "partial_inline": (str, str),
    "partial_of": (str, str),
    "path_figure": (str,),
    "paths_from": (str,),
    "rational": ((int, Fraction),),
    "reading_value": (Reading,),
    "short_value": (Number,),
    "sign_of": (LayerView, str),
    "slug": (str,),
    "telling": (ITEMS,),
    "told": (Reading,),
    "turn": (COUNT,),
}


def shared_context(
    evaluation: Evaluation, training: Training | None, options: HandoutOptions, layers: tuple[LayerView, ...]
) -> dict[str, Any]:
    """Return what an article is given, be it told in layers or not."""
    digits, page, computation = options.digits, options.page, evaluation.computation
    nudged = nudges(evaluation)
    certified = in_slots(whole(training, digits, _of_training(evaluation)), evaluation, digits)
    turns = Turns(evaluation, layers, digits, page.line_width)
    started = turns(0).evaluation if turns.is_several else evaluation
    return (
        _functions(evaluation, digits, _most_brief(options))
        | _update_functions(started, turns)
        | _words(options.reader_language)
        | case_tools(evaluation)
        | _tools(is_told=lambda kind: is_told(kind, certified, evaluation))
        | {
            "network": network_view(evaluation),
            "page": page,
            "byline": Markdown("\\\n".join(map(escape_line, page.lines))),
            "graph": graph_view(computation),
            "derivation": PartialsView(evaluation.derivation),
            "evaluation": evaluation,
            "has_error": computation.has_error,
            "error": evaluation.whole if computation.objective else None,
            "training": training,
            "certified": certified,
            "layers": layers,
            "detail": options.detail,
            "long_numbers": digits > MOST_INSIDE,
            "most_inside": MOST_INSIDE,
            "long_table": digits > (MOST_INSIDE if page.line_width == LINE_WIDTH else NARROW_TABLE),
            "columns_together": max(1, min(MOST_COLUMNS, page.line_width // (digits + COLUMN_EXTRA))),
            "digits": digits,
            "by_hand": evaluation.rounding is not None,
            "is_significant": options.rounding == "significant",
            "rounded_zero": Latex(f"{0:.{digits}f}"),
            "smallest_plain": value_latex(decimal(Fraction(10) ** SMALLEST_POWER, -SMALLEST_POWER)),
            "least_power": Latex(rf"10^{{{digits}}}"),
            "formulas": Formulas(evaluation, digits, page.line_width),
            "trained_biases": None if evaluation.with_biases is None else OtherView(evaluation.with_biases.whole),
            "biases": [name for name, kind in computation.kinds.items() if kind == "bias"],
            "undecayed": undecayed(started),
            "turns_shown": SHOWN,
            "nudge": next((found for found, fact in nudged if fact), None),
            "nudges": nudged,
            "hessian": hessian_view(evaluation, page.line_width, digits, is_wanted=options.hessian),
            "most": MOST_NEURONS,
            "most_brief": _most_brief(options),
        }
    )


def _of_training(evaluation: Evaluation) -> Rounding | None:
    """Return how numbers of the training are written: it is not rounded on the way, so small ones keep their digits."""
    return evaluation.rounding and replace(evaluation.rounding, is_significant=True)


def _most_brief(options: HandoutOptions) -> int:
    """Return how many decimals numbers keep in a table of the update: by hand, cutting them would leave 0 of many."""
    return NARROW_TABLE if options.rounding == "by-hand" else MOST_BRIEF


def _functions(evaluation: Evaluation, digits: int, most_brief: int) -> dict[str, Tool]:
    """Return what the template may call by name."""
    return _tools(
        cut=cut,
        batched=batched,
        bold=vector_latex,
        numbered=lambda items: list(enumerate(items)),
        name=name_latex,
        name_text=name_text,
        of_sample=sample_latex,
        partial_of=partial_latex,
        path_figure=lambda weight: Markdown(f"figure:path-{weight}"),
        partial_inline=lambda of, by: Latex(rf"\partial {name_latex(of)} / \partial {name_latex(by)}"),
        paths_from=paths_to_error(evaluation.derivation).__getitem__,
        sign_of=lambda layer, weight: sign_of(evaluation, layer, weight, digits),
        rational=lambda number: value_latex(given_text(number, decimal(number, digits), digits)),
        short_value=lambda number: number.latex(min(digits, most_brief)),
        reading_value=_reading_latex,
        told=told,
    )


def _update_functions(started: Evaluation, turns: Turns) -> dict[str, Tool]:
    """Return what the template may call of updates; ``started`` has the one that is shown in full."""
    return _tools(
        # A parameter whose gradient is not 0 shows more of an optimizer.
        telling=lambda names: telling(started, names),
        turn=turns,
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


def _reading_latex(reading: Reading) -> Latex:
    latex = value_latex(reading.text)
    return marked(latex, r"\ddagger") if reading.sure == "agreed" else latex
