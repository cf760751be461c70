"""What the article of a computation without layers is given."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from derive.computation.equations import Computation
from derive.computation.notation import Notation
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import Activation, JointActivation
from derive.lines.graph_formulas import GraphFormulas
from derive.story.array_views import arrays_view
from derive.story.context import shared_context
from derive.story.graph_views import story_view
from derive.story.handout_options import HandoutOptions
from derive.story.letters import function_letters
from derive.story.recurrence_views import time_view
from derive.story.rules import rules_of
from derive.story.views import ActivationView
from derive.training.run import Training

MOST_RULES = 400  # local derivatives whose rules are looked at


def graph_context(evaluation: Evaluation, training: Training | None, options: HandoutOptions) -> dict[str, Any]:
    """Return what the template is given beside what it shares with that of a network."""
    computation, width = evaluation.computation, options.page.line_width
    shared = shared_context(evaluation, training, options, ())
    exact = [corner for corner in Corners(evaluation).found if corner.is_exact and corner.sample == 0]
    corners = [corner.name for corner in exact]
    letters = function_letters(computation)
    ties = [corner.term for corner in exact if corner.tied]
    story = story_view(shared["formulas"], options.detail)
    return shared | {
        "scalar": True,
        "matrix": False,
        "function_letters": letters,
        "activations": tuple(_activations(computation, letters, width)),
        "rules": rules_of(evaluation.derivation, MOST_RULES),
        # What lies at a kink within a formula may be no quantity but a part of it.
        "at_kink": tuple(name for name in dict.fromkeys(corners) if name in computation.kinds),
        "at_tie": tuple(each.name for each in computation.equations if any(tie in each.terms for tie in ties)),
        "story": story,
        "lists_equations": not story.has_groups or options.detail == "brief",
        "graph_lines": GraphFormulas(shared["formulas"]),
        "time": time_view(evaluation),
        "arrays": arrays_view(shared["formulas"], form=options.form, detail=options.detail),
    }


def _activations(computation: Computation, letters: Notation, width: int) -> Iterator[ActivationView]:
    """Yield each activation function that an equation or one of its terms is, once."""
    terms = (term for equation in computation.equations for term in equation.terms)
    shapes = dict.fromkeys(term.shape for term in terms if isinstance(term.shape.entry, Activation | JointActivation))
    made = partial(ActivationView, width=width, notation=letters)
    yield from dict.fromkeys(made(shape.entry.name, shape.constant) for shape in shapes if shape.entry)
