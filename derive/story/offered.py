"""What a template may use of what it is given: names to read, and functions to call with what stands beside them.

``docs/templates.md`` says the same to the reader; a test holds the two together.
"""

from collections.abc import Mapping

from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.checks import MOST_DIGITS
from derive.computation.layers import Neuron
from derive.computation.notation import Notation
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.hessian import Signs
from derive.evaluation.objective import Objective
from derive.evaluation.turn import Turn
from derive.language.language import Language
from derive.language.sandbox import Offer
from derive.lines.graph_formulas import GraphFormulas
from derive.lines.matrix import Matrices
from derive.lines.recurrence import Crossing
from derive.lines.scalar import Formulas
from derive.notation import Latex
from derive.numbers.certainty import Reading
from derive.numbers.facts import Fact
from derive.numbers.number import Number
from derive.story.array_tables import ArrayEntryView, ArrayTable, GivenView
from derive.story.array_views import ArrayPartView, ArraysView
from derive.story.graph_figures import DrawingView
from derive.story.graph_views import FunctionView, StoryView
from derive.story.hessian_view import HessianView
from derive.story.markdown import Numbering
from derive.story.meaning import Nudge, Sign
from derive.story.page import Page
from derive.story.recurrence_views import ChainView, SharesView, ShareView, TimeView
from derive.story.runs import PartView, RunView, StageView, StepView, UseView
from derive.story.turns import TurnView
from derive.story.views import (
    ActivationView,
    EntryView,
    EquationView,
    GraphView,
    LayerView,
    NetworkView,
    OptimizerView,
    OtherView,
    PartialsView,
    RuleView,
    SizeView,
)
from derive.training.certified import Certified
from derive.training.run import Divergence, Training, TrainingRow
from derive.verification import Report

NAME, DIGITS, SAMPLE = str, range(MOST_DIGITS + 1), range(1_000_000)
ITEMS = (list, tuple)
FACTOR = (Partial, LocalDerivative)


def _read(*names: str) -> Offer:
    return dict.fromkeys(names)


_BY_LAYER = dict.fromkeys(("net", "out", "delta", "by_weights", "by_biases", "updated"), (LayerView,))
_BY_PARTIAL = dict.fromkeys(
    (
        *("chain", "product", "delta", "delta_id", "short_delta", "delta_in_short"),
        *("total", "delta_form", "tabled", "short", "shown_paths"),
        *("late", "late_paths", "late_delta", "late_partial", "late_short", "is_late"),
    ),
    (Partial,),
)
_BY_NAME = dict.fromkeys(
    ("quantity", "equation", "formula", "update_steps", "comparison", "gradient_reduction"), (NAME,)
)

EVALUATION: Offer = {
    **_read("error", "error_after", "learning_rate"),
    **dict.fromkeys(("quantity", "after", "partial_used"), (NAME, SAMPLE)),
    **dict.fromkeys(("gradient", "gradient_used", "updated"), (NAME,)),
    "step": (NAME, NAME),
    "derivative": (FACTOR, SAMPLE),
    "path": (Path, SAMPLE),
}
OFFERED: Mapping[type, Offer] = {
    ActivationView: {
        **_read("name", "constant", "entry", "is_joint", "formula", "lines", "rules", "kinks"),
        "jacobian": (range(2), range(2)),
        "used": (range(1_000_000),),
    },
    ArrayPartView: _read(
        *("name", "op", "function", "is_vector", "forward", "backward", "sums", "words", "left_out"),
    ),
    ArraysView: {
        **_read("parts", "example", "entries", "is_cut", "has_deltas", "has_ones", "has_parts", "has_products"),
        "of": (NAME,),
    },
    ArrayTable: _read("sign", "gradient", "labels", "rows"),
    Certified: {
        **_read("kinds", "has_dashes", "rows", "errors", "outs", "parameters", "interrupted"),
        "kinds_with": ((frozenset, set, list, tuple),),
    },
    ChainView: _read("states", "crossings", "product", "sizes", "is_whole"),
    Crossing: _read("of", "by"),
    Divergence: _read("iteration", "cause"),
    DrawingView: _read("has_numbers", "has_signs", "has_repeats", "is_of_blocks", "left_out", "has_small", "has_paths"),
    ArrayEntryView: _read("sign", "name", "row", "column"),
    EntryView: _read("name", "parameter", "default", "kinks"),
    Fact: {},
    EquationView: _read("target", "names"),
    Objective: _read("value", "after", "samples"),
    Evaluation: EVALUATION,
    Formulas: {
        **_read("digits", "digits_inside", "is_plain", "rate"),
        **_BY_PARTIAL,
        **_BY_NAME,
        **dict.fromkeys(("whole_error", "update_rule", "reduction"), ()),
        **dict.fromkeys(("path", "error_part"), (Path,)),
        "equal": (Number,),
        "local": (LocalDerivative,),
        **dict.fromkeys(("updates", "forward", "backward"), (ITEMS,)),
    },
    GraphFormulas: {
        **dict.fromkeys(("equations", "worked", "shortly", "in_names"), (ITEMS,)),
        **dict.fromkeys(
            ("chain", "locals", "hidden", "count_hidden", "contributions", "result", "whole", "short"), (Partial,)
        ),
        "share": (Path,),
        "contribution": (Path, Number),
        **_read("parameter"),
        "update_rule": (),
        "crossing": (Crossing,),
    },
    GivenView: _read("displays", "scalars", "slices", "is_cut", "has_vectors", "drops_index", "entry"),
    GraphView: _read("output", "kinds", "parameters", "trained", "samples", "by_target"),
    HessianView: {**_read("of", "names", "example", "signs"), "value": (NAME, NAME)},
    Language: _read("code", "babel", "decimal_mark", "group_mark"),
    LayerView: {
        **_read("place", "activation", "neurons", "biases", "shared_bias", "train_bias", "kept", "is_output"),
        **_read("parameters", "is_large", "shown"),
        "at": (NAME,),
    },
    LocalDerivative: {**_read("of", "by", "latex", "value"), "decimal": (DIGITS,)},
    Matrices: _BY_LAYER,
    NetworkView: _read(
        *("title", "error", "updates", "reduction", "iterations", "learning_rate", "learning_rate_name"),
        *("error_name", "whole_error_name", "input_names", "target_names", "layers", "samples", "optimizer"),
        *("left_out", "is_article", "notation"),
    ),
    Neuron: _read("name", "weights", "biases", "net", "out"),
    Notation: _read("net", "out", "target", "error"),
    Nudge: _read("name", "step", "change", "ratio", "places", "is_linear"),
    Number: {**_read("by_hand", "exact"), **dict.fromkeys(("latex", "decimal", "is_exact"), (DIGITS,))},
    Numbering: {"display": (Latex, str), "reference": (str,)},
    OptimizerView: _read("name", "weight_decay", "decays_biases", "symbols", "rule"),
    OtherView: _read("error"),
    Page: _read("paper", "notes_margin", "author", "course", "date", "lines", "geometry", "css"),
    Partial: {
        **_read("of", "by", "latex", "value", "paths", "factors", "delta", "is_net", "unit"),
        "decimal": (DIGITS,),
    },
    PartialsView: {**_read("short_deltas"), "items": (), "keys": (), "values": ()},
    PartView: _read(
        *("name", "op", "size", "runs", "count", "has_roles", "is_alone"),
        *("has", "function", "error", "letters", "has_heads"),
    ),
    Path: _read("upstream", "local", "factors", "name", "part", "through", "value"),
    Reading: _read("text", "sure", "is_number"),
    Report: _read(
        *("lines", "formulas", "parameters", "locals", "composed", "differences", "partials"),
        *("corners", "undecided", "digits"),
    ),
    TrainingRow: _read("iteration", "error"),
    Turn: EVALUATION,
    TurnView: _read("evaluation", "formulas", "matrices", "derivation", "place"),
    UseView: _read("name", "gate", "extreme", "function"),
    FunctionView: _read("name", "units", "nets"),
    RuleView: _read("state"),
    RunView: _read("names", "form", "step", "role", "table", "is_after"),
    ShareView: _read("number", "paths", "value"),
    SharesView: _read("name", "shares", "largest", "is_single", "zero"),
    Signs: _read("positive", "negative", "zero", "open"),
    Sign: _read("is_known", "is_above", "raises", "grows"),
    SizeView: _read("size", "inputs"),
    StageView: _read("name", "op", "steps", "is_alone"),
    StepView: _read("names", "form", "uses", "is_root", "are_parameters", "step", "table"),
    StoryView: _read(
        *(
            "parameters",
            "given",
            "shared",
            "varied",
            "defined",
            "ends",
            "equations",
            "differentiated",
            "telling",
            "reached",
        ),
        *("parts", "stages", "parameters_given", "values_given"),
        *("deltas", "letters", "outputs", "is_opened", "folded", "blocks", "functions", "has_sums", "has_groups"),
    ),
    TimeView: _read("chains", "shares"),
    Training: _read("rows", "iterations", "error", "divergence", "interrupted"),
}
