"""What the code of both forms has: the lines written so far, what a label shows, and the numbers to start from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.computation.layers import LayerNames
from derive.evaluation.evaluation import Evaluation
from derive.render.notebook.functions import Functions
from derive.render.notebook.names import Names
from derive.render.notebook.python import assignment, number

NOW, NEW, LATE = "", "_new", "_late"
Shown = list[str]


@dataclass
class Lines:
    """Collects lines; ``in_place`` is set in a training loop, where a new value takes the place of the old one.

    ``beyond`` is set where numbers leave the range of floats: NumPy's floats go on with infinity, Python's own do not.
    """

    evaluation: Evaluation
    names: Names
    functions: Functions
    in_place: bool = False
    beyond: bool = False
    lines: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.computation, self.plan = self.evaluation.computation, self.evaluation.plan
        self.samples = len(self.computation.samples)
        self.several = self.samples > 1
        self.views: Sequence[LayerNames] = ()
        self.nets: Mapping[str, str] = {}
        if self.computation.layers is not None:
            self.layers = self.computation.layers
            self.views = self.layers.rows
            self.nets = {neuron.out: neuron.net for neuron in self.views[-1].neurons}

    def is_trained(self, names: Iterable[str]) -> bool:
        """Whether an update changes any of these parameters."""
        return not self.computation.trained.isdisjoint(names)

    def in_step(
        self,
        symbol: str,
        weight: Callable[[], str],
        gradient: Callable[[], str],
        kept: Callable[[str], str],
        found: Callable[[str], str],
    ) -> str:
        """Return the code of a symbol in the optimizer's step; of what it is given, only what stands there is asked.

        ``weight`` and ``gradient`` return the code of what is updated, ``kept(symbol)`` is the variable of what the
        optimizer keeps from step to step, ``found(symbol)`` that of a quantity of the same step.
        """
        known: dict[str, Callable[[], str]] = {
            "w": weight,
            "g": gradient,
            "eta": lambda: self.names(self.plan.learning_rate_name),
            "t": lambda: "step" if self.in_place else "1",
        }
        if symbol in known:
            return known[symbol]()
        if symbol in self.plan.optimizer.symbols:
            return self.names.made(symbol, "constant")
        if symbol not in self.plan.optimizer.rule.state:
            return found(symbol)
        target = kept(symbol)
        return target if self.in_place or target in self.written else self.emit(target, "0.0")

    def taken(self) -> list[str]:
        """Return the lines since this was last called."""
        lines, self.lines = self.lines, []
        return lines

    def emit(self, target: str, code: str) -> str:
        """Add the line that gives the variable its value."""
        self.lines += assignment(target, code)
        self.written.add(target)
        return target


def showing(calculate: Callable[..., str], *arguments: Any) -> Callable[[], Shown]:
    """Return what calculates one thing and shows it."""
    return lambda: [calculate(*arguments)]


def start_value(evaluation: Evaluation, value: Fraction) -> Fraction:
    """Return a number of the user's as the lines go on with it: rounded, where they are rounded by hand."""
    return value if evaluation.rounding is None else evaluation.rounding.of_fraction(value)


def constants(evaluation: Evaluation, names: Names) -> list[str]:
    """Return the lines with the learning rate and the constants of the optimizer; none where nothing is trained."""
    plan = evaluation.plan
    if not evaluation.computation.trained:
        return []
    rate = start_value(evaluation, plan.learning_rate)
    found = [f"{names(plan.learning_rate_name)} = {number(rate)[0]}"]
    for symbol, value in plan.optimizer.symbols.items():
        found.append(f"{names.made(symbol, 'constant')} = {number(start_value(evaluation, value))[0]}")
    return found
