"""The Hessian: the matrix of the second derivatives of the error of all samples, with certain digits and signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from functools import partial as bound
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq
from sympy import Expr

from derive.checks import unknown
from derive.errors import InternalError, UnknownNameError, UnsupportedError, shown
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.objective import no_objective
from derive.evaluation.second import Rows, SecondFormulas, second_derivatives
from derive.evaluation.table import Table
from derive.notation import Latex, name_latex, to_latex
from derive.notation.mathml import Mathematics
from derive.notation.names import name_text
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import Undecided
from derive.numbers.number import Number
from derive.numbers.precision import at_bits
from derive.numbers.traced import Traced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sympy import Matrix

MOST_PARAMETERS = 20
MOST_FORMULAS = 10_000  # nodes of all formulas of a matrix of them
SHOWN = 4  # decimals in Jupyter
BITS = 512  # at which signs are told: what is 0 there to 100 digits is left open


@dataclass(frozen=True)
class Signs:
    """How many eigenvalues are positive, negative and exactly 0; ``open`` are too near to 0 to tell."""

    positive: int
    negative: int
    zero: int
    open: int = 0


class Hessian(Mathematics):
    """The second derivatives of the error of all samples by every two parameters.

    ``hessian["w1", "w2"]`` is a number with certain digits. ``names`` are the parameters, the rows and the columns;
    samples are averaged or added up as in the gradient. Raises `UnsupportedError` for more than 20 parameters.

    >>> import derive
    >>> hessian = derive.load("article").derive().hessian
    >>> hessian["w5", "w5"].decimal(6), hessian["w5", "w5"] == hessian.array()[5, 5]
    ('-0.012223', True)
    """

    def __init__(self, evaluation: Evaluation) -> None:
        computation = evaluation.computation
        if not computation.objective:
            raise no_objective(computation)
        if len(computation.parameters) > MOST_PARAMETERS:
            raise UnsupportedError(
                "the Hessian: found {found} parameters; expected at most {most}.",
                found=len(computation.parameters),
                most=MOST_PARAMETERS,
            )
        self.evaluation = evaluation.in_full
        self._rows: dict[int, Rows] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.evaluation,)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of the rows and columns."""
        return self.evaluation.computation.parameters

    def __getitem__(self, pair: tuple[str, str]) -> Number:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise UnknownNameError("hessian: found {found}; expected two names.", found=shown(pair))
        name, by = pair
        one, other = (self._named(each) for each in (name, by))
        return Number(self.evaluation, bound(self._entry, one, other), second_text(self.of, one, other))

    def __len__(self) -> int:
        return len(self.names)

    def _named(self, name: Any) -> str:
        found = self.evaluation.computation.named(name) if isinstance(name, str) else name
        if found not in self.names:
            raise unknown(name, self.names)
        return str(found)

    @property
    def of(self) -> str:
        """What is derived twice: the error of all samples."""
        return self.evaluation.computation.whole_objective_name

    def _entry(self, name: str, by: str, table: Table) -> Value:
        return self.rows(table)[name][by]

    def rows(self, table: Table) -> Rows:
        """Return all values at the precision of a table, each found in both orders and held against the other."""
        if id(table) not in self._rows:  # the evaluation keeps its tables
            found = second_derivatives(self.evaluation, self.names, table)
            for place, name in enumerate(self.names):
                for by in self.names[:place]:
                    _check_same(name, by, found[name][by], found[by][name])
            self._rows[id(table)] = found
        return self._rows[id(table)]

    def array(self) -> "NDArray[np.float64]":
        """Return the matrix as NumPy doubles, each the nearest one."""
        import numpy as np

        return np.array([[float(self[name, by]) for by in self.names] for name in self.names])

    @cached_property
    def _formulas(self) -> SecondFormulas:
        return SecondFormulas(self.evaluation)

    def formula(self, name: str, by: str) -> Expr:
        """Return the formula of one entry over named quantities, of one sample, as an unevaluated SymPy tree.

        >>> import derive
        >>> from derive.notation import to_text
        >>> network = derive.Network([derive.Layer([[2]], activation="identity")], [derive.Sample([3], [1])])
        >>> to_text(network.derive().hessian.formula("w1", "w1"))
        'i1·i1'
        """
        return self._formulas(self._named(name), self._named(by))

    def matrix(self) -> "Matrix":
        """Return the formulas of all entries, of one sample; raises `UnsupportedError` where they are too long."""
        from sympy import Matrix

        rows = [[self.formula(name, by) for by in self.names] for name in self.names]
        size = sum(_size(entry, MOST_FORMULAS) for row in rows for entry in row)
        if size > MOST_FORMULAS:
            raise UnsupportedError(
                "the Hessian: its formulas have more than {most} signs together; ask for single ones with "
                "hessian.formula, or for numbers.",
                most=MOST_FORMULAS,
            )
        return Matrix(rows)

    @cached_property
    def signs(self) -> Signs | None:
        """How many eigenvalues are positive, negative and 0; None where a formula's case is open at many bits."""
        try:
            return at_bits(BITS, self._signs, self.evaluation.table(BITS))
        except Undecided:
            return None

    def _signs(self, table: Table) -> Signs:
        rows = self.rows(table)
        return signs_of([[rows[name][by] for by in self.names] for name in self.names])

    def left_latex(self, name: str, by: str) -> Latex:
        """Return ∂²E/∂w∂v in LaTeX."""
        return second_latex(self.of, name, by)

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(" & ".join(self[name, by].latex(SHOWN) for by in self.names) for name in self.names)
        return rf"$\displaystyle \begin{{pmatrix}} {rows} \end{{pmatrix}}$"

    def __str__(self) -> str:
        cells = [["", *map(name_text, self.names)]] + [
            [name_text(name), *(self[name, by].decimal(SHOWN) for by in self.names)] for name in self.names
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join("  ".join(map(str.rjust, row, widths)) for row in cells)

    def __repr__(self) -> str:
        return f"<Hessian of {self.of} by {len(self)} parameter{'s' * (len(self) != 1)}>"

    def entry_latex(self, name: str, by: str) -> Latex:
        """Return the formula of one entry in LaTeX."""
        return to_latex(self.formula(name, by))


def second_text(of: str, name: str, by: str) -> str:
    """Return ∂²E/∂w∂v in Unicode."""
    below = f"∂{name_text(name)}²" if name == by else f"∂{name_text(name)}∂{name_text(by)}"
    return f"∂²{name_text(of)}/{below}"


def second_latex(of: str, name: str, by: str) -> Latex:
    r"""Return ∂²E/∂w∂v in LaTeX.

    >>> print(second_latex("E", "w1", "w2"), second_latex("E", "w", "w"))
    \frac{\partial^{2} E}{\partial w_{1} \, \partial w_{2}} \frac{\partial^{2} E}{\partial {w}^{2}}
    """
    one, other = name_latex(name), name_latex(by)
    below = rf"\partial {{{one}}}^{{2}}" if name == by else rf"\partial {one} \, \partial {other}"
    return Latex(rf"\frac{{\partial^{{2}} {name_latex(of)}}}{{{below}}}")


def _check_same(name: str, by: str, one: Value, other: Value) -> None:
    if isinstance(one, Traced) or isinstance(other, Traced):  # what is only written down
        return
    exact = isinstance(one, fmpq) and isinstance(other, fmpq)
    if not (one == other if exact else arb(one).overlaps(arb(other)) or not arb(one - other).is_finite()):
        raise InternalError(f"the second derivatives by {name} and {by} depend on their order")


def _size(tree: Expr, most: int) -> int:
    count, waiting = 0, [tree]
    while waiting and count <= most:
        found = waiting.pop()
        count += 1
        waiting.extend(found.args)
    return count


def signs_of(matrix: Sequence[Sequence[Value]]) -> Signs:
    """Return the signs of the eigenvalues of a symmetric matrix by Sylvester's law of inertia.

    The matrix is brought to blocks of one or two rows by elimination, which keeps how many eigenvalues have each sign;
    a block [[a, b], [b, a']] of which both ends may be 0 has one of each. What balls do not tell from 0 is left open.
    """
    rows = [list(row) for row in matrix]
    positive = negative = 0
    while rows:
        size = range(len(rows))
        sure = [k for k in size if rows[k][k] > 0 or rows[k][k] < 0]
        if sure:
            pivot = max(sure, key=lambda k: float(arb(abs(rows[k][k])).lower()))
            is_positive = rows[pivot][pivot] > 0
            positive, negative = positive + is_positive, negative + (not is_positive)
            rows = _eliminated(rows, [pivot])
            continue
        pairs = [(k, other) for k in size for other in range(k) if _is_saddle(rows, k, other)]
        if pairs:
            positive, negative = positive + 1, negative + 1
            rows = _eliminated(rows, list(pairs[0]))
            continue
        is_zero = all(isinstance(value, fmpq) and value == 0 for row in rows for value in row)
        return Signs(positive, negative, len(rows) if is_zero else 0, 0 if is_zero else len(rows))
    return Signs(positive, negative, 0)


def _is_saddle(rows: Sequence[Sequence[Value]], k: int, other: int) -> bool:
    return bool(rows[k][k] * rows[other][other] - rows[k][other] * rows[k][other] < 0)


def _eliminated(rows: Sequence[Sequence[Value]], pivots: Sequence[int]) -> list[list[Value]]:
    """Return the Schur complement: what is left where the rows and columns of the pivots are eliminated."""
    rest = [k for k in range(len(rows)) if k not in pivots]
    if len(pivots) == 1:
        (p,) = pivots
        return [[rows[i][j] - rows[i][p] * rows[p][j] / rows[p][p] for j in rest] for i in rest]
    p, q = pivots
    a, b, c = rows[p][p], rows[p][q], rows[q][q]
    below = a * c - b * b

    def taken(i: int, j: int) -> Value:
        x, y, u, v = rows[i][p], rows[i][q], rows[p][j], rows[q][j]
        return (c * x * u - b * (x * v + y * u) + a * y * v) / below

    return [[rows[i][j] - taken(i, j) for j in rest] for i in rest]
