"""A small network's training as plain Python: every quantity a local variable, every sample written out."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain

from sympy import Add, Dummy, Expr, Max, Rational, Symbol, exp, preorder_traversal

from derive.calculus.local import RESULT, argument_names, shape_derivative, sibling_names
from derive.calculus.partials import Partial
from derive.computation.equations import Equation, Term
from derive.computation.shapes import Shape
from derive.evaluation.evaluation import Evaluation
from derive.functions.losses import Loss
from derive.functions.optimizers import G, T
from derive.notation.tidy import tidy
from derive.notation.trees import ONE
from derive.numbers.decimals import to_float
from derive.training.code.expressions import Code, PythonCode
from derive.training.code.program import Outcome, Program, State, assigned, compiled, float_functions, run
from derive.training.code.steps import step_lines, step_only

WEIGHT = re.compile(r"\bw\d+\b")
VARIABLE = re.compile(r"\bd?q\d+_\d+\b")


def scalar_program(evaluation: Evaluation) -> Program:
    """Return the code that trains the computation; each quantity of each sample is a variable."""
    writer = ScalarWriter(evaluation)
    source = writer.source()
    code = compiled(source)
    fast, careful = run(code, float_functions()), run(code, float_functions(careful=True))
    constants = tuple(to_float(value) for value in writer.constants.values())
    computation = evaluation.computation
    start = (
        *(to_float(computation.values[name]) for name in computation.parameters),
        *[0.0] * len(writer.state),
        0,
    )
    size = len(computation.outputs)

    def outcome(state: State) -> Outcome:
        found = careful["outcome"](state, constants)
        errors, outs = found[:: size + 1], tuple(found[k + 1 : k + 1 + size] for k in range(0, len(found), size + 1))
        return Outcome(errors, outs)

    return Program(
        source,
        start,
        lambda state, steps: fast["advance"](state, constants, steps),
        lambda state, steps: careful["advance"](state, constants, steps),
        outcome,
        lambda state: dict(zip(computation.parameters, state, strict=False)),
        lambda state: all(map(math.isfinite, state)),
    )


@dataclass
class ScalarWriter:
    """Writes the code; ``code`` is the class that writes formulas, ``constants`` the numbers passed in, by variable."""

    evaluation: Evaluation
    code: Code = PythonCode
    constants: dict[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        computation, optimizer = self.evaluation.computation, self.evaluation.plan.optimizer
        self.weights = {name: f"w{number}" for number, name in enumerate(computation.parameters)}
        self.trained = [name for name in computation.parameters if name in computation.trained]
        self.state = {
            (name, kind): f"{kind}{self.weights[name][1:]}" for name in self.trained for kind in optimizer.rule.state
        }
        self.samples = [self._variables(number) for number in range(len(computation.samples))]

    def _variables(self, number: int) -> dict[str, str]:
        """Return the variable of each quantity of a sample."""
        computation = self.evaluation.computation
        names = dict(self.weights)
        for index, name in enumerate(name for name in computation.kinds if name not in self.weights):
            if name in computation.samples[number]:
                names[name] = self._constant(computation.samples[number][name])
            else:
                names[name] = f"q{index}_{number}"
        return names

    def _constant(self, value: Fraction) -> str:
        known = next((variable for variable, number in self.constants.items() if number == value), None)
        if known is None:
            known = f"c{len(self.constants)}"
            self.constants[known] = value
        return known

    def source(self) -> str:
        """Return the source of the functions ``advance`` and ``outcome``."""
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
        computation = self.evaluation.computation
        found = []
        for values, names in zip(computation.samples, self.samples, strict=True):
            yield from self._forward(names)
            given = {name: value for name, value in values.items() if name not in self.weights}
            errors = [_error(self.code, term, given, names) for term in computation.opened_objective.terms]
            found.append(" + ".join(errors))
            found += [names[name] for name in computation.outputs]
        yield f"return {assigned(found)}"

    def _forward(self, names: Mapping[str, str]) -> Iterator[str]:
        computation = self.evaluation.computation
        shared: dict[Expr, str] = {}
        needed = computation.needed(computation.objective)
        equations = (equation for equation in computation.equations if equation.name in needed)
        needed = needed.union(*(equation.terms[0].siblings for equation in equations))  # which derivatives name
        for equation in computation.differentiated[:-1]:
            if equation.name not in needed:
                continue
            if equation.terms[0].siblings:
                yield from self._joint(equation.terms[0], names, names[equation.name], shared)
            else:
                terms = [_filled(_formula(self.code, term.shape), term.names, names) for term in equation.terms]
                yield f"{names[equation.name]} = {' + '.join(terms)}"

    def _joint(self, term: Term, names: Mapping[str, str], target: str, shared: dict[Expr, str]) -> Iterator[str]:
        """Yield the lines of one out of a joint layer; ``shared`` holds the variables of parts that its outs share."""
        symbols = {Symbol(name): names[name] for name in term.names}
        assert term.shape.numeric is not None
        expression = term.shape.numeric(*map(Symbol, term.names))
        for part in reversed([node for node in preorder_traversal(expression) if isinstance(node, Add | Max | exp)]):
            if part not in shared:
                variable = f"e{len(shared)}_{target.partition('_')[2]}"
                yield f"{variable} = {self.code({**symbols, **shared})(part)}"
                shared[part] = variable
        yield f"{target} = {self.code({**symbols, **shared})(expression)}"

    def _step(self) -> Iterator[str]:
        """Yield the lines of one step of training: an update, or where updates are online, one of each sample."""
        together = [[names] for names in self.samples] if self.evaluation.plan.is_online else [self.samples]
        for samples in together:
            yield from self._update_of(samples)

    def _update_of(self, samples: Sequence[Mapping[str, str]]) -> Iterator[str]:
        """Yield the lines of one update with these samples."""
        evaluation, optimizer = self.evaluation, self.evaluation.plan.optimizer
        is_sequential = evaluation.plan.is_sequential
        if any(T in formula.free_symbols for _, formula in optimizer.steps):
            yield "t += 1"
            for node, variable in step_only(optimizer).items():
                yield f"{variable} = {self.code(self._names)(node)}"
        lines = [line for names in samples for line in self._forward(names)]
        known: list[dict[str, str]] = [{} for _ in samples]
        updates: list[str] = []
        for name, partial in evaluation.derivation.partials.items():
            if name in self.trained:
                parts = [self._partial(partial, *both) for both in zip(samples, known, strict=True)]
                if not is_sequential and any(map(WEIGHT.search, parts)):  # which an update before may change
                    lines.append(f"u{self.weights[name][1:]} = {self._reduced(parts)}")
                    updates.extend(self._update(name, f"u{self.weights[name][1:]}"))
                else:
                    (lines if is_sequential else updates).extend(self._update(name, self._reduced(parts)))
            elif name in self._needed:
                for names, deltas in zip(samples, known, strict=True):
                    deltas[name] = f"d{names[name]}"
                    lines.append(f"{deltas[name]} = {self._partial(partial, names, deltas)}")
        yield from lines if is_sequential else _without_single_uses(lines, updates)
        yield from updates

    @cached_property
    def _needed(self) -> frozenset[str]:
        """The quantities whose partials other partials are made of; short deltas need none of them."""
        derivation = self.evaluation.derivation
        partials = (partial for partial in derivation.partials.values() if partial.by not in derivation.short_deltas)
        return frozenset(path.upstream.by for partial in partials for path in partial.paths if path.upstream)

    def _partial(self, partial: Partial, names: Mapping[str, str], known: Mapping[str, str]) -> str:
        """Return the code of one sample's partial; in plain gradient descent, of the partial times the rate.

        A partial is a multiple of the partials that it is made of. So the learning rate is a factor of the partials by
        the outputs, which are few, and not of the gradients, which are many.
        """
        rate = f"{self._rate} * " if self._is_plain else ""
        short = self.evaluation.derivation.short_deltas.get(partial.by)
        if short:
            return rate + self.code({symbol: names[symbol.name] for symbol in short[-1].free_symbols})(short[-1])
        terms = []
        for path in partial.paths:
            local = _local(self.code, path.local.equation, partial.by, names)
            if path.upstream is None:
                terms.append(rate + local)
            else:
                upstream = known[path.upstream.by]
                terms.append(upstream if local == self._one else f"{upstream} * {local}")
        return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"

    @staticmethod
    def _reduced(parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"

    def _update(self, name: str, total: str) -> list[str]:
        variable = self.weights[name]
        if self._is_plain:
            return [f"{variable} -= {total}"]
        optimizer = self.evaluation.plan.optimizer.of(self.evaluation.computation.kinds[name])
        state = {kind: self.state[name, kind] for kind in optimizer.rule.state}
        names = {**self._names, **step_only(optimizer), G: "g"}
        gradient = f"{total} / {self._constant(Fraction(len(self.samples)))}" if self._is_mean else total
        return [f"g = {gradient}", *step_lines(optimizer, names, variable, state, self.code)]

    @cached_property
    def _one(self) -> str:
        return self.code({})(ONE)

    @property
    def _is_mean(self) -> bool:
        """Whether an update goes by a mean over samples."""
        return self.evaluation.computation.is_mean and len(self.samples) > 1 and not self.evaluation.plan.is_online

    @cached_property
    def _is_plain(self) -> bool:
        return self.evaluation.plan.optimizer.is_plain

    @cached_property
    def _rate(self) -> str:
        """The variable of the factor of a gradient in plain gradient descent: the rate, over the samples for a mean."""
        return self._constant(self.evaluation.plan.learning_rate / (len(self.samples) if self._is_mean else 1))

    @cached_property
    def _names(self) -> dict[Expr, str]:
        plan = self.evaluation.plan
        constants = {Symbol(name): self._constant(value) for name, value in plan.optimizer.symbols.items()}
        return {**constants, T: "t", Symbol("eta"): self._constant(plan.learning_rate)}


def _without_single_uses(lines: Sequence[str], later: Sequence[str]) -> Iterator[str]:
    """Yield the lines; a variable that they use once, and ``later`` does not, is replaced by its formula."""
    uses = Counter(chain.from_iterable(map(VARIABLE.findall, (*lines, *later))))
    needed_later = set(chain.from_iterable(map(VARIABLE.findall, later)))
    inner: dict[str, str] = {}
    for line in lines:
        target, _, code = line.partition(" = ")
        code = VARIABLE.sub(lambda found: inner.pop(found[0], found[0]), code)
        if uses[target] == 2 and target not in needed_later:  # once where it is set, once where it is used
            inner[target] = f"({code})"
        else:
            yield f"{target} = {code}"


# The code of a shape is written once, with {0}, {1}, … for the variables.


@lru_cache
def _formula(code: Code, shape: Shape) -> str:
    arguments = [Dummy() for _ in range(shape.arity)]
    return code(_open(arguments))(tidy((shape.numeric or shape.build)(*arguments)))


@lru_cache(maxsize=4096)
def _local_derivative(code: Code, shape: Shape, index: int) -> str:
    """Return the code of a shape's derivative by one argument: {0}, … are its arguments, its siblings, its result."""
    order = [*map(Symbol, argument_names(shape)), *map(Symbol, sibling_names(shape)), RESULT]
    return code(_open(order))(shape_derivative(shape, index))


@lru_cache(maxsize=4096)
def _with_target(code: Code, shape: Shape, target: Fraction) -> str:
    """Return the code of an output's error with its target as a number.

    So the term of a target of 0 falls away, and with it the logarithm of an out that may be 0.
    """
    out = Dummy()
    return code(_open([out]))(tidy(shape.build(Rational(target.numerator, target.denominator), out)))


def _error(code: Code, term: Term, values: Mapping[str, Fraction], names: Mapping[str, str]) -> str:
    """Return the code of a term of the objective; in the error of an output the target is a number."""
    if isinstance(term.shape.entry, Loss) and term.names[0] in values:
        return _with_target(code, term.shape, values[term.names[0]]).format(names[term.names[1]])
    return _filled(_formula(code, term.shape), term.names, names)


def _open(symbols: Sequence[Expr]) -> dict[Expr, str]:
    return {symbol: f"{{{number}}}" for number, symbol in enumerate(symbols)}


def _filled(code: str, quantities: Sequence[str], names: Mapping[str, str]) -> str:
    return code.format(*(names[name] for name in quantities))


def _local(code: Code, equation: Equation, by: str, names: Mapping[str, str]) -> str:
    """Return the code of the derivative of an equation by one of its names."""
    result = (
        equation.name if equation.name in names else equation.names[0]
    )  # an error has no variable, and its derivative does not name it
    parts = [
        _filled(_local_derivative(code, term.shape, index), (*term.names, *term.siblings, result), names)
        for term in equation.terms_with[by]
        for index, name in enumerate(term.names)
        if name == by
    ]
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"
