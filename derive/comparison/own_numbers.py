"""A sheet gone through line by line: as a key has it, or with a student's own numbers and what follows from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb

from derive.evaluation.calculation import Calculation
from derive.evaluation.carried import Carried, Values, flint_values
from derive.lines.blanks import BACKWARD, FORWARD, GRADIENT, Blank
from derive.numbers.arithmetic import ZERO, Value, rational
from derive.numbers.widening import Widening

Place = tuple[str, int]  # a quantity, and the sample


@dataclass(eq=False)
class OwnNumbers:
    """A sheet gone through with a student's answers, at flint's present precision.

    ``calculation`` rounds every result. With a `Widening` each is a ball that contains what honest rounding gives.
    Each name stands for the student's answer, a unit of its last digit wider on each side, where there is one, else
    for what its line gives with their numbers before it. ``answers`` are found by the blank's name. Without
    any of them the lines give what a key accepts.
    """

    calculation: Calculation
    blanks: tuple[Blank, ...]
    answers: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.calculation.rounding is not None
        self.rounding = self.calculation.rounding
        self.computation, self.derivation = self.calculation.computation, self.calculation.derivation
        self._by_part: dict[str, dict[Place, str]] = {}
        for blank in self.blanks:
            self._by_part.setdefault(blank.part, {})[blank.quantity, blank.sample] = blank.name
        self.values = tuple(
            _Forward(self, sample, flint_values(start)) for sample, start in enumerate(self.computation.samples)
        )
        self.partials = tuple(_Partials(self, sample) for sample in range(len(self.values)))
        self._lines: dict[int, Value] = {}

    def line(self, blank: Blank) -> Value:
        """Return what is written in a blank: what its line gives with the numbers before it."""
        if blank.number not in self._lines:
            self._lines[blank.number] = self.rounding.carried(self.result(blank))
        return self._lines[blank.number]

    def result(self, blank: Blank) -> Value:
        """Return the same before it is rounded."""
        name, sample = blank.quantity, blank.sample
        if blank.part == FORWARD:
            if name not in self.computation.by_name:  # the error of all samples
                objective = self.computation.objective
                return self.calculation.reduced([values[objective] for values in self.values])
            return self.equation(name, sample)
        if blank.part == BACKWARD:
            return self.partial(name, sample)
        if blank.part == GRADIENT:
            return self.gradient(name)
        return self.updated(name)

    def equation(self, name: str, sample: int, values: Values | None = None) -> Value:
        """Return what the equation of a quantity gives."""
        return self.calculation.equation_value(name, self.values[sample] if values is None else values)

    def partial(self, name: str, sample: int) -> Value:
        """Return what the line of a partial gives."""
        partial = self.derivation.partials[name]
        return self.calculation.partial_value(partial, self.partials[sample], self.values[sample])

    def gradient(self, name: str) -> Value:
        """Return the gradient of all samples by a parameter: its own line, or the mean or sum of those of samples."""
        if len(self.values) == 1:
            return self.partial(name, 0)
        return self.calculation.reduced([partials[name] for partials in self.partials])

    def gradient_used(self, name: str) -> Value:
        """Return the gradient with which a parameter is updated: the student's own, where there is one."""
        own = self._own(GRADIENT, name, 0)
        return self.gradient(name) if own is None else own  # a step widens it once more

    def updated(self, name: str, gradient: Value | None = None) -> Value:
        """Return the new value of a parameter."""
        used = self.gradient_used(name) if gradient is None else gradient
        return self.calculation.step(name, self.values[0][name], used)["w+"]

    def _own(self, part: str, name: str, sample: int) -> Value | None:
        blank = self._by_part.get(part, {}).get((name, sample))
        answer = None if blank is None else self.answers.get(blank)
        return None if answer is None else self.written(answer)

    def written(self, answer: Fraction) -> Value:
        """Return what a number that somebody wrote may stand for: they may go on with more digits than they wrote."""
        assert isinstance(self.rounding, Widening)
        value = rational(answer)
        return ZERO if value == 0 else arb(value) + arb(0, arb(self.rounding.unit(value)))


class _Forward(Carried):
    """The quantities of one sample, each found when it is asked for."""

    def __init__(self, own: OwnNumbers, sample: int, start: dict[str, Value]) -> None:
        super().__init__(start, own.rounding)
        self.own, self.sample, self.found = own, sample, dict[str, Value]()

    def __getitem__(self, name: str) -> Value:
        if name not in self.found:
            self.found[name] = self._calculated(name)
        return self.found[name]

    def _calculated(self, name: str) -> Value:
        if name in self.given:
            return super().__getitem__(name)
        if name not in self.own.computation.by_name:
            raise KeyError(name)
        answer = self.own._own(FORWARD, name, self.sample)
        return self.rounding.carried(self.own.equation(name, self.sample)) if answer is None else answer

    def __contains__(self, name: object) -> bool:
        return name in self.given or name in self.own.computation.by_name

    def __iter__(self) -> Iterator[str]:
        yield from self.given
        yield from self.own.computation.by_name

    def __len__(self) -> int:
        return len(self.given) + len(self.own.computation.by_name)


class _Partials(Mapping[str, Value]):
    """The partials of one sample, each found when it is asked for."""

    def __init__(self, own: OwnNumbers, sample: int) -> None:
        self.own, self.sample, self.found = own, sample, dict[str, Value]()

    def __getitem__(self, name: str) -> Value:
        if name not in self.found:
            answer = self.own._own(BACKWARD, name, self.sample)
            self.found[name] = (
                self.own.rounding.carried(self.own.partial(name, self.sample)) if answer is None else answer
            )
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.own.derivation.partials)

    def __len__(self) -> int:
        return len(self.own.derivation.partials)
