"""A small network's training as plain Python: every quantity a local variable, every sample written out."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from sympy import Add, Expr, Max, Rational, Symbol, exp, preorder_traversal

from derive.codegen.expressions import PythonCode
from derive.codegen.program import CAREFUL_FLOATS, FLOATS, Outcome, Program, State, assigned, run
from derive.codegen.steps import step_lines, step_only
from derive.decimals import to_float
from derive.derivation import Derivation
from derive.graph import Equation, Term
from derive.optimizers import G, T
from derive.partials import Partial
from derive.rules import tidy
from derive.slopes import renamed
from derive.trees import ONE, add


def scalar_program(derivation: Derivation) -> Program:
    """Return the code that trains the network, each quantity of each sample a variable of its own."""
    writer = _Writer(derivation)
    source = writer.source()
    fast, careful = run(source, FLOATS), run(source, CAREFUL_FLOATS)
    constants = tuple(to_float(value) for value in writer.constants.values())
    graph = derivation.graph
    network = derivation.network
    start = (
        *(to_float(graph.values[name]) for name in graph.parameters),
        *[0.0] * len(writer.state),
        0,
    )
    size = len(network.target_names)

    def outcome(state: State) -> Outcome:
        found = careful["outcome"](state, constants)
        errors, outs = found[:: size + 1], [found[k + 1 : k + 1 + size] for k in range(0, len(found), size + 1)]
        return Outcome(tuple(map(float, errors)), tuple(tuple(row) for row in outs))

    return Program(
        source,
        start,
        lambda state, steps: fast["advance"](state, constants, steps),
        lambda state, steps: careful["advance"](state, constants, steps),
        outcome,
        lambda state: dict(zip(graph.parameters, state, strict=False)),
        lambda state: all(map(math.isfinite, state)),
    )


@dataclass
class _Writer:
    """Writes the code; ``constants`` are the numbers that are passed in, by their variables."""

    derivation: Derivation
    constants: dict[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        graph, network = self.derivation.graph, self.derivation.network
        self.weights = {name: f"w{number}" for number, name in enumerate(graph.parameters)}
        self.trained = [name for name in graph.parameters if name in graph.trained]
        self.state = {
            (name, kind): f"{kind}{self.weights[name][1:]}"
            for name in self.trained
            for kind in network.optimizer.rule.state
        }
        self.samples = [self._variables(number) for number in range(len(graph.samples))]

    def _variables(self, number: int) -> dict[str, str]:
        """Return the variable of each quantity of a sample."""
        graph = self.derivation.graph
        names = dict(self.weights)
        for place, name in enumerate(name for name in graph.kinds if name not in self.weights):
            if name in graph.samples[number]:
                names[name] = self._constant(graph.samples[number][name])
            else:
                names[name] = f"q{place}_{number}"
        return names

    def _constant(self, value: Fraction) -> str:
        known = next((variable for variable, number in self.constants.items() if number == value), None)
        if known is None:
            known = f"c{len(self.constants)}"
            self.constants[known] = value
        return known

    def source(self) -> str:
        """Return the two functions."""
        step = list(self._step())
        outcome = list(self._outcome())
        state = assigned([*self.weights.values(), *self.state.values(), "t"])
        constants = assigned(list(self.constants))
        lines = [
            "def advance(state, constants, steps):",
            f"    {state} = state",
            f"    {constants} = constants",
            "    for _ in range(steps):",
            *(f"        {line}" for line in step),
            f"    return {state}",
            "def outcome(state, constants):",
            f"    {state} = state",
            f"    {constants} = constants",
            *(f"    {line}" for line in outcome),
        ]
        return "\n".join(lines) + "\n"

    def _outcome(self) -> Iterator[str]:
        graph = self.derivation.graph
        found = []
        for number, names in enumerate(self.samples):
            yield from self._forward(names)
            values = graph.samples[number]
            # A target of 0 takes its term away, and with it the logarithm of an out that may be 0.
            known = {
                Symbol(name): Rational(*values[name].as_integer_ratio())
                for name in self.derivation.network.target_names
            }
            terms = [renamed(term.expression, known) for term in graph.whole_error.terms]
            found.append(self._code(names)(tidy(add(*terms) if len(terms) > 1 else terms[0])))
            found += [names[f"out_{name}"] for name in self.derivation.network.neuron_names[-1]]
        yield f"return {assigned(found)}"

    def _forward(self, names: Mapping[str, str]) -> Iterator[str]:
        graph = self.derivation.graph
        shared: dict[Expr, str] = {}
        for equation in graph.equations:
            if graph.kinds[equation.target] != "error":
                expression = tidy(_numeric(equation))
                if equation.terms[0].siblings:
                    yield from self._share(expression, names, shared)
                yield f"{names[equation.target]} = {self._code(names, shared)(expression)}"

    def _share(self, expression: Expr, names: Mapping[str, str], shared: dict[Expr, str]) -> Iterator[str]:
        """Yield lines for the parts that the quantities of a joint layer have in common."""
        parts = [node for node in preorder_traversal(expression) if isinstance(node, Add | Max | exp)]
        for part in reversed(parts):
            if part not in shared:
                variable = f"e{len(shared)}"
                yield f"{variable} = {self._code(names, shared)(part)}"
                shared[part] = variable

    def _code(self, names: Mapping[str, str], shared: Mapping[Expr, str] | None = None) -> PythonCode:
        return PythonCode({**{Symbol(name): variable for name, variable in names.items()}, **(shared or {})})

    def _step(self) -> Iterator[str]:
        """Yield the lines of one step of training."""
        network = self.derivation.network
        yield "t += 1"
        for names in self.samples:
            yield from self._forward(names)
        gradients: dict[str, str] = {}
        sequential = network.updates == "sequential"
        kinds = self.derivation.graph.kinds
        known: list[dict[str, str]] = [{} for _ in self.samples]
        for node, variable in step_only(network.optimizer).items():
            yield f"{variable} = {PythonCode(self._names)(node)}"
        for name, partial in self.derivation.partials.items():
            if kinds[name] in ("input", "target") or self._is_skipped(name):
                continue
            parts = []
            for number, names in enumerate(self.samples):
                code = self._partial(partial, names, known[number])
                if name in self.weights:
                    parts.append(code)
                else:
                    known[number][name] = f"d{names[name]}"
                    yield f"d{names[name]} = {code}"
            if name in self.trained:
                gradients[name] = f"({self._reduced(parts)})"
                if sequential:
                    yield from self._update(name, gradients[name])
        if not sequential:
            for name in self.trained:
                if name in gradients:
                    yield from self._update(name, gradients[name])

    def _is_skipped(self, name: str) -> bool:
        """Whether only deltas of a short form, which do without it, come after the quantity's partial."""
        last = (f"out_{neuron}" for neuron in self.derivation.network.neuron_names[-1])
        return bool(self.derivation.short_deltas) and name in last

    def _partial(self, partial: Partial, names: Mapping[str, str], known: Mapping[str, str]) -> str:
        code = self._code(names)
        short = self.derivation.short_deltas.get(partial.by)
        if short:
            return code(short[-1])
        terms = []
        for path in partial.paths:
            local, upstream = path.local.formula, known[path.upstream.by] if path.upstream else ""
            terms.append(code(local) if not upstream else upstream if local == ONE else f"{upstream} * {code(local)}")
        return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"

    def _reduced(self, parts: list[str]) -> str:
        if len(parts) == 1:
            return parts[0]
        total = f"({' + '.join(parts)})"
        mean = self.derivation.network.reduction == "mean"
        return f"({total} / {self._constant(Fraction(len(parts)))})" if mean else total

    @cached_property
    def _names(self) -> dict[Expr, str]:
        network = self.derivation.network
        constants = {Symbol(name): self._constant(value) for name, value in network.optimizer.symbols.items()}
        return {**constants, T: "t", Symbol("eta"): self._constant(network.learning_rate)}

    def _update(self, name: str, gradient: str) -> Iterator[str]:
        optimizer = self.derivation.network.optimizer
        formulas = [formula for _, formula in optimizer.steps]
        is_used_once = sum(node == G for formula in formulas for node in preorder_traversal(formula)) == 1
        if not is_used_once:
            yield f"g = {gradient}"
        names = {**self._names, **step_only(optimizer), G: gradient if is_used_once else "g"}
        state = {kind: self.state[name, kind] for kind in optimizer.rule.state}
        yield from step_lines(optimizer, names, self.weights[name], state, PythonCode)


def _numeric(equation: Equation) -> Expr:
    terms = [_numeric_term(term) for term in equation.terms]
    return add(*terms) if len(terms) > 1 else terms[0]


def _numeric_term(term: Term) -> Expr:
    return term.shape.numeric(*map(Symbol, term.names)) if term.shape.numeric else term.expression
