"""What the chain rule finds: partials of the error, as sums over paths of products of factors."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, Union

import attrs
from sympy import Expr, Symbol

from derive.calculus.local import differentiate_equation, local_formula
from derive.calculus.rules import Constant, Rule
from derive.computation.equations import Computation, Equation
from derive.notation import Latex, partial_latex, partial_text, to_latex, to_text
from derive.notation.mathml import Mathematics
from derive.notation.names import partial_name
from derive.notation.tidy import multiply
from derive.notation.trees import add
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.number import Number
from derive.stored import Stored


class Numbers(Protocol):
    """What gives partials, local derivatives and paths their values: the evaluation, a later stage."""

    def derivative(self, factor: "Factor") -> Number:
        """Return the value of a partial or of a local derivative."""

    def path(self, path: "Path") -> Number:
        """Return what a path adds to its partial."""


class Found(Protocol):
    """What a partial was found in: the derivation of a computation, whose numbers are handed in."""

    @property
    def computation(self) -> Computation:
        """The equations that were differentiated."""

    @property
    def partials(self) -> Mapping[str, "Partial"]:
        """Every partial, by what the objective is differentiated by."""

    @property
    def numbers(self) -> Numbers:
        """What gives the values."""

    def composed(self, by: str) -> Expr:
        """Return a partial in parameters, inputs and targets alone."""


class _Shown(Mathematics):
    """What a partial and a local derivative share: their numbers and how they show themselves."""

    of: str
    by: str
    formula: Expr
    derivation: Found

    @property
    def value(self) -> Number:
        """The value as a float that also knows its certain digits: ``value.decimal(9)``."""
        return self.derivation.numbers.derivative(self)  # type: ignore[arg-type]

    def decimal(self, digits: int = 9) -> str:
        """Return the value rounded correctly to that many decimals."""
        return self.value.decimal(digits)

    @property
    def latex(self) -> Latex:
        """The whole line in LaTeX: ∂of/∂by and its formula."""
        return Latex(f"{self.left_latex} = {to_latex(self.formula)}")

    @property
    def left_latex(self) -> Latex:
        """∂of/∂by in LaTeX."""
        return partial_latex(self.of, self.by)

    def _repr_latex_(self) -> str:
        relation = "=" if self.value.is_exact(9) else r"\approx"
        return f"$\\displaystyle {self.latex} {relation} {self.value.latex(9)}$"

    def __str__(self) -> str:
        return f"{partial_text(self.of, self.by)} = {to_text(self.formula)}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {shortened(str(self), LONGEST)}>"


@attrs.frozen(slots=False, repr=False)  # of which a computation has as many as it has terms: a dataclass is slower
class LocalDerivative(Stored, _Shown):
    """The derivative of one equation's target by one name on its right-hand side, all else held fixed."""

    equation: Equation
    by: str
    derivation: Found = attrs.field(repr=False, eq=False)

    @property
    def of(self) -> str:  # type: ignore[override]
        """The quantity that is differentiated."""
        return self.equation.name

    @cached_property
    def rule(self) -> Rule:
        """The rule at the root; ``rule.parts`` are the rules for the parts."""
        return differentiate_equation(self.equation, self.by)

    @property
    def steps(self) -> tuple[Rule, ...]:
        """Every rule applied, the outermost first; each has ``name``, ``written`` and ``result``."""
        return tuple(step for step in self.rule.steps() if not isinstance(step, Constant))

    @property
    def written(self) -> Expr:
        """The derivative as the rules write it, before anything is simplified."""
        return self.rule.written

    @cached_property
    def formula(self) -> Expr:
        """The derivative, tidied, as an unevaluated SymPy tree."""
        return local_formula(self.equation, self.by)


Factor = Union["Partial", LocalDerivative]


@attrs.frozen(slots=False)
class Path:
    """One way for the error to reach a quantity: the partial known so far, times one local derivative.

    ``upstream`` is None where the local derivative is of the error itself.
    """

    upstream: "Partial | None"
    local: LocalDerivative

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The upstream partial, where there is one, and the local derivative."""
        return (self.local,) if self.upstream is None else (self.upstream, self.local)

    @property
    def formula(self) -> Expr:
        """The product over named quantities, the upstream partial under its own name."""
        if self.upstream is None:
            return self.local.formula
        return multiply(self.upstream.symbol, self.local.formula)

    @property
    def name(self) -> str:
        """What the path adds, by name: dE_o1_dout_h1, or dE_total_through_h2_1_dout_h1_1 where no error is its own.

        No two paths of a partial share it: each comes through another quantity.
        """
        computation = self.local.derivation.computation
        unit = computation.units.get(self.through, "")
        through = self.through if not unit or unit in computation.kinds else unit
        return f"d{self.part or f'{computation.objective}_through_{through}'}_d{self.local.by}"

    @property
    def part(self) -> str:
        """The one output's error whose derivative the path is, such as E_o1; "" where there is none.

        The path leads to that error and to no other, and no other path of the partial leads there: each would only be a
        part of its derivative. The error of an only output is the objective itself, and needs no second name.
        """
        errors = self._errors
        if len(errors) != 1 or self.upstream is None:
            return ""
        (error,) = errors
        if error not in self.local.derivation.computation.errors or self._is_only(error):
            return ""
        return error if self.local.derivation.partials[self.local.by].errors_behind[error] == 1 else ""

    def _is_only(self, error: str) -> bool:
        computation = self.local.derivation.computation
        return computation.by_name[computation.objective].names == (error,)

    @property
    def _errors(self) -> frozenset[str]:
        """The errors of outputs that the path leads to, and the objective where it leads there otherwise."""
        computation = self.local.derivation.computation
        if self.upstream:
            return computation.errors_behind.get(self.through, frozenset())
        users = set(computation.uses[self.local.by]).intersection((computation.objective, *computation.folded))
        return frozenset[str]().union(*(computation.errors_behind[name] for name in users))

    @property
    def through(self) -> str:
        """The quantity that the path comes through, such as net_o1."""
        return self.upstream.by if self.upstream else self.local.of

    @property
    def value(self) -> Number:
        """The number that this path adds to the partial."""
        return self.local.derivation.numbers.path(self)


@dataclass(frozen=True, eq=False, repr=False)
class Partial(_Shown):
    """The partial derivative of the error by one quantity: a sum over paths of products of factors.

    >>> import derive
    >>> partial = derive.load("article").derive()["w5"]
    >>> print(partial)
    ∂E_total/∂w5 = −(target_o1 − out_o1)·out_o1(1 − out_o1)·out_h1
    >>> partial.value
    0.08216704056423078
    >>> partial.decimal(9)
    '0.082167041'
    >>> [f"∂{factor.of}/∂{factor.by}" for factor in partial.factors]
    ['∂E_total/∂out_o1', '∂out_o1/∂net_o1', '∂net_o1/∂w5']
    """

    of: str
    by: str
    uses: tuple[Equation, ...]  # of the quantity, which lead to the error
    derivation: Found = field(repr=False)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The paths to the error, one through each use; of a large computation few are ever looked at."""
        return tuple(
            Path(
                None if equation.name == self.of else self.derivation.partials[equation.name],
                LocalDerivative(equation, self.by, self.derivation),
            )
            for equation in self.uses
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Found again, for stored as it is, each layer of a deep network would stand inside the one before it.
        return _found, (self.derivation, self.by)

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of the product; for a sum over several paths, none: look at ``paths``.

        A delta is opened into its own factors where it comes from one function of one quantity, as ∂E/∂out · ∂out/∂net
        is; where it comes out of a weighted sum, it stays one factor, known from before.
        """
        if len(self.paths) > 1:
            return ()
        path = self.paths[0]
        if path.upstream is None or (self._is_intermediate and not _one_argument(path.local)):
            return path.factors
        return (*_opened(path.upstream), path.local)

    @property
    def _is_intermediate(self) -> bool:
        return self.by in self.derivation.computation.by_name

    @property
    def delta(self) -> Path | None:
        """The delta form: the one path, its upstream partial as one factor; None for a sum over paths."""
        return self.paths[0] if len(self.paths) == 1 and self.paths[0].upstream is not None else None

    @cached_property
    def errors_behind(self) -> Counter[str]:
        """How many of the paths lead to one output's error, alone or among others, by that error."""
        return Counter(error for path in self.paths for error in path._errors)

    @property
    def is_net(self) -> bool:
        """Whether it is the partial by a pre-activation, a delta."""
        return self.derivation.computation.kinds[self.by] == "net"

    @property
    def unit(self) -> str:
        """The name of the neuron whose delta it is, "" where it is none."""
        return self.derivation.computation.units.get(self.by, "")

    @cached_property
    def symbol(self) -> Symbol:
        """The name under which later formulas use it: delta_h1 for ∂E/∂net_h1, dE_total_dout_h1 for ∂E/∂out_h1.

        A net that belongs to no neuron has no delta, and its partial is called like any other.
        """
        return Symbol(f"delta_{self.unit}" if self.unit else partial_name(self.of, self.by))

    @cached_property
    def formula(self) -> Expr:
        """SymPy, over named quantities; ``delta_o1`` stands for ∂E/∂net_o1. Unevaluated, in the order written."""
        if len(self.paths) > 1:
            return add(*(path.formula for path in self.paths))
        return multiply(*map(self._as_factor, self.factors))

    @property
    def named_formula(self) -> Expr:
        """The formula with every reused partial under its name: a delta, or ∂E/∂out for a sum over paths."""
        return multiply(*(f.symbol if isinstance(f, Partial) else f.formula for f in self.factors))

    def _as_factor(self, factor: Factor) -> Expr:
        if isinstance(factor, Partial) and factor.is_net:
            return factor.symbol
        return factor.formula

    @property
    def composed(self) -> Expr:
        """SymPy, in weights, biases, inputs and targets alone.

        Raises `UnsupportedError` where it would have more than `derive.calculus.composition.LIMIT` nodes.
        """
        return self.derivation.composed(self.by)


def _found(derivation: Found, by: str) -> Partial:
    return derivation.partials[by]


def _opened(partial: Partial) -> tuple[Factor, ...]:
    path = partial.paths[0]
    if len(partial.paths) > 1 or not _one_argument(path.local):
        return (partial,)
    return (*_opened(path.upstream), path.local) if path.upstream else (path.local,)


def _one_argument(local: LocalDerivative) -> bool:
    is_error = local.equation.name == local.derivation.computation.objective
    return is_error or len(local.equation.names) == 1
