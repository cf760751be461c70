"""The code of a computation without layers: each quantity a variable, each line as the handout writes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from functools import partial as bound

from sympy import Expr, Symbol

from derive.calculus.local import argument_names, shape_derivative
from derive.calculus.partials import Partial
from derive.computation.equations import Equation, Term
from derive.computation.shapes import Shape
from derive.evaluation.turn import SHOWN
from derive.functions.activations import Activation, JointActivation
from derive.functions.losses import Loss
from derive.lines import ids
from derive.lines.scalar import UPDATES_TOGETHER
from derive.notation.display import batched
from derive.notation.tidy import tidy
from derive.render.notebook.functions import BELL, ERFC, LN, LOGISTIC, STABLE, Functions, Say
from derive.render.notebook.scalars import Scalars
from derive.render.notebook.statements import LATE, NOW, Shown, constants

HELPERS = (("erfc", ERFC), ("bell", BELL))


class EquationFunctions(Functions):
    """The functions that stand in equations: activations and losses by their names, all else is written out."""

    @property
    def takes_nets(self) -> bool:
        """Whether an error is calculated from nets: here each line follows from the one before it."""
        return False

    def called(self, term: Term) -> str:
        """Return the name of the function that a term is, "" where it is none."""
        shape = term.shape
        if isinstance(shape.entry, Loss):
            return self._loss_name(shape.entry.name, shape.constant)
        if isinstance(shape.entry, Activation | JointActivation) and shape.entry.name != "identity":
            return self._name(shape.entry.name, shape.constant)
        return ""

    def _loss_name(self, loss: str, constant: Fraction | None) -> str:
        alike = [known for known in self._losses if known[0] == loss]
        return self._made(loss if len(alike) == 1 else f"{loss}_{alike.index((loss, constant)) + 1}")

    @cached_property
    def _terms(self) -> list[Term]:
        return [term for equation in self.evaluation.computation.equations for term in equation.terms]

    @cached_property
    def _activations(self) -> list[tuple[str, Fraction | None]]:
        entries = ((term.shape.entry, term.shape.constant) for term in self._terms)
        return list(
            dict.fromkeys(
                (entry.name, constant) for entry, constant in entries if isinstance(entry, Activation | JointActivation)
            )
        )

    @cached_property
    def _losses(self) -> list[tuple[str, Fraction | None]]:
        entries = ((term.shape.entry, term.shape.constant) for term in self._terms)
        return list(dict.fromkeys((entry.name, constant) for entry, constant in entries if isinstance(entry, Loss)))

    def formula(self, term: Term) -> Expr:
        """Return the tree of a term that is no function by its name, as floats calculate it best."""
        return _numeric(term.shape, tuple(map(Symbol, term.names)))

    def definitions(self, say: Say, of_training: Functions | None = None) -> Iterator[str]:
        """Yield the code of each function."""
        losses = [self._loss_code(self._loss_name(*each), *each, say) for each in self._losses]
        activations = list(self._activation_codes(say))
        if self.is_rounded:
            yield self.rounded_code
        if any("ln(" in code for code in losses):
            yield LN
        code = "\n".join([*activations, *losses, *self._others()])
        yield from (helper for name, helper in HELPERS if f"{name}(" in code)
        logistic = self._made("logistic")
        if f"{logistic}(" in code or any(name == "logistic" for name, _ in self._activations):
            yield LOGISTIC.format(name=logistic, stable=say(STABLE))
        yield from activations
        yield from losses

    def _others(self) -> Iterator[str]:
        """Yield the code of formulas and of local derivatives, which may call what helps floats."""
        plain = self.python(str)
        for shape in dict.fromkeys(term.shape for term in self._terms):
            if shape.entry is None:
                yield plain(_numeric(shape, tuple(map(Symbol, argument_names(shape)))))
            yield from (plain(shape_derivative(shape, place)) for place in range(shape.arity))


@lru_cache(maxsize=4096)
def _numeric(shape: Shape, arguments: tuple[Symbol, ...]) -> Expr:
    return tidy((shape.numeric or shape.build)(*arguments))


class Equations(Scalars):
    """Writes a variable for each quantity of the equations."""

    functions: EquationFunctions

    def start(self) -> list[str]:
        """Return the lines with the data: what is given, the parameters, the targets."""
        kinds = self.computation.kinds
        lines = []
        for group in (("input",), ("weight", "bias"), ("target",)):
            lines += self._given([name for name in self.computation.values if kinds[name] in group])
        return [*lines, *constants(self.evaluation, self.names)]

    # The forward pass.

    def _calculate(self, equation: Equation, version: str) -> None:
        given = {name: self.quantity(name, version) for name in equation.names}
        siblings = equation.terms[0].siblings
        if siblings and len(equation.terms) == 1:
            nets = ", ".join(given[name] for name in equation.terms[0].names)
            outs = [self._variable(out, version) for out in siblings]
            self._emit_together(outs, self._rounded(f"{self.functions.called(equation.terms[0])}(np.array([{nets}]))"))
            return
        code = " + ".join(self._term(term, given) for term in equation.terms).replace(" + -", " - ")
        self.emit(self._variable(equation.name, version), self._rounded(code))

    def _term(self, term: Term, given: Mapping[str, str]) -> str:
        function = self.functions.called(term)
        if not function:
            return self.functions.python(given.__getitem__)(self.functions.formula(term))
        arguments = ", ".join(given[name] for name in term.names)
        if isinstance(term.shape.entry, JointActivation):
            return f"{function}(np.array([{arguments}]))[{term.shape.position}]"
        return f"{function}({arguments})"

    # The backward pass: with sequential updates a partial is calculated with what is updated before it.

    _at: int = -1

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.evaluation.derivation.partials)}

    @cached_property
    def _last(self) -> frozenset[str]:
        trained = [place for name, place in self._order.items() if name in self.computation.trained]
        first = min(trained, default=len(self._order))
        return frozenset(name for name, place in self._order.items() if place <= first)

    def _partial_code(self, partial: Partial, version: str) -> str:
        before, self._at = self._at, self._order[partial.by]
        code = super()._partial_code(partial, version)
        self._at = before
        return code

    def product(self, partial: Partial) -> str:
        """Return the variable of a partial: the handout opens none that is known from before into its own factors."""
        return self.partial(partial)

    def _symbol(self, name: str, version: str) -> str:
        if version == LATE and name in self.computation.parameters and self._order.get(name, self._at) >= self._at:
            return self.quantity(name, NOW)
        return super()._symbol(name, version)

    # What is the same for all samples is one number, and no array.

    @cached_property
    def _varying(self) -> frozenset[str]:
        """The quantities that have a number a sample."""
        kinds = self.computation.kinds
        found = {name for name in self.computation.values if kinds[name] in ("input", "target")}
        for equation in self.computation.equations:
            names = {name for term in equation.terms for name in term.names}
            if not found.isdisjoint(names):
                found.add(equation.name)
        return frozenset(found)

    @cached_property
    def _varying_partials(self) -> frozenset[str]:
        """The quantities by which the partial has a number a sample."""
        found: set[str] = set()
        for by, partial in self.evaluation.derivation.partials.items():
            for path in partial.paths:
                names = {symbol.name for symbol in path.local.formula.free_symbols}
                if not self._varying.isdisjoint(names) or (path.upstream and path.upstream.by in found):
                    found.add(by)
        return frozenset(found)

    def _of_all(self, code: str, name: str, by: str = "") -> str:
        if by in self._varying_partials or name in self._varying:
            return super()._of_all(code, name, by)
        return self._rounded(code if self.computation.is_mean else f"{self.samples} * {code}")

    def _of_first(self, code: str, by: str) -> str:
        return super()._of_first(code, by) if by in self._varying_partials else code

    # Where the handout shows something.

    def _update_groups(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the updates that stand together, with the id of their line."""
        for place, group in enumerate(batched(self._moving, UPDATES_TOGETHER), start=1):
            yield ids.updates(self.computation, group, place), group

    def labels(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each label of the handout with what calculates it and returns what is to be shown."""
        yield from super().labels()
        for label, group in self._update_groups():
            yield label, bound(self._all_updated, group)

    @property
    def _first_moving(self) -> Sequence[str]:
        return self._moving

    def places_shown(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each place of the handout at which tables stand, with what calculates their numbers."""
        if not self.computation.objective:
            if self.several:
                yield ids.SAMPLES, self.answers
            return
        if self.several:
            yield ids.SAMPLES, self.answers
            yield ids.GRADIENTS, lambda: list(map(self.gradient, self.computation.parameters))
        yield ids.UPDATED, lambda: [self.moved(name) for name in self._moving]
        if self.is_online:
            for number in range(2, min(SHOWN, self.samples) + 1):
                yield ids.turn(number - 1), bound(self.turn_shown, number)
            yield ids.PASS, self.pass_shown
        yield ids.AFTER, lambda: [self.whole_error(), self.whole_error("_new")]

    def answers(self) -> Shown:
        """Return the variables of what the forward pass ends in: the objective, or the outputs where there is none."""
        objective = self.computation.objective
        return [self.quantity(name) for name in ([objective] if objective else self.computation.outputs)]

    def given(self) -> list[str]:
        """Return the variables of what a sample gives."""
        kinds = self.computation.kinds
        return [self.names(name) for name in self.computation.values if kinds[name] in ("input", "target")]

    # Training.

    def one_step(self) -> list[str]:
        """Return the lines of one step of training."""
        needed = self.computation.needed(self.computation.objective)
        for name in self.computation.by_name:
            if name in needed and name != self.computation.objective:
                self.quantity(name)
        for name, partial in self.evaluation.derivation.partials.items():
            if name in self.computation.trained:
                self.gradient(name)
                if self.plan.is_sequential:
                    self._move([name])
            elif name in self._used:
                self.partial(partial)
        if not self.plan.is_sequential:
            self._move(self._moving)
        return self.taken()

    @cached_property
    def _used(self) -> frozenset[str]:
        """The quantities whose partials others are made of; short deltas need none of them."""
        derivation = self.evaluation.derivation
        partials = (partial for partial in derivation.partials.values() if partial.by not in derivation.short_deltas)
        return frozenset(path.upstream.by for partial in partials for path in partial.paths if path.upstream)
