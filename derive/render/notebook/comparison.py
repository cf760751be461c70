"""The last cells of a notebook: the results beside those of the handout, and what floats cannot hold of them.

What a result may be off by is not chosen so that it agrees: it is the running error bound of the lines before.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain

import numpy as np

from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language
from derive.numbers.certainty import Reading
from derive.numbers.decimals import SIGNIFICANT, to_float
from derive.numbers.number import Number
from derive.render.notebook.arrays import Arrays
from derive.render.notebook.bounds import UNIT, Bounded, Bounds, bounds_of, erfc, rounding
from derive.render.notebook.functions import MOST_ROUNDED
from derive.render.notebook.python import floats
from derive.render.notebook.scalars import Scalars
from derive.render.notebook.statements import start_value
from derive.render.notebook.text import escape
from derive.training.certified import certified
from derive.training.run import Training

RESULTS = Message("The results next to those of the handout")
COLUMNS = Message(
    "For each result: its value here, its value in the handout, and how far apart floating-point "
    "rounding can take them."
)
AGREE = Message("All results agree with the handout.")
AGREE_IN_PART = Message("All results agree with the handout as far as floats can represent them.")
LIMITS = Message(
    "Python computes with floats, which have about 16 digits and end at 1.8e308; the digits of the handout come "
    "from exact arithmetic. Here floats cannot represent all of them:"
)
BEYOND = Message("beyond the range of floats, or without a single digit that floats guarantee: {names}")
CORNER = Message(
    "at a kink, or so close to one that floats may take the derivative of the other side, and everything "
    "computed from it: {names}"
)
FEWER = Message("fewer digits than the handout prints, or a tiny remainder where it has 0: {names}")
TRAINED = Message("after training, digits that differ from those of the handout: {names}")
AND_OTHERS = Message("{names} and others")

SAFETY = 2  # times the bound: another processor may add in another order
BY_HAND_BEYOND = 1e-12  # where the handout rounds by hand to more decimals than the code can
MOST_NAMED = 12  # variables in a list


@dataclass(frozen=True)
class Result:
    """A variable, the code of what the handout has for it, and its numbers."""

    variable: str
    there: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Comparison:
    """Compares what the code ``cells`` give with the handout; ``ends`` are the variables that the training ends with.

    ``rest`` are lines that no cell has written yet.
    """

    evaluation: Evaluation
    training: Training | None
    main: Scalars | Arrays
    language: Language
    digits: int
    cells: Sequence[str]
    ends: Sequence[str]
    results: list[Result] = field(init=False)
    rest: list[str] = field(init=False)
    bounds: Bounds = field(init=False)
    has_ties: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "results", list(self._results()))
        object.__setattr__(self, "rest", self.main.taken())
        object.__setattr__(self, "bounds", self._bounds())
        if self.main.functions.is_rounded and not all(map(self._agrees, self.results)):
            # Something that floats cannot tell from a tie was none.
            object.__setattr__(self, "has_ties", False)
            object.__setattr__(self, "bounds", self._bounds())

    def _agrees(self, result: Result) -> bool:
        found = self._bound_of(result)
        if not found.is_known:
            return True
        off = np.abs(np.ravel(found.value) - np.array(result.numbers, dtype=float).reshape(-1))
        return bool(np.max(off) <= self._within(result))

    def _bounds(self, *, reaches_over: bool = True) -> Bounds:
        functions = self.main.functions
        known = {"erfc": erfc}
        by_hand = self.evaluation.rounding
        if by_hand is not None and functions.is_rounded:
            known["rounded"] = rounding(functions.rounded_code, by_hand, has_ties=self.has_ties)
        cells = [cell for cell in self.cells if not cell.startswith("def train(")]
        return bounds_of([*cells, "\n".join(self.rest)], self._inexact(), known, reaches_over=reaches_over)

    def _inexact(self) -> frozenset[float]:
        """Return the floats that stand for a number that they are not."""
        plan = self.evaluation.plan
        given = [
            *(value for sample in self.evaluation.computation.samples for value in sample.values()),
            plan.learning_rate,
            *plan.optimizer.symbols.values(),
        ]
        used = {start_value(self.evaluation, value) for value in given}
        return frozenset(to_float(value) for value in used if not _is_float(value))

    def _results(self) -> Iterator[Result]:
        """Yield the error, the parameters after the update, and the error then; what there is of them."""
        if not self.evaluation.computation.objective:
            yield from self._answers()
            return
        main, error, updated = self.main, self.evaluation.whole, self.evaluation.updated
        yield _single(main.whole_error(), error.value)
        if self.evaluation.computation.differentiates_output:
            yield from self._gradients()
        if not self.evaluation.computation.trained:
            return
        if isinstance(main, Scalars):
            for name in self._trained:
                yield _single(main.updated(name), updated(name))
        else:
            for kind, place in main.trained():
                yield self._array(main.updated(kind, place), kind, place, self.evaluation.new)
        yield _single(main.whole_error("_new"), error.after)

    def _answers(self) -> Iterator[Result]:
        """Yield the outs of all samples."""
        computation = self.evaluation.computation
        outs = computation.layers.last.outs if computation.layers else computation.outputs
        rows = [[self.evaluation.quantity(out, k) for out in outs] for k in range(len(computation.samples))]
        if isinstance(self.main, Scalars):
            for variable, numbers in zip(self.main.answers(), zip(*rows, strict=True), strict=True):
                yield _single(variable, numbers[0]) if len(rows) == 1 else _row(variable, numbers)
        else:
            (variable,) = self.main.answers()
            if len(rows) == 1:
                yield _row(variable, rows[0])
            else:
                yield Result(variable, f"np.array([{', '.join(map(floats, rows))}])", tuple(chain.from_iterable(rows)))

    def _gradients(self) -> Iterator[Result]:
        """Yield the derivatives of the output by the parameters."""
        main, evaluation = self.main, self.evaluation
        if isinstance(main, Scalars):
            layers = evaluation.computation.layers
            for name in (*evaluation.computation.parameters, *(layers.inputs if layers else ())):
                partial = evaluation.derivation[name]
                yield _single(main.partial(partial), partial.value)
        else:
            for kind, place in main.parameters():
                yield self._array(main.gradient(kind, place), kind, place, evaluation.gradient)

    @property
    def _trained(self) -> list[str]:
        computation = self.evaluation.computation
        return [name for name in computation.parameters if name in computation.trained]

    def _array(self, variable: str, kind: str, place: int, of: Callable[[str], Number]) -> Result:
        view = self.evaluation.computation.layered.rows[place]
        if kind == "b":
            numbers = tuple(map(of, view.biases))
            return Result(
                variable, floats(numbers)[1:-1] if view.shared_bias else f"np.array({floats(numbers)})", numbers
            )
        rows = [tuple(map(of, neuron.weights)) for neuron in view.neurons]
        return Result(variable, f"np.array([{', '.join(map(floats, rows))}])", sum(rows, ()))

    # The cells.

    def limits(self) -> str:
        """Return, as Markdown, which numbers floats do not hold to the digits of the handout; "" where they do."""
        one_side = self._bounds(reaches_over=False) if self.bounds.both_sides else self.bounds
        beyond, in_part = self._not_held(one_side)
        at_corner = [name for names in self._not_held(self.bounds) for name in names if name not in (*beyond, *in_part)]
        lost = [end for end, row in self._trained_rows() if row is None]
        lists = [(BEYOND, beyond), (CORNER, at_corner), (FEWER, in_part), (TRAINED, lost)]
        items = [f"- {escape(self._naming(message, names))}" for message, names in lists if names]
        return "\n".join([escape(self.language.say(LIMITS)), "", *items]) if items else ""

    def _not_held(self, bounds: Bounds) -> tuple[Sequence[str], Sequence[str]]:
        """Return the variables that floats do not hold at all, and those of which they hold a part of the digits."""
        known = {name: number for name, number in bounds.variables.items() if number.is_known}
        return bounds.unknown, [name for name, number in known.items() if not self._is_held(number)]

    def _naming(self, message: Message, names: Sequence[str]) -> str:
        listed = ", ".join(names[:MOST_NAMED])
        shown = Message(AND_OTHERS.text, {"names": listed}) if len(names) > MOST_NAMED else listed
        return self.language.say(Message(message.text, {"names": shown}))

    def code(self) -> str:
        """Return the code that compares."""
        known = [result for result in self.results if self._bound_of(result).is_known]
        trained = [row for _, row in self._trained_rows() if row is not None]
        rows = [(result.variable, result.there, repr(self._within(result))) for result in known] + trained
        is_whole = len(known) == len(self.results) and all(self._is_held(self._bound_of(each)) for each in known)
        is_whole &= len(trained) == len(self._trained_rows())
        beyond = [
            f"print(f\"{{'{each.variable}':<16}} {{{each.variable}:<24.12g}} {self._decimal(each)}\")"
            for each in self.results
            if each not in known and self._bound_of(each).value.ndim == 0
        ]
        return "\n".join(
            [
                *self.rest,
                f"# {self.language.say(RESULTS)}",
                f"# {self.language.say(COLUMNS)}",
                "expected = {",
                *(f'    "{variable}": ({variable}, {there}, {within}),' for variable, there, within in rows),
                "}",
                "for name, (here, there, within) in expected.items():",
                "    if np.ndim(here) == 0:",
                '        print(f"{name:<16} {here:<24.12g} {there:.12g}")',
                "    assert np.all(np.abs(here - there) <= within), name",
                *beyond,
                f"print({_quoted(self.language.say(AGREE if is_whole else AGREE_IN_PART))})",
            ]
        )

    def _decimal(self, result: Result) -> str:
        return result.numbers[0].decimal(min(self.digits, MOST_ROUNDED))

    def _bound_of(self, result: Result) -> Bounded:
        return self.bounds.variables[result.variable]

    def _within(self, result: Result) -> float:
        """Return how far apart the two may be: the bound of the result, and the handout's number as a float."""
        found = self._bound_of(result)
        off = SAFETY * float(np.max(found.bound + UNIT * np.abs(found.value)))
        rounding = self.evaluation.rounding
        return _upwards(max(off, BY_HAND_BEYOND) if rounding is not None and rounding.digits > MOST_ROUNDED else off)

    def _is_held(self, number: Bounded) -> bool:
        """Whether every number keeps the digits that the handout prints, of those that a float has."""
        digits = min(self.digits, MOST_ROUNDED)
        size = np.abs(number.value)
        power = np.floor(np.log10(np.where(size > 0, size, 1.0)))
        by_hand = self.evaluation.rounding
        if by_hand is None:
            is_small = size < 10.0 ** (min(SIGNIFICANT, digits) - 1 - digits)
            last = np.where(is_small, power - (max(SIGNIFICANT, digits + 1) - 1), -digits)
        else:
            last = power - (digits - 1) if by_hand.is_significant else np.full_like(size, -digits)
        is_held = (size > 0) & (number.bound <= 0.5 * 10.0**last)
        return bool(np.all(is_held | (number.bound == 0)))

    # Training.

    def _trained_rows(self) -> list[tuple[str, tuple[str, str, str] | None]]:
        """Return each variable that the training ends with, and its row; None where floats have lost its digits."""
        training = self.training
        if not self.ends or training is None or not self._starts_whole:
            return []
        readings = certified(training, self.digits)
        found: list[tuple[str, Reading, float]] = [(self.ends[-1], readings.rows[-1][1], training.error)]
        if isinstance(self.main, Scalars):
            ends = zip(self.ends, self._trained, strict=False)
            found = [*((end, readings.parameters[name], training.parameters[name]) for end, name in ends), *found]
        told = [row for row in found if _within(row[1]) or self.bounds.both_sides]
        return [(end, self._trained_row(end, reading, number)) for end, reading, number in told]

    def _trained_row(self, end: str, reading: Reading, number: float) -> tuple[str, str, str] | None:
        """Return a row where the same training in floats, written by other code, keeps all the digits."""
        if self.bounds.both_sides:
            return None
        there, within = float(reading.text), _within(reading)
        return (end, repr(there), repr(within)) if abs(number - there) <= within else None

    @property
    def _starts_whole(self) -> bool:
        """Whether rounding by hand changes nothing in the numbers to start from: training is not rounded."""
        plan = self.evaluation.plan
        given = [*self.evaluation.computation.samples, {"rate": plan.learning_rate}, plan.optimizer.symbols]
        return all(start_value(self.evaluation, value) == value for values in given for value in values.values())


def _row(variable: str, numbers: Sequence[Number]) -> Result:
    return Result(variable, f"np.array({floats(numbers)})", tuple(numbers))


def _single(variable: str, number: Number) -> Result:
    return Result(variable, floats([number])[1:-1], (number,))


def _is_float(value: Fraction) -> bool:
    nearest = to_float(value)
    return bool(np.isfinite(nearest)) and Fraction(nearest) == value


def _upwards(number: float) -> float:
    """Return a number of one digit that is not smaller.

    >>> _upwards(3.1e-15), _upwards(0.0)
    (4e-15, 0.0)
    """
    rounded = float(f"{number:.0e}")
    mantissa, _, power = f"{rounded:.0e}".partition("e")
    return rounded if rounded >= number else float(f"{int(mantissa) + 1}e{power}")


def _within(reading: Reading) -> float:
    """Return half a unit of the last printed digit and a little more; 0 where the digits are not certain."""
    if reading.sure not in ("exact", "certain"):
        return 0.0
    mantissa, _, power = reading.text.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(power or 0)
    # Out of a text, which floats read whatever the power of ten is.
    return max(float(f"6e{-decimals - 1}"), 1e-11)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
