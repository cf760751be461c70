"""Training in which a printed digit is certain, or marked as one that is not.

The steps run in ball arithmetic (Johansson, Arb, 2017): a ball encloses the true value, and a digit is certain where
the whole ball rounds to it. Where a wanted digit is left open, they run again with more bits. Balls widen with the
steps, in some networks by a bit a step, so there is a budget of work. What is still open at its end runs in midpoint
arithmetic, which drops the radii, at two precisions, and digits on which both agree are marked as agreed. Where the
budget is enough for one of the two only, that one is compared with the floats; where it is enough for none, floats are
printed as floats.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from derive.checks import check_digits
from derive.evaluation.evaluation import Evaluation
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.certainty import Reading, Readings
from derive.numbers.rounding import Rounding
from derive.training.run import Training, check_has_error, train
from derive.training.search import Floats, Found, Progress, Search

# A run's work is counted in products at a low precision, of which a machine does 4 to 10 million a second, and not in
# seconds, so that every machine prints the same digits. The article's 10,000 steps take 1.1 million; with this budget
# balls, and then the two precisions, take at most about two seconds each.
BUDGET = 7_000_000
# A step in scalar code has some 6 operations for each product of a weight and a signal; the code for more products
# takes longer to generate than a step may take to run.
LARGEST = 3_000


@dataclass(frozen=True, repr=False)
class Certified:
    """The readings of a training by iteration; ``interrupted`` says that the user stopped the calculation of digits."""

    by_iteration: Mapping[int, Readings]
    interrupted: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """What the digits of all readings rest on: "exact", "certain", "agreed", "float"."""
        return self.kinds_with(self.parameters)

    def kinds_with(self, parameters: Collection[str]) -> frozenset[str]:
        """Return `kinds`, where only the parameters of these names are shown after the last iteration."""
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

    def __repr__(self) -> str:
        errors = (f"{iteration}: {reading.text} ({reading.sure})" for iteration, reading in self.rows)
        return f"<Certified training; the error after each iteration: {shortened(', '.join(errors), LONGEST)}>"


def certified(
    training: Training, digits: int = 9, *, rounding: Rounding | None = None, progress: Progress | None = None
) -> Certified:
    """Return the training as it is printed, with so many decimals: every digit is certain, or marked as not certain.

    The errors of its rows, the last outs and the last parameters are calculated anew in ball arithmetic; the result is
    kept for each number of digits. Where ``rounding`` is given, numbers are written as those that are rounded by hand;
    the training itself is not. ``progress`` is called with the steps done at each precision. An interrupted
    training has an eighth of the budget, as its user is waiting. Raises `InputError` for digits outside 1 to 1,000.
    """
    digits = check_digits(digits)
    if (digits, rounding) in training.known:
        return training.known[digits, rounding]  # type: ignore[no-any-return]
    floats = {row.iteration: Floats(row.error) for row in training.rows}
    floats[training.iterations] = Floats(training.error, training.outs, training.parameters)
    wanted = {row.iteration: row.iteration == training.iterations for row in training.rows}
    budget = BUDGET / 8 if training.interrupted else BUDGET
    found = certify(
        training.evaluation, wanted, digits, floats.get, budget=budget, progress=progress, rounding=rounding
    )
    if not found.interrupted:
        training.known[digits, rounding] = found
    return found


def whole(training: Training | None, digits: int, rounding: Rounding | None = None) -> Certified | None:
    """Return `certified` for a handout, None where there is no training; raises `KeyboardInterrupt` if stopped."""
    if training is None:
        return None
    found = certified(training, digits, rounding=rounding)
    if found.interrupted:
        raise KeyboardInterrupt
    return found


def states(
    evaluation: Evaluation,
    iterations: Sequence[int],
    digits: int,
    *,
    progress: Progress | None = None,
    with_state: bool = False,
) -> Mapping[int, Readings]:
    """Return the error, outs and parameters after each of these numbers of iterations, with so many decimals.

    With ``with_state`` the readings have the optimizer's state, too, of which floats know nothing.

    Raises `InputError` for digits outside 1 to 1,000 and where there is no error to train for, and `KeyboardInterrupt`
    where the user stops it.

    >>> import derive
    >>> found = states(derive.load("article").derive().evaluation, [9_999, 10_000], 13)
    >>> found[9_999].error.text, found[10_000].error.text, found[10_000].error.sure
    ('0.0000351085481', '0.0000351018778', 'certain')
    """
    check_has_error(evaluation.computation)

    def floats(iteration: int) -> Floats | None:
        training = train(evaluation, iteration)
        if training.interrupted:
            raise KeyboardInterrupt
        if training.iterations < iteration:  # it diverged earlier
            return None
        return Floats(training.error, training.outs, training.parameters)

    wanted = dict.fromkeys(iterations, True)
    found = certify(evaluation, wanted, digits, floats, progress=progress, with_state=with_state)
    if found.interrupted:
        raise KeyboardInterrupt
    return {iteration: found.by_iteration[iteration] for iteration in iterations}


def certify(
    evaluation: Evaluation,
    wanted: Mapping[int, bool],
    digits: int,
    floats: Found,
    *,
    budget: float | None = None,
    progress: Progress | None = None,
    with_state: bool = False,
    rounding: Rounding | None = None,
) -> Certified:
    """Return readings with so many decimals after each iteration in ``wanted``.

    ``wanted`` is True for an iteration of which the error, the outs and the parameters are read, False where only the
    error is; ``with_state`` adds the optimizer's state to the former. ``floats`` returns what floating point found
    after an iteration, or None. ``rounding`` is as for `certified`. ``budget`` limits the work, in products at a low
    precision (see `BUDGET`). An interrupt ends the calculation, and what is not certain by then is printed as a float.
    Raises `InputError` for digits outside 1 to 1,000.
    """
    digits = check_digits(digits)
    report = progress or (lambda done: None)
    search = Search(evaluation, wanted, digits, floats, report, with_state=with_state, rounding=rounding)
    interrupted = False
    try:
        if len(evaluation.computation.parameters) * len(evaluation.computation.samples) <= LARGEST:
            search.by_balls(BUDGET if budget is None else budget)
            search.by_two_precisions(BUDGET if budget is None else budget)
    except KeyboardInterrupt:
        interrupted = True
    return Certified({iteration: search.readings(iteration) for iteration in sorted(wanted)}, interrupted)
