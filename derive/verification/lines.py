"""The lines that show numbers: for every sample, the formula on the right must give the value that is printed.

What is printed, and where it is checked:

- forward pass, error, and the same after the update: `_equations`, `_after`
- local derivatives, as written and tidied; partials as formula, under names, in deltas, as a product of factors, as a
  sum over paths with each path's part; short deltas line by line: `_partial`, `_short_deltas`
- a path's part that is shown as the derivative of one output's error: `_parts`
- mean or sum over the samples, of the error and of each gradient: `_reductions`
- each equation of a step of the optimizer, for each parameter; sequential updates: `_steps`, `_late`
- matrices: their entries are the numbers of the lines above, so only what stands beside what is checked: `_matrices`
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from functools import partial as bound
from itertools import chain

from flint import ctx, fmpq
from sympy import Expr

from derive.arithmetic import OutsideDomain, function
from derive.decimals import Undecided
from derive.derivation import Derivation
from derive.evaluation import Table, Values, local_value, path_value
from derive.notation import partial_text, to_text
from derive.partials import LocalDerivative, Partial
from derive.verification.checking import EXACT, Value, VerificationError, agree

LEVELS = (128, 512, 2048, 8192, 1 << 15, 1 << 17)
# No handout prints more than 1,000 decimals; what is 0 to more than that is 0.
LOST_BITS = 4000
# Parameters whose formulas are evaluated one by one, about 2 ms each; of more, those that tables show and evenly chosen
# ones. The products δ·outᵀ, which these formulas are, and the differences cover them all the same.
MOST_FORMULAS, FIRST_SHOWN, LAST_SHOWN = 1000, 40, 8
# A longer sum shows a local derivative, every term of it, only for the first and the last names in it.
MOST_WRITTEN, FIRST_WRITTEN, LAST_WRITTEN = 20, 6, 4


@dataclass(frozen=True, eq=False)
class Scene:
    """The numbers at one precision by the names that they have in formulas, sample by sample."""

    derivation: Derivation
    table: Table

    @cached_property
    def before(self) -> Sequence[Values]:
        """What the derivation is calculated with."""
        return self._scope(self.table.passes, self.table.partials)

    @cached_property
    def late(self) -> Sequence[Values]:
        """What sequential updates are calculated with: the weights to the right are new."""
        return self._scope([{**values, **self.table.updated} for values in self.table.passes], self.table.late)

    def _scope(self, passes: Sequence[Values], partials: Sequence[Values]) -> Sequence[Values]:
        symbols = {name: partial.symbol.name for name, partial in self.derivation.partials.items()}
        return [
            {**values, **{symbols[name]: value for name, value in found.items()}}
            for values, found in zip(passes, partials, strict=True)
        ]


Text = str | Callable[[], str]
Both = Callable[[Scene], tuple[Value, Value]]


@dataclass(frozen=True)
class Line:
    """left = right: ``both`` gives the value of the right side and the one that is printed for the left.

    ``left`` is a text, or makes one: most lines are never named. ``sample`` counts from 1, 0 where there is only one.
    """

    left: Text
    right: Expr | str
    both: Both
    sample: int = 0

    def __str__(self) -> str:
        left = self.left if isinstance(self.left, str) else self.left()
        sample = f" (sample {self.sample})" if self.sample else ""
        return f"{left}{sample} = {self.right if isinstance(self.right, str) else to_text(self.right)}"


@dataclass(frozen=True)
class Settled:
    """How many lines hold, of how many parameters all, to how many digits, and how many remain undecided."""

    lines: int
    parameters: int
    digits: int
    undecided: int


def verify_lines(derivation: Derivation) -> Settled:
    """Check every line at the first precision that decides it."""
    _parts(derivation)
    settled = _settled(derivation, list(_lines(derivation)))
    if derivation.with_biases is None:
        return settled
    # A handout says what the error after the update would be with the biases trained as well.
    other = _settled(derivation.with_biases, list(_after_lines(derivation.with_biases)))
    return Settled(
        settled.lines + other.lines,
        settled.parameters,
        min(settled.digits, other.digits),
        settled.undecided + other.undecided,
    )


def _settled(derivation: Derivation, waiting: list[Line]) -> Settled:
    total, digits = len(waiting), EXACT
    for bits in LEVELS:
        if not waiting:
            break
        try:
            scene = Scene(derivation, derivation.evaluation.table(bits))
        except Undecided:
            continue
        with ctx.workprec(bits):
            waiting, found = _undecided(waiting, scene)
        digits = min(digits, found)
    return Settled(total - len(waiting), len(_chosen(derivation)), digits, len(waiting))


def _undecided(lines: Sequence[Line], scene: Scene) -> tuple[list[Line], int]:
    open_, digits = [], EXACT
    for line in lines:
        try:
            found, expected = line.both(scene)
            digits = min(digits, agree(found, expected, line.__str__, lost=LOST_BITS))
        except (Undecided, OutsideDomain, ZeroDivisionError):
            open_.append(line)
    return open_, digits


def _lines(derivation: Derivation) -> Iterator[Line]:
    yield from _equations(derivation)
    yield from _after_lines(derivation)
    parameters, chosen = frozenset(derivation.parameters), _chosen(derivation)
    for name, partial in derivation.partials.items():
        if name in chosen or name not in parameters:
            yield from _partial(derivation, partial)
    yield from _short_deltas(derivation)
    if derivation.network.updates == "sequential":
        yield from _late(derivation)
    yield from _matrices(derivation)


def _after_lines(derivation: Derivation) -> Iterator[Line]:
    yield from _reductions(derivation)
    yield from _updates(derivation)
    yield from _after(derivation)


def _chosen(derivation: Derivation) -> frozenset[str]:
    """Return the parameters whose formulas are evaluated, all where they are not too many."""
    names = derivation.parameters
    found = set(names[:: -(-len(names) // MOST_FORMULAS)])
    for rows, biases in zip(derivation.network.weight_names, derivation.network.bias_names, strict=True):
        layer = [*chain.from_iterable(rows), *([biases] if isinstance(biases, str) else biases or ())]
        found.update(row[0] for row in rows)
        found.update((*layer[:FIRST_SHOWN], *layer[-LAST_SHOWN:]))
    return frozenset(found)


def _formula(
    derivation: Derivation,
    left: Text,
    formula: Expr,
    value: Callable[[Table, int], Value],
    scope: Callable[[Scene], Sequence[Values]] = lambda scene: scene.before,
) -> Iterator[Line]:
    """Yield the line left = formula for each sample."""
    symbols = sorted(formula.free_symbols, key=str)
    compute, names = function(symbols, formula), [symbol.name for symbol in symbols]
    for k in _samples(derivation):

        def both(scene: Scene, k: int = k) -> tuple[Value, Value]:
            known = scope(scene)[k]
            return compute(*[known[name] for name in names]), value(scene.table, k)

        yield Line(left, formula, both, _number(derivation, k))


def _samples(derivation: Derivation) -> range:
    return range(len(derivation.graph.samples))


def _number(derivation: Derivation, sample: int) -> int:
    return sample + 1 if len(derivation.graph.samples) > 1 else 0


def _equations(derivation: Derivation) -> Iterator[Line]:
    """Yield the forward pass, the whole error too."""
    graph = derivation.graph
    for equation in (*graph.equations, graph.whole_error):
        name, formula = equation.target, equation.expression
        yield from _formula(derivation, name, formula, lambda table, k, name=name: table.passes[k][name])  # type: ignore[misc]


def _after(derivation: Derivation) -> Iterator[Line]:
    """Yield the forward pass with the new weights, and that all else stays as it was."""
    graph = derivation.graph
    for equation in graph.equations:
        name = equation.target
        yield from _formula(
            derivation,
            f"{name} after the update",
            equation.expression,
            lambda table, k, name=name: table.after[k][name],  # type: ignore[misc]
            lambda scene: scene.table.after,
        )
    for k in _samples(derivation):
        for name in graph.values:
            yield Line(
                f"{name} after the update",
                f"{name} as it was, or updated",
                lambda scene, k=k, name=name: (  # type: ignore[misc]
                    scene.table.updated.get(name, scene.table.passes[k][name]),
                    scene.table.after[k][name],
                ),
                _number(derivation, k),
            )


def _partial(derivation: Derivation, partial: Partial) -> Iterator[Line]:
    by = partial.by

    def left() -> str:
        return partial_text(partial.of, by)

    formulas = [partial.formula]
    if partial.factors:
        formulas.append(partial.named_formula)
    if partial.delta:
        formulas.append(partial.delta.formula)
    for formula in dict.fromkeys(formulas):
        yield from _formula(derivation, left, formula, lambda table, k: table.partials[k][by])
    for path in partial.paths:
        if partial.by in derivation.graph.by_target or len(partial.paths) == 1:
            yield from _local(derivation, path.local, left)
    if partial.factors:
        yield from _product(derivation, partial, left)
    else:
        yield from _sum_over_paths(derivation, partial, left)


def _local(derivation: Derivation, local: LocalDerivative, within: Callable[[], str]) -> Iterator[Line]:
    """Yield a local derivative: tidied, and as written where a handout can show it."""

    def left() -> str:
        return f"{within()}: {partial_text(local.of, local.by)}"

    names = local.equation.names
    formulas = [local.formula]
    shown = (*names[:FIRST_WRITTEN], *names[-LAST_WRITTEN:])
    if len(local.equation.terms) <= MOST_WRITTEN or local.by in shown:
        formulas.append(local.written)
    for formula in dict.fromkeys(formulas):
        yield from _formula(
            derivation, left, formula, lambda table, k: local_value(local.equation, local.by, table.passes[k])
        )


def _product(derivation: Derivation, partial: Partial, left: Text) -> Iterator[Line]:
    factors = partial.factors
    for k in _samples(derivation):

        def both(scene: Scene, k: int = k) -> tuple[Value, Value]:
            found: Value = fmpq(1)
            for factor in factors:
                found = found * (
                    local_value(factor.equation, factor.by, scene.table.passes[k])
                    if isinstance(factor, LocalDerivative)
                    else scene.table.partials[k][factor.by]
                )
            return found, scene.table.partials[k][partial.by]

        yield Line(left, "the product of its factors", both, _number(derivation, k))


def _sum_over_paths(derivation: Derivation, partial: Partial, left: Callable[[], str]) -> Iterator[Line]:
    for path in partial.paths:
        yield from _formula(
            derivation,
            lambda path=path: f"{left()} over {path.local.of}",  # type: ignore[misc]
            path.formula,
            lambda table, k, path=path: path_value(path, table.partials[k], table.passes[k]),  # type: ignore[misc]
        )
    for k in _samples(derivation):
        yield Line(
            left,
            "the sum over its paths",
            lambda scene, k=k: (  # type: ignore[misc]
                _total(path_value(path, scene.table.partials[k], scene.table.passes[k]) for path in partial.paths),
                scene.table.partials[k][partial.by],
            ),
            _number(derivation, k),
        )


def _short_deltas(derivation: Derivation) -> Iterator[Line]:
    for net, lines in derivation.short_deltas.items():
        left = partial_text(derivation.graph.output, net)
        for line in lines:
            yield from _formula(derivation, left, line, lambda table, k, net=net: table.partials[k][net])  # type: ignore[misc]


def _reductions(derivation: Derivation) -> Iterator[Line]:
    """Yield the error, before and after, and each gradient as the mean or the sum over the samples."""
    network, graph = derivation.network, derivation.graph
    whole, output = network.whole_error_name, graph.output

    def line(left: Text, each: Callable[[Table], Sequence[Value]], value: Callable[[Table], Value]) -> Line:
        return Line(
            left,
            f"the {network.reduction} over the samples",
            lambda scene: (_reduced(derivation, each(scene.table)), value(scene.table)),
        )

    evaluation = derivation.evaluation
    yield line(whole, lambda table: [values[output] for values in table.passes], lambda table: table.error)
    yield line(f"{whole} after", lambda table: [v[output] for v in table.after], evaluation.whole_error_after)
    for name in derivation.parameters:
        left = bound(partial_text, whole, name)
        yield line(left, lambda t, n=name: [p[n] for p in t.partials], lambda t, n=name: t.gradients[n])  # type: ignore[misc]
        if name in graph.trained:
            yield line(left, lambda t, n=name: [p[n] for p in t.late], lambda t, n=name: t.used[n])  # type: ignore[misc]


def _reduced(derivation: Derivation, values: Sequence[Value]) -> Value:
    total = _total(values)
    return total * fmpq(1, len(values)) if derivation.network.reduction == "mean" else total


def _updates(derivation: Derivation) -> Iterator[Line]:
    """Yield each equation of the optimizer's step for each parameter, weight decay included."""
    optimizer = derivation.network.optimizer
    given = {**optimizer.symbols, "eta": derivation.network.learning_rate}
    constants: dict[str, Value] = {name: fmpq(v.numerator, v.denominator) for name, v in given.items()}
    constants |= {"t": fmpq(1), **dict.fromkeys(optimizer.rule.state, fmpq(0))}
    equations = []
    for target, formula in optimizer.steps:
        symbols = sorted(formula.free_symbols, key=str)
        equations.append((target, formula, [symbol.name for symbol in symbols], function(symbols, formula)))

    for name in (name for name in derivation.parameters if name in derivation.graph.trained):
        for target, formula, names, compute in equations:

            def both(
                scene: Scene,
                name: str = name,
                target: str = target,
                names: Sequence[str] = names,
                compute: Callable[..., Value] = compute,
            ) -> tuple[Value, Value]:
                known = _step(scene.table, name, constants)
                return compute(*[known[symbol] for symbol in names]), known[target]

            yield Line(f"{target} of {name}", formula, both)


def _step(table: Table, name: str, constants: Mapping[str, Value]) -> dict[str, Value]:
    """Return what the step starts from, read from the tables, and what it gives."""
    results = table.steps[name]
    start = {"w": table.passes[0][name], "g": table.used[name]}
    return {**results, **constants, **start, "w+": table.updated[name]}


def _late(derivation: Derivation) -> Iterator[Line]:
    """Yield the partials of sequential updates, which are calculated with the weights to the right updated."""
    kinds, chosen = derivation.graph.kinds, _chosen(derivation)
    for name, partial in derivation.partials.items():
        if kinds[name] in ("input", "target") or (kinds[name] in ("weight", "bias") and name not in chosen):
            continue
        left = f"{partial_text(partial.of, name)} with the new weights"

        def value(table: Table, k: int, name: str = name) -> Value:
            return table.late[k][name]

        yield from _formula(derivation, left, partial.formula, value, lambda scene: scene.late)
        for path in partial.paths if kinds[name] == "out" else ():
            yield from _formula(
                derivation,
                f"{left}, a path",
                path.formula,
                lambda t, k, path=path: path_value(path, t.late[k], {**t.passes[k], **t.updated}),  # type: ignore[misc]
                lambda scene: scene.late,
            )


def _matrices(derivation: Derivation) -> Iterator[Line]:
    """Yield the sums that W·out + b, Wᵀδ and δ·outᵀ stand for, row by row from the names in the layers."""
    network = derivation.network
    signals = network.input_names
    for place, rows in enumerate(network.weight_names):
        neurons, biases = network.neuron_names[place], network.bias_names[place]
        for row, weights in enumerate(rows):
            net = f"net_{neurons[row]}"
            bias = biases if biases is None or isinstance(biases, str) else biases[row]
            yield Line(net, f"row {row + 1} of W·out + b", _affine(net, weights, signals, bias))
            for weight, signal in zip(weights, signals, strict=True):
                left = bound(partial_text, derivation.graph.output, weight)
                yield Line(left, "δ·outᵀ", _outer(weight, net, signal))
        for column, signal in enumerate(signals if place else ()):
            pairs = [(row[column], f"net_{neuron}") for row, neuron in zip(rows, neurons, strict=True)]
            yield Line(partial_text(derivation.graph.output, signal), f"row {column + 1} of Wᵀδ", _back(signal, pairs))
        if isinstance(biases, str):
            nets = [(None, f"net_{neuron}") for neuron in neurons]
            yield Line(partial_text(derivation.graph.output, biases), "the sum of δ", _back(biases, nets))
        signals = tuple(f"out_{neuron}" for neuron in neurons)


def _affine(net: str, weights: Sequence[str], signals: Sequence[str], bias: str | None) -> Both:
    def both(scene: Scene) -> tuple[Value, Value]:
        values = scene.table.passes[0]
        parts = (values[weight] * values[signal] for weight, signal in zip(weights, signals, strict=True))
        return _total(chain(parts, [values[bias]] if bias else [])), values[net]

    return both


def _outer(weight: str, net: str, signal: str) -> Both:
    return lambda scene: (
        scene.table.partials[0][net] * scene.table.passes[0][signal],
        scene.table.partials[0][weight],
    )


def _back(by: str, pairs: Sequence[tuple[str | None, str]]) -> Both:
    def both(scene: Scene) -> tuple[Value, Value]:
        values, partials = scene.table.passes[0], scene.table.partials[0]
        return _total(partials[net] * (values[weight] if weight else 1) for weight, net in pairs), partials[by]

    return both


def _total(values: Iterator[Value] | Sequence[Value] | chain[Value]) -> Value:
    return sum(values, start=fmpq(0))


def _parts(derivation: Derivation) -> None:
    """Check that a path shown as the derivative of one output's error leads there, and is the only one that does."""
    graph = derivation.graph
    reached: dict[str, frozenset[str]] = {}
    for equation in reversed(graph.equations):
        uses = graph.uses.get(equation.target, ())
        own = {equation.target} if graph.output in uses else set()
        reached[equation.target] = frozenset(own.union(*(reached[use] for use in uses)))
    for partial in derivation.partials.values():
        if graph.kinds[partial.by] != "out":
            continue
        for path in partial.paths:
            part = graph.error_behind(path.upstream.by) if path.upstream else ""
            others = [other.upstream.by for other in partial.paths if other is not path and other.upstream]
            if (
                part
                and path.upstream
                and (reached[path.upstream.by] != {part} or any(part in reached[other] for other in others))
            ):
                raise VerificationError(
                    f"{partial_text(part, partial.by)} in {partial_text(partial.of, partial.by)}: the path over "
                    f"{path.upstream.by} is not all of it. Nothing was written. This is a fault of derive; please "
                    "report it."
                )
