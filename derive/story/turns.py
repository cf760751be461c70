"""The turns of a pass of online updates, as the article's template sees them."""

from dataclasses import dataclass, field

from derive.evaluation.evaluation import Evaluation
from derive.evaluation.turn import turn
from derive.lines import ids
from derive.lines.matrix import Matrices
from derive.lines.scalar import Formulas
from derive.story.views import LayerView, PartialsView


@dataclass(frozen=True)
class TurnView:
    """One sample's turn: its numbers and lines, and the name of the place at which they end."""

    evaluation: Evaluation
    formulas: Formulas
    matrices: Matrices
    derivation: PartialsView
    place: str


@dataclass(frozen=True)
class Turns:
    """Returns a sample's turn, counted from 0, each made once; lines have so many decimals and digits of width."""

    evaluation: Evaluation
    layers: tuple[LayerView, ...]
    digits: int
    width: int
    _made: dict[int, TurnView] = field(default_factory=dict)

    @property
    def is_several(self) -> bool:
        """Whether there are turns: updates are online, and there is more than one sample."""
        return self.evaluation.plan.is_online and len(self.evaluation.computation.samples) > 1

    def __call__(self, number: int) -> TurnView:
        """Return the turn of that number."""
        if number not in self._made:
            its = turn(self.evaluation, number)
            formulas = Formulas(its, self.digits, self.width)
            matrices = Matrices(formulas, self.layers)
            derivation = PartialsView(its.derivation)
            self._made[number] = TurnView(its, formulas, matrices, derivation, ids.turn(number))
        return self._made[number]
