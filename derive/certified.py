"""Training in which a printed digit is certain, or marked as one that is not.

The same steps run in ball arithmetic; where a wanted digit is left open, again with more bits. Balls widen with the
steps, in some networks by a bit a step, so that this ends at a budget of work. What is left open then runs at two
precisions without the balls' width, and digits on which both agree are printed as such; where one more precision is all
that can be had, it is held against the floats; where none can be had, floats are printed as floats.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

from flint import ctx

from derive.arithmetic import OutsideDomain, Value, rational
from derive.codegen.balls import BallProgram, BallRun
from derive.decimals import Undecided
from derive.derivation import Derivation
from derive.errors import InputError, shown
from derive.exact import MOST_DIGITS
from derive.readings import UNKNOWN, Reading, Readings, agreed, certain, floating
from derive.training import Training

# A run's work is counted in products at a low precision, of which a machine does 4 to 10 million a second, and not in
# seconds, so that every machine prints the same digits. The article's 10,000 steps take 1.1 million; with this budget
# balls, and then the two precisions, take at most about two seconds each.
BUDGET = 7_000_000
LOOK = 2  # the work of reading a state, in steps
# A step in scalar code has some 6 operations for each product of a weight and a signal; the code for more products
# takes longer to make than a step may.
LARGEST = 3_000
START_BITS, MOST_BITS = 128, 1 << 15
BITS_A_DIGIT = math.log2(10)
CHUNK = 1_000  # steps between two reports of progress

Key = Any  # "error", (sample, output) or the name of a parameter
Values = Mapping[Key, Value]
Progress = Callable[[int], None]
STOPS = (Undecided, OutsideDomain, ZeroDivisionError)


@dataclass(frozen=True)
class Floats:
    """What floating point gave after so many steps; ``outs`` and ``parameters`` may be empty."""

    error: float
    outs: Sequence[Sequence[float]] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def values(self) -> Mapping[Key, float]:
        """All by key."""
        outs = {(row, place): out for row, outs in enumerate(self.outs) for place, out in enumerate(outs)}
        return {"error": self.error, **outs, **self.parameters}


@dataclass(frozen=True)
class Certified:
    """The readings of a training by iteration; ``interrupted`` says that someone stopped the calculation of digits."""

    by_iteration: Mapping[int, Readings]
    interrupted: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """What the digits of all readings rest on: "exact", "certain", "agreed", "float"."""
        return self.kinds_with(self.parameters)

    def kinds_with(self, parameters: Collection[str]) -> frozenset[str]:
        """Return the same, of the last parameters only those of these names."""
        states = (replace(readings, parameters={}).all for readings in self.by_iteration.values())
        shown = (reading for name, reading in self.parameters.items() if name in parameters)
        return frozenset(reading.sure for reading in chain(*states, shown))

    @property
    def has_dashes(self) -> bool:
        """Whether a dash stands for a number of which nothing is known."""
        return any(not reading.is_number for readings in self.by_iteration.values() for reading in readings.all)

    @property
    def rows(self) -> tuple[tuple[int, Reading], ...]:
        """The table: iterations and the error after them."""
        return tuple((iteration, readings.error) for iteration, readings in self.by_iteration.items())

    @property
    def errors(self) -> tuple[Reading, ...]:
        """The error by row."""
        return tuple(readings.error for readings in self.by_iteration.values())

    @property
    def last(self) -> Readings:
        """The readings after the last iteration."""
        return self.by_iteration[max(self.by_iteration)]

    @property
    def outs(self) -> tuple[tuple[Reading, ...], ...]:
        """The last outs of each sample."""
        return self.last.outs

    @property
    def parameters(self) -> Mapping[str, Reading]:
        """The last weights and biases."""
        return self.last.parameters


def of_training(training: Training, digits: int, *, progress: Progress | None = None) -> Certified:
    """Return the readings of a training: the errors of its rows, the last outs and parameters.

    Of an interrupted one less work is taken: whoever stopped it waits for its end.
    """
    floats = {row.iteration: Floats(row.error) for row in training.rows}
    floats[training.iterations] = Floats(training.error, training.outs, training.parameters)
    wanted = {row.iteration: row.iteration == training.iterations for row in training.rows}
    budget = BUDGET / 8 if training.interrupted else BUDGET
    return certify(training.derivation, wanted, digits, floats.get, budget=budget, progress=progress)


def states(
    derivation: Derivation, iterations: Sequence[int], digits: int, *, progress: Progress | None = None
) -> Mapping[int, Readings]:
    """Return the error, outs and parameters after each of these numbers of iterations.

    >>> import derive
    >>> found = states(derive.load("article").derive(), [9_999, 10_000], 12)
    >>> found[9_999].error.text, found[10_000].error.text, found[10_000].error.sure
    ('0.0000351085481096', '0.0000351018778298', 'certain')
    """

    def floats(iteration: int) -> Floats | None:
        training = derivation.train(iteration)
        if training.iterations < iteration:
            return None
        return Floats(training.error, training.outs, training.parameters)

    found = certify(derivation, dict.fromkeys(iterations, True), digits, floats, progress=progress)
    if found.interrupted:
        raise KeyboardInterrupt
    return {iteration: found.by_iteration[iteration] for iteration in iterations}


def certify(
    derivation: Derivation,
    wanted: Mapping[int, bool],
    digits: int,
    floats: Callable[[int], Floats | None],
    *,
    budget: float | None = None,
    progress: Progress | None = None,
) -> Certified:
    """Return readings with so many decimals after each wanted iteration, of everything or of the error alone.

    ``floats`` gives what floating point found there, None where nothing; ``budget`` limits the work. An interrupt ends
    the calculation; what is not certain by then is printed as a float. Raises `InputError` for digits outside 1 to
    1,000.
    """
    check_digits(digits)
    search = _Search(derivation, wanted, digits, floats, progress or (lambda done: None))
    interrupted = False
    try:
        if derivation.network.size * len(derivation.network.samples) <= LARGEST:
            search.by_balls(BUDGET if budget is None else budget)
            search.by_two_precisions(BUDGET if budget is None else budget)
    except KeyboardInterrupt:
        interrupted = True
    return Certified({iteration: search.readings(iteration) for iteration in sorted(wanted)}, interrupted)


def check_digits(digits: int) -> None:
    """Raise `InputError` for a number of decimals that is none from 1 to 1,000."""
    if not isinstance(digits, int) or not 1 <= digits <= MOST_DIGITS:
        raise InputError(f"digits: found {shown(digits)}; expected a whole number from 1 to {MOST_DIGITS:,}.")


class _Search:
    """The readings found so far, by iteration and key."""

    def __init__(
        self,
        derivation: Derivation,
        wanted: Mapping[int, bool],
        digits: int,
        floats: Callable[[int], Floats | None],
        progress: Progress,
    ) -> None:
        self.derivation, self.wanted, self.digits = derivation, wanted, digits
        self.floats, self.progress = floats, progress
        self.program = BallProgram(derivation)
        graph, network = derivation.graph, derivation.network
        outs = [(row, place) for row in range(len(graph.samples)) for place in range(len(network.target_names))]
        self.keys: dict[bool, list[Key]] = {False: ["error"], True: ["error", *outs, *graph.parameters]}
        self.found: dict[tuple[int, Key], Reading] = {}
        for iteration, everything in wanted.items():
            for name in graph.parameters if everything else ():
                if name not in graph.trained:
                    self._note(iteration, name, certain(rational(graph.values[name]), digits))
        least = START_BITS + int(BITS_A_DIGIT * digits)
        self.bits = 1 << max(7, (least - 65).bit_length())

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
                self._read(bits, mark, values)
            budget -= self.reached * cost
            bits = self._next(bits)

    def _affordable(self, cost: float, budget: float) -> list[int]:
        """Return the first missing iterations, as many as the budget is enough for."""
        return [mark for place, mark in enumerate(self.missing(), start=1) if (mark + LOOK * place) * cost <= budget]

    def _next(self, bits: int) -> int:
        """Return the bits of the next attempt: twice as many, or as many as the first missing iteration asks for."""
        first = next(iter(self.missing()), 0)
        needed = bits * first / max(self.reached, 1)
        return max(2 * bits, 1 << math.ceil(math.log2(needed))) if needed else 2 * bits

    def _read(self, bits: int, mark: int, values: Values) -> None:
        with ctx.workprec(bits):
            for key in self.keys[self.wanted[mark]]:
                if (mark, key) not in self.found:
                    self._note(mark, key, certain(values[key], self.digits))

    def by_two_precisions(self, budget: float) -> None:
        """Read off the digits on which two precisions agree, or one and the floats."""
        marks = self.missing()
        if not marks:
            return
        low, high = self.program.work.at(self.bits), self.program.work.at(2 * self.bits)
        second: Mapping[int, Mapping[Key, Any]]
        if self._affordable(low + high, budget) == marks:
            second = dict(self._walk(self.program.start(2 * self.bits, thin=True), marks))
        else:
            marks = self._affordable(low, budget)
            second = {mark: found.values for mark in marks if (found := self.floats(mark)) is not None}
        first = self._walk(self.program.start(self.bits, thin=True), marks)
        for mark, values in first:
            for key in self.keys[self.wanted[mark]] if mark in second else ():
                self._note(mark, key, agreed(values[key], second[mark][key], self.digits))

    def _walk(self, run: BallRun, marks: Collection[int]) -> Iterator[tuple[int, Values]]:
        """Yield the values at each mark, as far as the run comes; ``reached`` is how far."""
        self.reached = 0
        try:
            for mark in marks:
                while run.done < mark:
                    run.advance(min(CHUNK, mark - run.done))
                    self.reached = run.done
                    self.progress(run.done)
                yield mark, dict(run.values(everything=self.wanted[mark]))
        except STOPS:
            self.reached = run.done

    def readings(self, iteration: int) -> Readings:
        """Return what there is to print after an iteration."""
        everything = self.wanted[iteration]
        read = {key: self._reading(iteration, key) for key in self.keys[everything]}
        if not everything:
            return Readings(read["error"])
        graph, network = self.derivation.graph, self.derivation.network
        outs = tuple(
            tuple(read[row, place] for place in range(len(network.target_names))) for row in range(len(graph.samples))
        )
        return Readings(read["error"], outs, {name: read[name] for name in graph.parameters})

    def _reading(self, iteration: int, key: Key) -> Reading:
        if (iteration, key) in self.found:
            return self.found[iteration, key]
        floats = self.floats(iteration)
        return UNKNOWN if floats is None else floating(floats.values.get(key), self.digits)
