"""The chain rule over a graph, backwards: every partial derivative of the error as a sum over paths of products.

A path is one local derivative and, before it, the partial by the quantity that it defines, found earlier and used again
(a delta). So the work grows with the number of uses of quantities and no faster. SymPy expressions are made when
someone looks.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Union

from sympy import Expr, Symbol

from derive.composition import Composition
from derive.errors import InputError, nearest
from derive.functions import add
from derive.graph import ComputationGraph, Equation, Shape, Term
from derive.network import Network
from derive.notation import Latex, partial_latex, partial_text, to_latex, to_text
from derive.rules import Constant, Named, Rule, differentiate, multiply

if TYPE_CHECKING:
    from derive.evaluation import Evaluation, Number
    from derive.handout import Handout


class _Shown:
    """What a partial and a local derivative share: their numbers and how they show themselves."""

    of: str
    by: str
    derivation: "Derivation"

    @property
    def formula(self) -> Expr:
        """The derivative as an unevaluated SymPy tree over named quantities."""
        raise NotImplementedError

    @property
    def value(self) -> "Number":
        """The value as a float that also knows its certain digits: ``value.decimal(9)``."""
        return self.derivation.evaluation.derivative(self)  # type: ignore[arg-type]

    def decimal(self, digits: int = 9) -> str:
        """Return the value rounded correctly to that many decimals."""
        return self.value.decimal(digits)

    @property
    def latex(self) -> Latex:
        """∂of/∂by in LaTeX."""
        return partial_latex(self.of, self.by)

    def _repr_latex_(self) -> str:
        relation = "=" if self.value.is_exact(9) else r"\approx"
        return f"$\\displaystyle {self.latex} = {to_latex(self.formula)} {relation} {self.value.latex(9)}$"

    def __str__(self) -> str:
        return f"{partial_text(self.of, self.by)} = {to_text(self.formula)}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


@dataclass(frozen=True, repr=False)
class LocalDerivative(_Shown):
    """The derivative of one equation's target by one name on its right-hand side, all else held fixed."""

    equation: Equation
    by: str
    derivation: "Derivation" = field(repr=False, compare=False)

    @property
    def of(self) -> str:  # type: ignore[override]
        """The quantity that is differentiated."""
        return self.equation.target

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

    @property
    def formula(self) -> Expr:
        """The derivative, tidied, as an unevaluated SymPy tree.

        It is put together from the terms in which the name stands, each shape differentiated once for all: taking the
        other terms as well, as ``rule`` does to show them, would make the work grow with the square of the width.
        """
        slopes = [
            _renamed(slope(term.shape, place), {**_named(term.names), TARGET: Symbol(self.of)})
            for term in self.equation.terms_with[self.by]
            for place, name in enumerate(term.names)
            if name == self.by
        ]
        return add(*slopes) if len(slopes) > 1 else slopes[0]


Factor = Union["Partial", LocalDerivative]


@dataclass(frozen=True)
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
    def value(self) -> "Number":
        """The number that this path adds to the partial."""
        return self.local.derivation.evaluation.path(self)


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
    paths: tuple[Path, ...]
    derivation: "Derivation" = field(repr=False)

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
        return self.by in self.derivation.graph.by_target

    @property
    def delta(self) -> Path | None:
        """The delta form: the one path, its upstream partial as one factor; None for a sum over paths."""
        return self.paths[0] if len(self.paths) == 1 and self.paths[0].upstream is not None else None

    @property
    def symbol(self) -> Symbol:
        """The name under which later formulas use it: delta_h1 for ∂E/∂net_h1, dE_total_dout_h1 for ∂E/∂out_h1."""
        if self.derivation.graph.kinds[self.by] == "net":
            return Symbol("delta" + self.by.removeprefix("net"))
        return Symbol(f"d{self.of}_d{self.by}")

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
        if isinstance(factor, Partial) and self._is_intermediate and self.derivation.graph.kinds[factor.by] == "net":
            return factor.symbol
        return factor.formula

    @property
    def composed(self) -> Expr:
        """SymPy, in weights, biases, inputs and targets alone.

        Raises `UnsupportedError` where it would have more than `derive.composition.LIMIT` nodes.
        """
        return self.derivation.composition.partial(self.by)


@dataclass(frozen=True)
class Error:
    """The error of the network: the quantity that is differentiated.

    >>> import derive
    >>> derivation = derive.Network(
    ...     layers=[derive.Layer(weights=[[0.5]], activation="identity")],
    ...     samples=[derive.Sample(inputs=[1], targets=[2])],
    ... ).derive()
    >>> derivation.error.composed
    (-i1*w1 + target_o1)**2/2
    """

    derivation: "Derivation" = field(repr=False)

    @property
    def formula(self) -> Expr:
        """SymPy, over the error of each output."""
        graph = self.derivation.graph
        return graph.by_target[graph.output].expression

    @property
    def composed(self) -> Expr:
        """The error as one SymPy expression in weights, biases, inputs and targets alone."""
        return self.derivation.composition.quantity(self.derivation.graph.output)

    @property
    def value(self) -> "Number":
        """The error before the update."""
        return self.derivation.evaluation.quantity(self.derivation.graph.output)

    @property
    def after(self) -> "Number":
        """The error after one update."""
        return self.derivation.evaluation.after(self.derivation.graph.output)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {to_latex(Symbol(self.derivation.graph.output))} = {to_latex(self.formula)}$"


@dataclass(frozen=True, eq=False)
class Derivation:
    """Every partial derivative of a network's error, by the name of the quantity.

    ``derivation["w5"]`` is the partial by w5, ``derivation["delta_h1"]`` the one by net_h1.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> print(derivation["out_h1"])
    ∂E_total/∂out_h1 = δ_o1·w5 + δ_o2·w7
    >>> derivation.parameters
    ('w1', 'w2', 'w3', 'w4', 'b1', 'w5', 'w6', 'w7', 'w8', 'b2')
    """

    graph: ComputationGraph
    network: Network

    @cached_property
    def partials(self) -> Mapping[str, Partial]:
        """Every partial by name, in the order in which the backward pass finds them."""
        graph, root = self.graph, self.graph.whole_error
        inside = _inside_error(graph)
        uses = defaultdict(list)
        for equation in [e for e in graph.equations if e.target not in inside] + [root]:
            for name in equation.names:
                uses[name].append(equation)
        found: dict[str, Partial] = {}
        for name in reversed(_forward_order(graph, inside)):
            paths = tuple(
                Path(
                    None if equation is root else found[equation.target],
                    LocalDerivative(equation, name, self),
                )
                for equation in uses[name]
                if equation is root or equation.target in found
            )
            if paths:
                found[name] = Partial(graph.output, name, paths, self)
        return found

    def __getitem__(self, name: str) -> Partial:
        key = "net" + name.removeprefix("delta") if name.startswith("delta_") else name
        key = key.removeprefix(f"d{self.graph.output}_d")
        if key not in self.partials:
            raise InputError(
                f"{name!r} names no partial derivative of this network; expected a weight, a bias, an input, a target, "
                f"a net or an out.{nearest(name, self.partials)}"
            )
        return self.partials[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every weight and bias, trained or not."""
        return self.graph.parameters

    @property
    def error(self) -> Error:
        """The network's error."""
        return Error(self)

    # The three doors to later stages import when they are used, so that at import everything points left.

    @cached_property
    def evaluation(self) -> "Evaluation":
        """The number of every quantity and of every partial."""
        from derive.evaluation import Evaluation

        return Evaluation(self)

    def handout(self, *, detail: str = "article", digits: int = 9) -> "Handout":
        """Return the handout; ``handout().write("output", formats=["pdf"])`` writes it.

        ``detail`` is "article" (the first weight of each layer in full) or "full" (each), ``digits`` the decimals.
        Raises `InputError` for other words and for digits outside 1 to 1,000.
        """
        from derive.handout import Handout

        return Handout(self, detail=detail, digits=digits)

    @cached_property
    def composition(self) -> Composition:
        """Quantities and partials written in weights, biases, inputs and targets alone."""
        return Composition(self.graph, self.partials)

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(
            rf"{self[name].latex} &= {to_latex(self[name].formula)} & {self[name].value.latex(9)}"
            for name in self.parameters[:40]
        )
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"

    def __repr__(self) -> str:
        return f"<Derivation of {self.graph.output} by {len(self)} parameters>"


def differentiate_equation(equation: Equation, by: str) -> Rule:
    """Return the rules that differentiate the equation's right-hand side by the name."""
    function = equation.named_function
    symbol = Symbol(by)
    if function is not None and function.derivative is not None:
        short = function.derivative(symbol, Symbol(equation.target))
        return Named(equation.expression, symbol, function=function.name, short=short)
    return differentiate(equation.expression, symbol)


TARGET = Symbol("y")


@lru_cache
def slope(shape: Shape, place: int) -> Expr:
    """Return the derivative of a shape by one of its places, tidied; the places are x0, x1, …, what it defines is y.

    >>> from derive.graph import PRODUCT
    >>> slope(PRODUCT, 0)
    x1
    """
    names = place_names(shape)
    return differentiate_equation(Equation(TARGET.name, (Term(shape, names),)), names[place]).result


def place_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of a shape's places: x0, x1, …"""
    return tuple(f"x{place}" for place in range(shape.arity))


def _named(names: tuple[str, ...]) -> dict[Symbol, Symbol]:
    return {Symbol(f"x{place}"): Symbol(name) for place, name in enumerate(names)}


def _renamed(expression: Expr, names: Mapping[Symbol, Symbol]) -> Expr:
    """Return the tree with other symbols, nothing evaluated (SymPy's own substitution evaluates)."""
    if not expression.args:
        return names.get(expression, expression)
    parts = [_renamed(part, names) for part in expression.args]
    return expression.func(*parts, evaluate=False) if isinstance(expression, Expr) else expression.func(*parts)


def _opened(partial: Partial) -> tuple[Factor, ...]:
    path = partial.paths[0]
    if len(partial.paths) > 1 or not _one_argument(path.local):
        return (partial,)
    return (*_opened(path.upstream), path.local) if path.upstream else (path.local,)


def _one_argument(local: LocalDerivative) -> bool:
    is_error = local.equation.target == local.derivation.graph.output
    return is_error or len(local.equation.names) == 1


def _inside_error(graph: ComputationGraph) -> frozenset[str]:
    """Return the sums whose terms stand in the whole error: they need no partial of their own."""
    kept = {name for term in graph.whole_error.terms for name in term.names}
    last = [name for name, kind in graph.kinds.items() if kind == "error"]
    return frozenset(name for name in last if name not in kept)


def _forward_order(graph: ComputationGraph, inside: frozenset[str]) -> list[str]:
    """Return every quantity before the first one that needs it, a parameter just before it is used."""
    order: dict[str, None] = {}
    for equation in graph.equations:
        order |= dict.fromkeys(name for name in equation.names if name not in inside)
        if equation.target not in inside:
            order[equation.target] = None
    return list(order)
