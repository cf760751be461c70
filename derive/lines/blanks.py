"""The blanks of a worksheet: which numbers of a computation a sheet asks for, in the order in which they are found."""

from collections.abc import Iterator
from dataclasses import dataclass

from derive.calculus.partials import Partial
from derive.computation.shapes import SAME
from derive.errors import UnsupportedError, Whole
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Entry
from derive.lines import ids

MOST_BLANKS = 600
FORWARD, BACKWARD, GRADIENT, UPDATE = PARTS = ("forward", "backward", "gradient", "update")


@dataclass(frozen=True)
class Blank:
    """A number that a sheet asks for.

    ``number`` is counted from 1, as it is printed. ``name`` is plain text: "net_h1", "delta_o1", "dE_total_dw5",
    "w5+" for the value after the update, and with several samples "net_h1@2". ``part`` is the section of the sheet it
    stands in, one of `PARTS`, ``line`` the id of the line that has the number, ``quantity`` the name of what has the
    value, or by which is differentiated, and ``entry`` where the value stands in a table.
    """

    number: int
    name: str
    part: str
    line: str
    quantity: str
    entry: Entry
    sample: int = 0


def blanks_of(evaluation: Evaluation) -> tuple[Blank, ...]:
    """Return the blanks of a computation; raises `UnsupportedError` for more than 600.

    They are the quantities of the forward pass of each sample, the deltas and the sums over paths, the gradients, and
    the new values of what is trained: those of updates that go on within a pass (online, sequential) are left out.

    >>> import derive
    >>> blanks = blanks_of(derive.load("article").derive().evaluation)
    >>> len(blanks), [blank.name for blank in blanks if blank.part == "backward"]
    (33, ['delta_o1', 'delta_o2', 'dE_total_dout_h1', 'dE_total_dout_h2', 'delta_h1', 'delta_h2'])
    """
    found = list(_all(evaluation))
    if len(found) > MOST_BLANKS:
        raise UnsupportedError(
            "a worksheet of this network would have {found} blanks; the limit is {limit}. Leave out samples or layers.",
            found=Whole(len(found)),
            limit=Whole(MOST_BLANKS),
        )
    return tuple(Blank(number, *each) for number, each in enumerate(found, start=1))


_Unnumbered = tuple[str, str, str, str, Entry, int]


def _all(evaluation: Evaluation) -> Iterator[_Unnumbered]:
    computation, count = evaluation.computation, len(evaluation.computation.samples)

    def named(name: str, sample: int) -> str:
        return name if count == 1 else f"{name}@{sample + 1}"

    for sample in range(count):
        for equation in computation.equations:
            if [term.shape for term in equation.terms] == [SAME]:  # the error of an only output is the whole one
                continue
            name = equation.name
            yield named(name, sample), FORWARD, ids.equation(name), name, Entry("passes", (sample, name)), sample
    if not computation.objective:
        return
    whole = computation.whole_objective_name
    if count > 1:
        yield whole, FORWARD, ids.equation(whole), whole, Entry("error"), 0
    for sample in range(count):
        for partial in backward_partials(evaluation):
            entry = Entry("partials", (sample, partial.by))
            yield named(ids.delta(partial), sample), BACKWARD, ids.delta(partial), partial.by, entry, sample
        for partial in _of_parameters(evaluation) if count > 1 else ():
            entry = Entry("partials", (sample, partial.by))
            yield named(ids.partial(partial), sample), BACKWARD, ids.partial(partial), partial.by, entry, sample
    for partial in _of_parameters(evaluation):
        name = f"d{whole}_d{partial.by}"
        yield name, GRADIENT, ids.partial(partial), partial.by, Entry("gradients", (partial.by,)), 0
    if evaluation.plan.is_online or evaluation.plan.is_sequential:
        return
    for name in (partial.by for partial in _of_parameters(evaluation) if partial.by in computation.trained):
        yield f"{name}+", UPDATE, ids.updates(computation, [name], 1), name, Entry("updated", (name,)), 0


def backward_partials(evaluation: Evaluation) -> list[Partial]:
    """Return the partials that later ones are made of: deltas, and sums over paths, in the order of the backward pass.

    Where there are no layers, every quantity on the way has one. Those of one layer stand in the order of its neurons.
    """
    computation = evaluation.computation
    found = [
        partial
        for name, partial in evaluation.derivation.partials.items()
        if name in computation.by_name and (partial.unit or len(partial.paths) > 1 or computation.layers is None)
    ]
    if computation.layers is None:
        return found
    places = {
        name: (-row.index, kind, place)
        for row in computation.layers.rows
        for kind, names in ((1, row.nets), (0, row.outs))
        for place, name in enumerate(names)
    }
    return sorted(found, key=lambda partial: places[partial.by])


def _of_parameters(evaluation: Evaluation) -> list[Partial]:
    """Return the partials by what is trained, by every parameter where nothing is, in the order of the parameters."""
    computation, partials = evaluation.computation, evaluation.derivation.partials
    wanted = computation.trained or frozenset(computation.parameters)
    return [partials[name] for name in computation.parameters if name in wanted and name in partials]
