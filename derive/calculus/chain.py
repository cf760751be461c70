"""The chain rule over a graph, backwards: every partial derivative of the error as a sum over paths of products.

A path is one local derivative and, before it, the partial by the quantity that it defines, found earlier and used again
(a delta). So the work grows with the number of uses of quantities and no faster. SymPy expressions are made when
someone looks.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING

from attrs import evolve
from sympy import Expr, Symbol

from derive.calculus.composition import Composition
from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.checks import ByName, check_digits_by_hand
from derive.computation.equations import ComputationGraph
from derive.errors import UnknownNameError, nearest, shown
from derive.functions.losses import SHORT_DELTAS
from derive.network.network import Network
from derive.notation import to_latex
from derive.stored import Stored

if TYPE_CHECKING:
    from derive.api.handout import Handout
    from derive.evaluation.corners import Corners
    from derive.evaluation.evaluation import Evaluation, Number
    from derive.training.run import Training

DIGITS = 9


@dataclass(frozen=True)
class Error:
    """The error of the network. The formulas are those of one sample, the values those of all samples.

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
        """The error before the update, over all samples."""
        return self.derivation.evaluation.error

    @property
    def after(self) -> "Number":
        """The error after one update, over all samples."""
        return self.derivation.evaluation.error_after

    @property
    def samples(self) -> "tuple[Number, ...]":
        """The error of each sample before the update."""
        graph, evaluation = self.derivation.graph, self.derivation.evaluation
        return tuple(evaluation.quantity(graph.output, number) for number in range(len(graph.samples)))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {to_latex(Symbol(self.derivation.graph.output))} = {to_latex(self.formula)}$"


@dataclass(frozen=True, eq=False)
class Derivation(Stored):
    """Every partial derivative of a network's error, by the name of the quantity.

    ``derivation["w5"]`` is the partial by w5, ``derivation["delta_h1"]`` the one by net_h1: of the error of one sample,
    with the numbers of the first. ``derivation.gradients["w5"]`` is the number over all samples. ``rounding`` is None
    where values are carried in full, else the decimals to which each is rounded: see `by_hand`.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> print(derivation["out_h1"])
    ∂E_total/∂out_h1 = δ_o1·w5 + δ_o2·w7
    >>> derivation.parameters
    ('w1', 'w2', 'w3', 'w4', 'b1', 'w5', 'w6', 'w7', 'w8', 'b2')
    """

    graph: ComputationGraph
    network: Network
    rounding: int | None = None

    def by_hand(self, digits: int = 9) -> "Derivation":
        """Return the same derivation with every intermediate result rounded to so many decimals and carried on so.

        That is what a student with a calculator gets. Raises `InputError` for digits outside 1 to 20.

        >>> import derive
        >>> derivation = derive.load("article").derive()
        >>> [d["out_h1"].paths[1].value.decimal(9) for d in (derivation, derivation.by_hand(9))]
        ['-0.019049118', '-0.019049119']
        """
        return replace(self, rounding=check_digits_by_hand(digits))

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
        return ByName(found)

    def __getitem__(self, name: str) -> Partial:
        key = self._key(name) if isinstance(name, str) else ""
        if key not in self.partials:
            deltas = (partial.symbol.name for partial in self.partials.values() if partial.is_net)
            raise UnknownNameError(
                "{name} names no partial derivative of this network; expected a weight, a bias, an input, a target, "
                "a net or an out.{hint}",
                name=shown(name),
                hint=nearest(name, [*self.partials, *deltas]),
            )
        return self.partials[key]

    def _key(self, name: str) -> str:
        """Return the quantity by which the error is differentiated: w5 for dE_total_dw5, net_h1 for delta_h1."""
        key = name if name in self.partials else name.removeprefix(f"d{self.graph.output}_d")
        return "net" + key.removeprefix("delta") if key not in self.partials and key.startswith("delta_") else key

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every weight and bias, trained or not."""
        return self.graph.parameters

    @cached_property
    def short_deltas(self) -> Mapping[str, tuple[Expr, ...]]:
        """The deltas of the outputs that have a short form: by net, the lines that lead to it, ∂E/∂net last.

        >>> import derive
        >>> derivation = derive.Network(
        ...     layers=[derive.Layer([[0.5]])], samples=[derive.Sample([1], [1])], error="binary_cross_entropy"
        ... ).derive()
        >>> derivation.short_deltas["net_o1"][-1]
        out_o1 - target_o1
        """
        network = self.network
        short = SHORT_DELTAS.get((network.layers[-1].activation, network.error))
        neurons = network.neuron_names[-1]
        targets = tuple(map(Symbol, network.target_names))
        outs = tuple(Symbol(f"out_{name}") for name in neurons)
        if short is None:
            return {}
        return {f"net_{name}": short.lines(targets, outs, place) for place, name in enumerate(neurons)}

    def delta_formula(self, partial: Partial) -> Expr:
        """Return the formula by which a delta is calculated where it stands: the short form, where it has one."""
        short = self.short_deltas.get(partial.by)
        return short[-1] if short else partial.named_formula if partial.factors else partial.formula

    @property
    def error(self) -> Error:
        """The network's error."""
        return Error(self)

    @cached_property
    def with_biases(self) -> "Derivation | None":
        """The derivation of the same network with all its biases trained; None where they are, or there are none."""
        layers = self.network.layers
        if all(layer.train_bias or layer.bias is None for layer in layers):
            return None
        trained = tuple(evolve(layer, train_bias=True) for layer in layers)
        return replace(evolve(self.network, layers=trained).derive(), rounding=self.rounding)

    @cached_property
    def gradients(self) -> "Mapping[str, Number]":
        """The gradient of the error of all samples: the mean or the sum of the samples' partials, by parameter."""
        return ByName({name: self.evaluation.gradient(name) for name in self.parameters})

    # The four doors to later stages import when they are used, so that at import everything points left.

    @cached_property
    def evaluation(self) -> "Evaluation":
        """The number of every quantity and of every partial."""
        from derive.evaluation.evaluation import Evaluation

        return Evaluation(self)

    @cached_property
    def corners(self) -> "Corners":
        """The corners that nets and outs lie at, where there is a derivative from each side alone."""
        from derive.evaluation.corners import Corners

        return Corners(self)

    @cached_property
    def training(self) -> "Training | None":
        """The training that the network asks for; None where it asks for none."""
        network = self.network
        if not network.iterations:
            return None
        training = self.train(network.iterations, every=network.every)
        if training.interrupted:  # who stops a handout on its way wants none with a part of the training
            raise KeyboardInterrupt
        return training

    def train(
        self, iterations: int, *, every: int | None = None, progress: "Callable[[int], None] | None" = None
    ) -> "Training":
        """Return what so many steps of training come to: a table of errors, the last parameters and outs.

        The table has a row at 1, 10, 100, …, or ``every`` so many steps; ``progress`` is told the steps done.
        """
        from derive.training.run import train

        return train(self, iterations, every=every, progress=progress)

    def handout(
        self,
        *,
        detail: str = "article",
        digits: int | None = None,
        form: str = "scalar",
        rounding: str | None = None,
        language: str | None = None,
        paper: str = "a4",
        notes_margin: bool = False,
        author: str = "",
        course: str = "",
        date: str = "",
        template: "str | PathLike[str] | None" = None,
    ) -> "Handout":
        """Return the handout; ``handout().write("output", formats=["pdf"])`` writes it.

        ``detail`` is "article" (the first weight of each layer in full) or "full" (each), ``digits`` the decimals (9),
        ``form`` "scalar" (a line a quantity), "matrix" (a line a layer) or "both", ``rounding`` "exact" or "by-hand",
        ``language`` "en", "pt-BR", "es" or "es-MX", None for the one of the environment. The page: ``paper`` "a4" or
        "letter", ``notes_margin`` True for room beside the text, ``author``, ``course`` and ``date``, a line each
        under the title, and ``template`` a folder with templates that take the place of the package's. Raises
        `InputError` for other words and for digits outside 1 to 1,000, by hand 1 to 20.
        """
        from derive.api.handout import Handout

        if rounding is None:
            rounding = "exact" if self.rounding is None else "by-hand"
        if digits is None:
            digits = self.rounding or DIGITS
        return Handout(
            self,
            detail=detail,
            digits=digits,
            form=form,
            rounding=rounding,
            language=language,
            paper=paper,
            notes_margin=notes_margin,
            author=author,
            course=course,
            date=date,
            template=template,
        )

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

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from derive.render.jupyter import derivation_html

        return {"text/plain": repr(self), "text/latex": self._repr_latex_(), "text/html": derivation_html(self)}

    def __repr__(self) -> str:
        return f"<Derivation of {self.graph.output} by {len(self)} parameters>"


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
