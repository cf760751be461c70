"""The lines of matrices of blocks: each entry of the right side against the verified scalar at its place."""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from derive.evaluation.evaluation import Evaluation
from derive.lines.arrays.lines import lines_of
from derive.lines.arrays.reading import Reader
from derive.lines.arrays.trees import ArrayLine, Defined
from derive.lines.arrays.values import Rows, value
from derive.verification.checking import Value
from derive.verification.sides import Both, Check, Scene


def array_lines(evaluation: Evaluation) -> Iterator[Check]:
    """Yield a check for each entry of each line; what a line only gives a sign to is checked where it is used."""
    for group in lines_of(evaluation.derivation):
        for line in group:
            yield from checks_of_line(evaluation, line)


def checks_of_line(evaluation: Evaluation, line: ArrayLine) -> Iterator[Check]:
    """Yield a check for each entry of a line."""
    left = line.left
    if isinstance(left, Defined):
        return
    rows = _Rows(evaluation, line)
    names = getattr(left, "names", ())
    for row, entries in enumerate(names):
        for column, name in enumerate(entries):
            yield Check(f"{line.id}, {name}", "the line of matrices", rows.at(row, column))


class _Rows:
    """Both sides of a line, worked out once in each scene."""

    def __init__(self, evaluation: Evaluation, line: ArrayLine) -> None:
        self._derivation, self._line = evaluation.derivation, line
        self._known: WeakKeyDictionary[Scene, tuple[Rows, Rows]] = WeakKeyDictionary()

    def at(self, row: int, column: int) -> Both:
        """Return what gives the right and the left side of an entry."""

        def both(scene: Scene) -> tuple[Value, Value]:
            right, left = self._sides(scene)
            return right[row][column], left[row][column]

        return both

    def _sides(self, scene: Scene) -> tuple[Rows, Rows]:
        if scene not in self._known:
            reader = Reader(self._derivation, scene.table)
            self._known[scene] = value(self._line.right, reader), value(self._line.left, reader)
        return self._known[scene]
