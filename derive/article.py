"""The article: the derivation told as a Markdown text with mathematics.

The sentences stand in ``templates/article.md.j2``; this module gives the template its formulas, and numbers the
equations. Only an equation that the text refers to gets a number, so the template is read twice: once to see what is
referred to, once to write.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from markupsafe import Markup
from sympy import Expr, Symbol

from derive.derivation import Derivation
from derive.evaluation import Number
from derive.functions import ACTIVATIONS
from derive.notation import Latex, aligned, aligned_equations, name_latex, partial_latex, to_latex
from derive.notation.display import Row
from derive.partials import Factor, LocalDerivative, Partial, Path
from derive.rules import differentiate
from derive.templating import environment

UPDATES_TOGETHER = 8
# Numbers put into a formula have no more decimals than that: a fraction or a root cannot be broken into lines.
MOST_INSIDE = 20


class Markdown(str):
    """A string that is Markdown; every other string is escaped when the template writes it."""

    __slots__ = ()


def escape(text: str) -> Markdown:
    r"""Return text that Markdown shows literally, on one line.

    >>> print(escape("<b> *x* $y$"))
    \<b\> \*x\* \$y\$
    """
    return Markdown(re.sub(r"([\\`*_{}\[\]<>#!|~$&^])", r"\\\1", " ".join(text.split())))


@dataclass(frozen=True)
class Formulas:
    """The formulas of one derivation in LaTeX, with values of so many decimals."""

    derivation: Derivation
    digits: int

    @property
    def digits_inside(self) -> int:
        """The decimals of a number that is put into a formula."""
        return min(self.digits, MOST_INSIDE)

    def quantity(self, name: str) -> Number:
        """Return the value of a quantity, or of a partial under its own name."""
        known = name in self.derivation.graph.kinds
        return self.derivation.evaluation.quantity(name) if known else self.derivation[name].value

    def equal(self, number: Number) -> Latex:
        """Return the value behind its relation: = where its digits are exact, ≈ where they are rounded."""
        return Latex(" ".join(self._value_row(number)))

    def equation(self, name: str) -> Latex:
        """Return a line of the forward pass: formula, numbers, value."""
        expression = self.derivation.graph.by_target[name].expression
        return aligned(name_latex(name), self._worked(expression, self.quantity(name)))

    def whole_error(self) -> Latex:
        """Return the error in targets and outputs."""
        equation = self.derivation.graph.whole_error
        return aligned(name_latex(equation.target), [("=", to_latex(equation.expression))])

    def chain(self, partial: Partial) -> Latex:
        """Return the chain rule for a partial, no derivative taken yet."""
        products = [partial.factors] if partial.factors else [path.factors for path in partial.paths]
        return aligned(partial.latex, [("=", " + ".join(map(_symbols, products)))])

    def local(self, local: LocalDerivative) -> Latex:
        """Return a local derivative: as the rules write it, tidied, with numbers, its value."""
        written = to_latex(local.written)
        worked = self._worked(local.formula, local.value)
        return aligned(local.latex, worked if written == worked[0][1] else [("=", written), *worked])

    def product(self, partial: Partial) -> Latex:
        """Return a partial as the product of its factors: in symbols, in numbers, its value."""
        numbers = self._numbers([factor.value for factor in partial.factors], r" \cdot ")
        return aligned(partial.latex, [("=", _symbols(partial.factors)), numbers, self._value_row(partial.value)])

    def delta(self, partial: Partial) -> Latex:
        """Return the partial by a net under its name delta: factors, formula, numbers, value."""
        rows = [("=", _symbols(partial.factors)), *self._worked(partial.named_formula, partial.value)]
        return aligned(f"{to_latex(partial.symbol)} = {partial.latex}", rows)

    def path(self, path: Path) -> Latex:
        """Return what one path adds to a sum over paths: factors, formula, numbers, value."""
        part = self.error_part(path)
        left = partial_latex(part, path.local.by) if part else _symbols(path.factors)
        return aligned(left, self._worked(path.formula, path.value))

    def total(self, partial: Partial) -> Latex:
        """Return the sum of the paths: in symbols, in numbers, its value."""
        parts = [self.error_part(path) for path in partial.paths]
        terms = [
            partial_latex(part, partial.by) if part else to_latex(path.formula)
            for part, path in zip(parts, partial.paths, strict=True)
        ]
        rows = [("=", " + ".join(terms)), self._numbers([path.value for path in partial.paths], " + ")]
        return aligned(partial.latex, [*rows, self._value_row(partial.value)])

    def error_part(self, path: Path) -> str:
        """Return the one output's error that the path leads to, such as E_o1; "" where it leads to several."""
        graph = self.derivation.graph
        net = path.upstream.by if path.upstream else ""
        name = net.replace("net", "E", 1)
        return name if graph.kinds.get(net) == "net" and name in graph.by_target else ""

    def delta_form(self, partial: Partial) -> Latex:
        """Return a parameter's partial as delta times what came in: in symbols, in numbers, its value."""
        return aligned(partial.latex, self._worked(_in_deltas(partial), partial.value))

    def short(self, partial: Partial) -> Latex:
        """Return the formula of a parameter's partial in deltas."""
        return to_latex(_in_deltas(partial))

    def updates(self, names: Sequence[str]) -> list[Latex]:
        """Return the updates of parameters, a line each: numbers and new value; a few to a display, as pages end."""
        equations = [(name_latex(f"{name}+"), self._update(name)) for name in names]
        starts = range(0, len(equations), UPDATES_TOGETHER)
        return [aligned_equations(equations[start : start + UPDATES_TOGETHER]) for start in starts]

    def comparison(self, name: str) -> Latex:
        """Return a quantity before and after the update."""
        values = (self.quantity(name), self.derivation.evaluation.after(name))
        names = (name_latex(name), name_latex(f"{name}+"))
        return aligned_equations([(left, [self._value_row(value)]) for left, value in zip(names, values, strict=True)])

    def _update(self, name: str) -> list[Row]:
        evaluation = self.derivation.evaluation
        before, gradient = self.quantity(name), evaluation.gradient_used(name)
        relation, _ = self._numbers([before, gradient], "")
        _, step = self._numbers([self.rate, gradient], r" \cdot ")
        return [(relation, f"{before.latex(self.digits_inside)} - {step}"), self._value_row(evaluation.updated(name))]

    def late(self, partial: Partial) -> Latex:
        """Return a sum over paths in which the weights to the right are updated already (sequential updates)."""
        evaluation = self.derivation.evaluation
        values = [evaluation.path_used(path) for path in partial.paths]
        terms = [rf"{name_latex(_delta(path))} \cdot {self._late_weight(path)}" for path in partial.paths]
        rows = [("=", " + ".join(terms)), self._numbers(values, " + ")]
        last = self._value_row(evaluation.gradient_used(partial.by))
        return aligned(Latex(rf"{{{partial.latex}}}^{{\ast}}"), [*rows, last])

    def _late_weight(self, path: Path) -> Latex:
        weight = str(path.local.formula)
        return name_latex(f"{weight}+" if weight in self.derivation.graph.trained else weight)

    @property
    def rate(self) -> Number:
        """The learning rate."""
        return self.derivation.evaluation.learning_rate

    def _worked(self, formula: Expr, value: Number) -> list[Row]:
        """Return the rows formula, formula with numbers, value; what would stand twice stands once."""
        names = [symbol.name for symbol in formula.free_symbols]
        rows: list[Row] = [("=", to_latex(formula))]
        if names:
            relation, _ = self._numbers([self.quantity(name) for name in names], "")
            rows.append((relation, to_latex(formula, self._shown)))
        last = self._value_row(value)
        return rows if rows[-1][1] == last[1] else [*rows, last]

    def _numbers(self, values: Sequence[Number], operator: str) -> Row:
        """Return the values joined, behind = where all their digits are exact."""
        texts = [value.latex(self.digits_inside) for value in values]
        joined = operator.join(
            rf"\left({text}\right)" if place and text.startswith("-") else text for place, text in enumerate(texts)
        )
        return "=" if all(value.is_exact(self.digits_inside) for value in values) else r"\approx", joined

    def _value_row(self, value: Number) -> Row:
        return "=" if value.is_exact(self.digits) else r"\approx", value.latex(self.digits)

    def _shown(self, name: str) -> str:
        return self.quantity(name).decimal(self.digits_inside)


def _symbols(factors: Sequence[Factor]) -> Latex:
    return Latex(r" \cdot ".join(factor.latex for factor in factors))


def _in_deltas(partial: Partial) -> Expr:
    return partial.delta.formula if partial.delta else partial.formula


def _delta(path: Path) -> str:
    return path.upstream.symbol.name if path.upstream else ""


@dataclass(frozen=True)
class Neuron:
    """A neuron by the names of its quantities."""

    name: str
    weights: tuple[str, ...]
    biases: tuple[str, ...]

    @property
    def net(self) -> str:
        """The name of its pre-activation."""
        return f"net_{self.name}"

    @property
    def out(self) -> str:
        """The name of its activation."""
        return f"out_{self.name}"


@dataclass(frozen=True)
class LayerView:
    """A layer as the template sees it: its place, its activation and its neurons; ``biases`` each once."""

    place: int
    activation: str
    neurons: tuple[Neuron, ...]
    biases: tuple[str, ...]
    shared_bias: bool
    train_bias: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its weights and then of its biases."""
        return (*chain.from_iterable(neuron.weights for neuron in self.neurons), *self.biases)


def layer_views(derivation: Derivation) -> tuple[LayerView, ...]:
    """Return the layers of the network, the first hidden layer first."""
    network = derivation.network
    views = []
    for place, layer in enumerate(network.layers):
        names = network.bias_names[place]
        shared = isinstance(names, str)
        neurons = tuple(
            Neuron(neuron, weights, () if names is None else (str(names),) if shared else (names[row],))
            for row, (neuron, weights) in enumerate(
                zip(network.neuron_names[place], network.weight_names[place], strict=True)
            )
        )
        biases = tuple(dict.fromkeys(bias for neuron in neurons for bias in neuron.biases))
        views.append(LayerView(place, layer.activation, neurons, biases, shared, layer.train_bias))
    return tuple(views)


def activation_lines(name: str) -> Latex:
    """Return how the derivative of the activation comes about, rule by rule and then to its short form."""
    entry = ACTIVATIONS[name]
    net, out = Symbol("net"), Symbol("out")
    rule = differentiate(entry.formula(net), net)
    lines = [rule.written, rule.result, *entry.lines(net, out), entry.derivative(net, out)]
    shown = dict.fromkeys(map(to_latex, lines))
    return aligned(partial_latex("out", "net").replace(r"\partial", "d"), [("=", line) for line in shown])


def update_rule(error: str) -> Latex:
    """Return how gradient descent changes a weight."""
    return aligned(name_latex("w+"), [("=", rf"w - \eta \cdot {partial_latex(error, 'w')}")])


def activation_formula(name: str) -> Latex:
    """Return out = formula(net)."""
    return aligned(name_latex("out"), [("=", to_latex(ACTIVATIONS[name].formula(Symbol("net"))))])


def activation_rules(name: str) -> list[str]:
    """Return the names of the rules that its derivative takes, in the order in which they are applied."""
    net = Symbol("net")
    return list(dict.fromkeys(step.name for step in differentiate(ACTIVATIONS[name].formula(net), net).steps()))


@dataclass(frozen=True)
class Numbering:
    """The numbers of the equations; while the template is read it notes what is displayed and what is referred to."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    displayed: list[str] = field(default_factory=list)
    referred: set[str] = field(default_factory=set)

    def reference(self, name: str) -> Markdown:
        """Return a link to the equation by its number."""
        self.referred.add(name)
        return Markdown(f"[({self.numbers.get(name, 0)})](#{_anchor(name)})")

    def display(self, latex: Latex, name: str = "") -> Markdown:
        """Return a display, with its number and an anchor where it has one."""
        self.displayed.append(name)
        if name not in self.numbers:
            return Markdown(f"$$\n{latex}\n$$")
        return Markdown(f'<a id="{_anchor(name)}"></a>\n\n$$\n{latex} \\tag{{{self.numbers[name]}}}\n$$')

    def numbered(self) -> "Numbering":
        """Return the numbering of what was displayed and referred to."""
        names = [name for name in dict.fromkeys(self.displayed) if name in self.referred]
        return Numbering({name: number for number, name in enumerate(names, start=1)})


def _anchor(name: str) -> str:
    return "eq-" + name.lower().replace("_", "-")


def write(derivation: Derivation, *, detail: str, digits: int) -> Markdown:
    """Return the article as Markdown with mathematics.

    ``detail`` is "article", the first weight of each layer in full and the others in a table, or "full", each weight in
    full; ``digits`` is the number of decimals.
    """
    template = environment(finalize=_finalized, autoescape=True).get_template("article.md.j2")
    context = _context(derivation, detail, digits)
    first = Numbering()
    template.render(context, numbering=first)
    text = template.render(context, numbering=first.numbered())
    return Markdown(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def _context(derivation: Derivation, detail: str, digits: int) -> dict[str, Any]:
    network = derivation.network
    layers = layer_views(derivation)
    return {
        "network": network,
        "graph": derivation.graph,
        "derivation": derivation,
        "evaluation": derivation.evaluation,
        "error": derivation.error,
        "layers": layers,
        "detail": detail,
        "long_numbers": digits > MOST_INSIDE,
        "most_inside": MOST_INSIDE,
        "digits": digits,
        "formulas": Formulas(derivation, digits),
        "activations": tuple(dict.fromkeys(layer.activation for layer in network.layers)),
        "at_kink": tuple(_at_kink(derivation, layers)),
        "name": name_latex,
        "partial_of": partial_latex,
        "update_rule": update_rule(derivation.graph.output),
        "activation_formula": activation_formula,
        "activation_lines": activation_lines,
        "activation_rules": activation_rules,
    }


def _at_kink(derivation: Derivation, layers: Sequence[LayerView]) -> Iterator[str]:
    """Yield the nets that lie exactly where their activation has no derivative."""
    for layer in layers:
        kink = ACTIVATIONS[layer.activation].kink
        for neuron in layer.neurons:
            if kink is not None and derivation.evaluation.quantity(neuron.net).exact == kink:
                yield neuron.net


def _finalized(value: object) -> Markup:
    """Escape whatever the template writes, unless it is a part of the template, Markdown, LaTeX or a whole number."""
    return Markup(value if isinstance(value, Markup | Markdown | Latex | int) else escape(str(value)))
