"""One quantity and its derivative for the terminal, in Unicode on 80 columns, or as LaTeX."""

import textwrap
from collections.abc import Iterator, Sequence
from math import prod

from sympy import Expr

from derive.compare import compare_gradients
from derive.decimals import Rounded, rounded_float
from derive.derivation import Derivation
from derive.errors import InputError, Whole, nearest, shown
from derive.evaluation import Number
from derive.exact import one_of
from derive.formulas import Formulas
from derive.language import Language
from derive.notation import Latex, partial_text, to_text, value_text
from derive.notation.names import name_text
from derive.partials import LocalDerivative, Partial, Path
from derive.recalculation import formula_recalculated, recalculated, result
from derive.templating import environment
from derive.training import Training
from derive.views import cut

WIDTH = 80
MARK = "†"


def render(derivation: Derivation, name: str, *, digits: int, latex: bool) -> str:
    """Return what there is to know of the name: its equation, and the derivative of the error by it.

    Raises `InputError` for a name that the network does not have.
    """
    _check(derivation, name)
    if latex:
        return "\n\n".join(_latex(derivation, name, Formulas(derivation, digits))) + "\n"
    template = environment().get_template("show.txt.j2")
    key = "net" + name.removeprefix("delta") if name.startswith("delta_") else name
    text = template.render(
        name=name,
        kind=derivation.graph.kinds[key],
        equation=derivation.graph.by_target.get(key) if key == name else None,
        value=derivation.evaluation.quantity(key) if key == name else None,
        partial=derivation.partials.get(key),
        several=len(derivation.graph.samples) if len(derivation.graph.samples) > 1 else 0,
        reduction=derivation.network.reduction,
        gradient=derivation.gradients.get(name),
        lines=Lines(derivation, digits),
        mark=MARK,
        rounding=derivation.rounding,
        whole_error=derivation.graph.whole_error,
        is_local=lambda factor: isinstance(factor, LocalDerivative),
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _check(derivation: Derivation, name: str) -> None:
    names = [*derivation.graph.kinds, *(p.symbol.name for p in derivation.partials.values() if p.by.startswith("net"))]
    if name not in names:
        raise InputError(
            "{name}: this network has no such quantity; expected one of {names}, …{hint}",
            name=shown(name),
            names=", ".join(names[:12]),
            hint=nearest(name, names),
        )


def training(derivation: Derivation, found: Training, *, wanted: int, digits: int, language: Language) -> str:
    """Return the table of a training, its last parameters, and the outs beside their targets."""
    network, evaluation = derivation.network, derivation.evaluation
    outs = [
        (
            number + 1,
            neuron,
            language.number(rounded_float(out, digits)),
            language.number(evaluation.quantity(f"target_{neuron}", number).decimal(digits)),
        )
        for number, row in enumerate(found.outs)
        for neuron, out in zip(network.neuron_names[-1], row, strict=True)
    ]
    text = (
        environment(language=language)
        .get_template("training.txt.j2")
        .render(
            title=network.title,
            network=network,
            found=found,
            wanted=wanted,
            rows=[(row.iteration, language.number(rounded_float(row.error, digits))) for row in found.rows],
            parameters=[
                (name_text(name), language.number(rounded_float(found.parameters[name], digits)))
                for name in derivation.parameters
            ],
            whole=lambda number: language.say(Whole(number)),
            outs=outs,
            cut=cut,
        )
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def check(derivation: Derivation, ways: Sequence[str], *, digits: int, language: Language) -> tuple[str, bool]:
    """Return the table that holds numeric gradients against the symbolic ones, and whether all agree.

    Raises `InputError` for an unknown way, and for one whose library is not installed.
    """
    from derive.numeric import WAYS, is_installed

    for way in ways:
        one_of(way, WAYS, "with")
        if not is_installed(way):
            raise InputError("with: {way} is not installed; install it (pip install {way}) or leave it out.", way=way)
    compared = {way: compare_gradients(derivation, WAYS[way](derivation.network)) for way in ways}
    rows = [
        {
            "name": name_text(name),
            "expected": language.number(number.decimal(digits)),
            "values": [
                language.number(rounded_float(comparison.rows[place].found, digits)) for comparison in compared.values()
            ],
            "difference": language.number(
                f"{max(comparison.rows[place].difference for comparison in compared.values()):.1e}"
            ),
            "agrees": all(comparison.rows[place].agrees for comparison in compared.values()),
        }
        for place, (name, number) in enumerate(derivation.gradients.items())
    ]
    wrong = sum(not row["agrees"] for row in rows)
    text = (
        environment(language=language)
        .get_template("check.txt.j2")
        .render(
            title=derivation.network.title,
            ways=list(compared),
            rows=rows,
            wrong=wrong,
            slips=[(way, language.say(found.slips[0].sentence)) for way, found in compared.items() if found.slips],
            whole=lambda number: language.say(Whole(number)),
        )
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n", not wrong


class Lines:
    """The lines of a derivation as text that fits the terminal."""

    def __init__(self, derivation: Derivation, digits: int) -> None:
        self.derivation, self.digits = derivation, digits

    def defined(self, name: str, formula: Expr, value: Number) -> str:
        """Return name = formula, = numbers, = value, a line each."""
        return self.worked(formula, value, left=f"{name_text(name)} ")

    def worked(self, formula: Expr, value: Number, left: str = "") -> str:
        """Return = formula, = numbers, = value, a line each."""
        rows = [f"{left}= {to_text(formula)}"]
        names = [symbol.name for symbol in formula.free_symbols]
        if names:
            exact = all(self._quantity(name).is_exact(self.digits) for name in names)
            rows.append(("= " if exact else "≈ ") + to_text(formula, self._shown))
        last = (
            self._result(value, formula_recalculated(formula, self._shown, self.digits)) if names else self.value(value)
        )
        return self._block(rows if rows[-1] == last else [*rows, last])

    def value(self, value: Number) -> str:
        """Return the value behind = or ≈."""
        return ("= " if value.is_exact(self.digits) else "≈ ") + value_text(value.decimal(self.digits))

    def local(self, local: LocalDerivative) -> str:
        """Return a local derivative: as the rules write it, then tidied, with numbers, its value."""
        written, tidied = to_text(local.written), to_text(local.formula)
        first = "" if written == tidied else self._block(["= " + written]) + "\n"
        return first + self.worked(local.formula, local.value)

    def rules(self, local: LocalDerivative) -> str:
        """Return the names of the rules, in the order in which they are applied."""
        return ", ".join(dict.fromkeys(step.name for step in local.steps))

    def chain(self, partial: Partial) -> str:
        """Return the chain rule before any derivative is taken."""
        products = [partial.factors] if partial.factors else [path.factors for path in partial.paths]
        right = " + ".join(" · ".join(partial_text(f.of, f.by) for f in product) for product in products)
        return self._block([f"{partial_text(partial.of, partial.by)} = {right}"])

    def path(self, path: Path) -> str:
        """Return what one path adds."""
        left = " · ".join(partial_text(factor.of, factor.by) for factor in path.factors)
        return self._block([left]) + "\n" + self.worked(path.formula, path.value)

    def equation(self, left: str, formula: Expr) -> str:
        """Return left = formula."""
        return self._block([f"{name_text(left)} = {to_text(formula)}"])

    def numbers(self, partial: Partial) -> str:
        """Return the product of the factors' values."""
        values = [factor.value for factor in partial.factors]
        texts = [value_text(value.decimal(self.digits)) for value in values]
        product = " · ".join(
            f"({text})" if place and text.startswith("−") else text for place, text in enumerate(texts)
        )
        exact = all(value.is_exact(self.digits) for value in values)
        again = recalculated(
            lambda *factors: prod(factors), [value.decimal(self.digits) for value in values], self.digits
        )
        return self._block([("= " if exact else "≈ ") + product, self._result(partial.value, again)])

    def _result(self, number: Number, again: Rounded | None) -> str:
        """Return the result of a line, marked where its printed numbers give another one."""
        shown = result(number, again, self.digits, self.digits)
        relation = "= " if shown.rounded.exact else "≈ "
        return relation + value_text(shown.rounded.text) + (MARK if shown.is_marked else "")

    def _quantity(self, name: str) -> Number:
        known = name in self.derivation.graph.kinds
        return self.derivation.evaluation.quantity(name) if known else self.derivation[name].value

    def _shown(self, name: str) -> str:
        return self._quantity(name).decimal(self.digits)

    def _block(self, rows: list[str]) -> str:
        return "\n".join(line for row in rows for line in _wrapped(row))


def _wrapped(row: str) -> Iterator[str]:
    indent = "    "
    yield from textwrap.wrap(
        row,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=True,
        break_on_hyphens=False,
    )


def _latex(derivation: Derivation, name: str, formulas: Formulas) -> Iterator[Latex]:
    if name in derivation.graph.by_target:
        yield formulas.equation(name)
    if name == derivation.graph.output or (name not in derivation.partials and not name.startswith("delta_")):
        return
    partial = derivation[name]
    yield formulas.chain(partial)
    for factor in partial.factors:
        yield formulas.local(factor) if isinstance(factor, LocalDerivative) else formulas.total(factor)
    for path in partial.paths if not partial.factors else ():
        yield formulas.path(path)
    yield formulas.product(partial) if partial.factors else formulas.total(partial)
