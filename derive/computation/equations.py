"""A computation: equations over named quantities in order, and the exact values that they start from.

It knows nothing of layers: a shared weight, a skip or an unrolled recurrence are just equations.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import attrs
from sympy import Expr, Symbol

from derive.computation.layers import Layers
from derive.computation.shapes import SAME, Shape
from derive.computation.wellformed import check
from derive.errors import UnsupportedError
from derive.notation import to_text
from derive.notation.trees import add
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.exact import exact
from derive.stored import Stored

PARAMETERS = ("weight", "bias")


@dataclass(frozen=True)
class Term:
    """A shape with the names of quantities put into its places; ``siblings`` are named by its derivative alone."""

    shape: Shape
    names: tuple[str, ...]
    siblings: tuple[str, ...] = ()

    @property
    def expression(self) -> Expr:
        """The SymPy tree of this term."""
        return self.shape.build(*map(Symbol, self.names))


@dataclass(frozen=True, repr=False)
class Equation(Stored):
    """One line of the forward pass: the quantity ``name`` is the sum of ``terms``.

    >>> from derive.computation.shapes import BIAS, PRODUCT
    >>> print(Equation("net_h1", (Term(PRODUCT, ("w1", "i1")), Term(BIAS, ("b1",)))))
    net_h1 = w1·i1 + b1·1
    """

    name: str
    terms: tuple[Term, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The quantities on the right-hand side, each once, in the order in which they are written."""
        return tuple(self.terms_with)

    @cached_property
    def terms_with(self) -> Mapping[str, tuple[Term, ...]]:
        """The terms in which a name stands, by name: all others are constants to it."""
        found: dict[str, tuple[Term, ...]] = {}
        for term in self.terms:
            for name in dict.fromkeys(term.names):
                found[name] = (*found.get(name, ()), term)
        return found

    @cached_property
    def expression(self) -> Expr:
        """The right-hand side as an unevaluated SymPy tree."""
        terms = [term.expression for term in self.terms]
        return add(*terms) if len(terms) > 1 else terms[0]

    def __str__(self) -> str:
        return f"{self.name} = {to_text(self.expression)}"

    def __repr__(self) -> str:
        return f"<Equation {shortened(str(self), LONGEST)}>"


def _exact_samples(samples: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Fraction], ...]:
    """Return the samples with exact numbers; a float counts as the decimal that it prints."""
    return tuple(
        {name: value if isinstance(value, Fraction) else exact(value, name) for name, value in sample.items()}
        for sample in samples
    )


def _in_order(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    return tuple(equations)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _named(objective: str | None) -> str:
    return "" if objective is None else objective


@attrs.frozen(slots=False, repr=False)
class Computation(Stored):
    """Equations in the order in which the forward pass computes them, and the exact values that it starts from.

    ``samples`` gives, for each sample, every quantity that no equation defines; ``kinds`` the kind of every quantity
    (input, target, weight, bias, net, out, error). ``objective`` is the quantity that is differentiated, the error of a
    sample, or "" (None when it is made) where there is only a forward pass; over several samples it is their
    ``reduction``, "mean" or "sum", which is called ``whole_objective``. ``trained`` are the parameters that an update
    changes, all where none are named. ``units`` gives a net the name of
    its neuron, after which its delta is called; ``layers`` is what only layers can tell, None where there are none.

    Raises `InputError` for a name that nothing defines or that is defined twice, for an equation that stands before one
    that it needs, for an objective that is none of the equations, and for parameters that have no kind of a parameter.

    >>> import derive
    >>> print(derive.load("article").derive().computation)
    net_h1 = w1·i1 + w2·i2 + b1·1
    net_h2 = w3·i1 + w4·i2 + b1·1
    out_h1 = 1/(1 + e^(−net_h1))
    out_h2 = 1/(1 + e^(−net_h2))
    net_o1 = w5·out_h1 + w6·out_h2 + b2·1
    net_o2 = w7·out_h1 + w8·out_h2 + b2·1
    out_o1 = 1/(1 + e^(−net_o1))
    out_o2 = 1/(1 + e^(−net_o2))
    E_o1 = ½(target_o1 − out_o1)²
    E_o2 = ½(target_o2 − out_o2)²
    E_total = E_o1 + E_o2
    """

    equations: tuple[Equation, ...] = attrs.field(converter=_in_order)
    samples: tuple[Mapping[str, Fraction], ...] = attrs.field(converter=_exact_samples)
    kinds: Mapping[str, str]
    objective: str = attrs.field(default="", converter=_named)
    trained: frozenset[str] = attrs.field(converter=_names)
    reduction: str = "mean"
    whole_objective: str = ""
    title: str = ""
    units: Mapping[str, str] = attrs.field(factory=dict)
    layers: Layers | None = None

    @trained.default
    def _all_parameters(self) -> frozenset[str]:
        return frozenset(name for name, kind in self.kinds.items() if self.objective and kind in PARAMETERS)

    def __attrs_post_init__(self) -> None:
        check(
            [(equation.name, equation.names) for equation in self.equations],
            [*map(frozenset, self.samples)],
            self.kinds,
            self.objective,
            self.trained,
        )

    @cached_property
    def by_name(self) -> Mapping[str, Equation]:
        """The equation that defines a quantity, by its name."""
        return {equation.name: equation for equation in self.equations}

    @property
    def values(self) -> Mapping[str, Fraction]:
        """What the first sample and the parameters start from."""
        return self.samples[0]

    @property
    def whole_objective_name(self) -> str:
        """What the objective over all samples is called: E_mean, and E_total where there is one sample."""
        several = f"{self.objective}_{self.reduction}" if len(self.samples) > 1 else self.objective
        return self.whole_objective or several

    @property
    def is_mean(self) -> bool:
        """Whether the samples' errors are averaged; else they are added up."""
        return self.reduction == "mean"

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Every weight and bias, in the order of the forward pass."""
        return tuple(name for name, kind in self.kinds.items() if kind in PARAMETERS)

    @cached_property
    def uses(self) -> Mapping[str, tuple[str, ...]]:
        """The quantities in whose equation a quantity stands, by its name."""
        found: dict[str, list[str]] = {}
        for equation in self.equations:
            for name in equation.names:
                found.setdefault(name, []).append(equation.name)
        return {name: tuple(users) for name, users in found.items()}

    @cached_property
    def layered(self) -> Layers:
        """The layers; raises `UnsupportedError` where there are none."""
        if self.layers is None:
            raise UnsupportedError("this computation has no layers, which matrices and code over arrays are made of.")
        return self.layers

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """What the forward pass ends in: the outs that the objective is made of, or that nothing goes on with."""
        last = self.opened_objective.names if self.objective else [n for n in self.kinds if n not in self.uses]
        return tuple(name for name in last if self.kinds[name] == "out")

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """The errors that the objective adds up, such as E_o1 and E_o2, each used there alone."""
        return tuple(name for name in self.folded if self.uses[name] == (self.objective,))

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The sums below the objective whose terms stand in it where it is differentiated."""
        found: dict[str, None] = {}
        waiting = [self.objective] if self.objective else []
        while waiting:
            for term in self.by_name[waiting.pop()].terms:
                (name, *_) = term.names
                if term.shape is SAME and self.kinds[name] == "error" and name in self.by_name:
                    found[name] = None
                    waiting.append(name)
        inside = {self.objective, *found}
        return tuple(name for name in found if inside.issuperset(self.uses[name]))

    @cached_property
    def errors_behind(self) -> Mapping[str, frozenset[str]]:
        """The errors of outputs that a quantity can change, by its name."""
        found: dict[str, frozenset[str]] = {name: frozenset((name,)) for name in self.errors}
        for equation in reversed(self.equations):
            behind = found.setdefault(equation.name, frozenset())
            for name in equation.names:
                if name not in self.errors:
                    found[name] = found.get(name, frozenset()) | behind
        return found

    @cached_property
    def opened_objective(self) -> Equation:
        """The objective with the terms of the sums below it put in: E_total = ½(target_o1 − out_o1)² + …

        Without an objective it has no terms.
        """
        if not self.objective:
            return Equation("", ())
        return Equation(self.objective, tuple(self._opened(self.by_name[self.objective])))

    def _opened(self, equation: Equation) -> Iterator[Term]:
        for term in equation.terms:
            if term.shape is SAME and term.names[0] in self.folded:
                yield from self._opened(self.by_name[term.names[0]])
            else:
                yield term

    @property
    def summary(self) -> str:
        """What is differentiated, and how much there is of everything.

        >>> import derive
        >>> derive.load("article").derive().computation
        <Computation of E_total: 11 equations, 10 parameters, 1 sample>
        """
        sizes = {"equation": self.equations, "parameter": self.parameters, "sample": self.samples}
        counts = (f"{len(all_)} {word}{'s' * (len(all_) != 1)}" for word, all_ in sizes.items())
        return f"{self.objective or 'a forward pass'}: {', '.join(counts)}"

    def __str__(self) -> str:
        return "\n".join(map(str, self.equations))

    def __repr__(self) -> str:
        return f"<Computation of {self.summary}>"
