"""The search for a training's certain digits: runs at more and more bits, then at two precisions, within a budget."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from derive.checks import ByName
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import OutsideDomain, Value, rational
from derive.numbers.certainty import UNKNOWN, Reading, Readings, agreed, are_apart, certain, floating
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.numbers.rounding import Rounding
from derive.training.code.ball_run import BallProgram, BallRun

START_BITS, MOST_BITS = 128, 1 << 15
BITS_A_DIGIT = math.log2(10)
SPARE_BITS = 64
READING = 2  # the work of reading the digits of a state, in steps
CHUNK = 1_000  # steps between two reports of progress

# "error", (sample, output), the name of a parameter, or (its name, the name of a part of the optimizer's state)
Key = Any
Values = Mapping[Key, Value]
Progress = Callable[[int], None]
STOPS = (Undecided, OutsideDomain, ZeroDivisionError)


@dataclass(frozen=True)
class Floats:
    """What floats gave after some iteration; ``outs`` (a sequence a sample) and ``parameters`` may be empty."""

    error: float
    outs: Sequence[Sequence[float]] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def values(self) -> Mapping[Key, float]:
        """All of them by key."""
        outs = {(sample, k): out for sample, outs in enumerate(self.outs) for k, out in enumerate(outs)}
        return {"error": self.error, **outs, **self.parameters}


Found = Callable[[int], Floats | None]


class Search:
    """The readings found so far, by iteration and key; see `derive.training.certified.certify` for what it is given.

    ``with_state`` says that the optimizer's state is read, too, where everything is; ``rounding`` how numbers are
    written where they are as those of a derivation that is rounded by hand.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        wanted: Mapping[int, bool],
        digits: int,
        floats: Found,
        progress: Progress,
        *,
        with_state: bool = False,
        rounding: Rounding | None = None,
    ) -> None:
        self.evaluation, self.wanted, self.digits, self.rounding = evaluation, wanted, digits, rounding
        self.floats, self.progress = floats, progress
        self.program = BallProgram(evaluation)
        computation = evaluation.computation
        outs = [(sample, k) for sample in range(len(computation.samples)) for k in range(len(computation.outputs))]
        kinds = evaluation.plan.optimizer.rule.state if with_state else ()
        trained = [name for name in computation.parameters if name in computation.trained]
        self.state = [(name, kind) for name in trained for kind in kinds]
        all_keys = ["error", *outs, *computation.parameters, *self.state]
        self.keys: dict[bool, list[Key]] = {False: ["error"], True: all_keys}
        self.found: dict[tuple[int, Key], Reading] = {}
        for iteration, everything in wanted.items():
            for name in computation.parameters if everything else ():
                if name not in computation.trained:
                    self._note(iteration, name, certain(rational(computation.values[name]), digits, rounding))
        self.bits = START_BITS
        while self.bits < BITS_A_DIGIT * digits + SPARE_BITS:
            self.bits *= 2

    def _note(self, iteration: int, key: Key, reading: Reading | None) -> None:
        if reading is not None:
            self.found.setdefault((iteration, key), reading)

    def missing(self) -> list[int]:
        """Return the iterations of which a reading is missing."""
        return [
            iteration
            for iteration, everything in sorted(self.wanted.items())
            if any((iteration, key) not in self.found for key in self.keys[everything])
        ]

    def by_balls(self, budget: float) -> None:
        """Read off what balls make certain, with more and more bits."""
        bits = self.bits
        while self.missing() and bits <= MOST_BITS:
            cost = self.program.work.at(bits)
            affordable = self._affordable(cost, budget)
            if not affordable:
                return
            for mark, values in self._walk(self.program.start(bits), affordable):
                at_bits(bits, self._read, mark, values)
            budget -= self.reached * cost
            bits = self._next(bits, budget)

    def _affordable(self, cost: float, budget: float) -> list[int]:
        """Return the first missing iterations, as many as the budget is enough for."""
        return [mark for count, mark in enumerate(self.missing(), start=1) if (mark + READING * count) * cost <= budget]

    def _next(self, bits: int, budget: float) -> int:
        """Return the bits of the next attempt, at least twice as many as before.

        Where bits were lost at an even rate so far, the first missing iteration needs ``bits · first / reached``. Where
        the budget is not enough for that, twice as many are tried, as the loss may come to an end.
        """
        first = next(iter(self.missing()), 0)
        needed = 2 * bits
        while needed < bits * first / max(self.reached, 1):
            needed *= 2
        return needed if first * self.program.work.at(needed) <= budget else 2 * bits

    def _read(self, mark: int, values: Values) -> None:
        for key in self.keys[self.wanted[mark]]:
            if (mark, key) not in self.found:
                self._note(mark, key, certain(values[key], self.digits, self.rounding))

    def by_two_precisions(self, budget: float) -> None:
        """Read off the digits on which two precisions of midpoint arithmetic agree, or one and the floats."""
        if not self.missing():
            return
        low, high = self.program.work.at(self.bits), self.program.work.at(2 * self.bits)
        both = self._affordable(low + high, budget)
        marks = self._affordable(low, budget - (both[-1] * high if both else 0))
        second: dict[int, Mapping[Key, Any]] = dict(self._walk(self.program.start(2 * self.bits, midpoints=True), both))
        for mark in marks[len(both) :]:
            found = self.floats(mark)
            if found is not None:
                second[mark] = found.values
        first = self._walk(self.program.start(self.bits, midpoints=True), marks)
        for mark, values in first:
            for key in self.keys[self.wanted[mark]] if mark in second else ():
                reading = at_bits(self.bits, agreed, values[key], second[mark].get(key), self.digits, self.rounding)
                self._note(mark, key, reading)

    def _walk(self, run: BallRun, marks: Collection[int]) -> Iterator[tuple[int, Values]]:
        """Yield the values after each iteration in ``marks`` that the run reaches; `reached` is the last step taken."""
        self.reached = 0
        try:
            for mark in marks:
                while run.done < mark:
                    run.advance(min(CHUNK, mark - run.done))
                    self.reached = run.done
                    self.progress(run.done)
                yield mark, run.values(everything=self.wanted[mark])
        except STOPS:
            self.reached = run.done

    def readings(self, iteration: int) -> Readings:
        """Return what is printed after an iteration."""
        everything = self.wanted[iteration]
        read = {key: self._reading(iteration, key) for key in self.keys[everything]}
        if not everything:
            return Readings(read["error"])
        computation = self.evaluation.computation
        outs = tuple(
            tuple(read[sample, k] for k in range(len(computation.outputs)))
            for sample in range(len(computation.samples))
        )
        parameters = ByName({name: read[name] for name in computation.parameters})
        return Readings(read["error"], outs, parameters, {key: read[key] for key in self.state})

    def _reading(self, iteration: int, key: Key) -> Reading:
        if (iteration, key) in self.found:
            return self.found[iteration, key]
        floats = self.floats(iteration)
        if floats is None or iteration > self._last_right:
            return UNKNOWN
        return floating(floats.values.get(key), self.digits, self.rounding)

    @cached_property
    def _last_right(self) -> float:
        """Up to which iteration floats are printed: to the last known error if they have that wrong, else to any."""
        known = [iteration for iteration, key in self.found if key == "error"]
        if not known or (floats := self.floats(max(known))) is None:
            return math.inf
        reading = self.found[max(known), "error"]
        return max(known) if not reading.is_number or are_apart(floats.error, reading, self.digits) else math.inf
