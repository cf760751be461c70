"""One quantity and its derivative: for the terminal in Unicode on 80 columns, as LaTeX, or as JSON."""

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import click
from sympy import Add, Expr, Mul

from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.checks import check_digits
from derive.errors import Message
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.language.language import ENGLISH, Language
from derive.language.templates import environment
from derive.lines import symbolic
from derive.lines.filling import Filling
from derive.lines.graph import is_plain
from derive.lines.line import Line
from derive.lines.scalar import Formulas
from derive.notation import Latex, to_sympy_text, value_text
from derive.notation.pretty import Picture, joined, lines_of, text_picture, to_pictures
from derive.notation.trees import PartialSymbol
from derive.numbers.decimals import Rounded
from derive.numbers.number import Number
from derive.render.asked import asked, is_given
from derive.render.corners import corner_sentences
from derive.render.partial_data import partial_data

Paint = Callable[[str, str], str]  # a text and what it is: "title", "value"
Spell = Callable[[str], str]  # a text in signs that the console has
RightSide = tuple[str, list[Picture]]  # a relation and the terms behind it
WIDTH = 80
INDENT = 4
MARK = "†"
# What the rules are called: an activation's is the activation's own name.
RULES = {
    "elu": Message("ELU function"),
    "gelu": Message("GELU function"),
    "hard_tanh": Message("hard tanh function"),
    "identity": Message("identity function"),
    "leaky_relu": Message("leaky ReLU function"),
    "logistic": Message("logistic function"),
    "relu": Message("ReLU function"),
    "silu": Message("SiLU function"),
    "softmax": Message("softmax function"),
    "softplus": Message("softplus function"),
    "softsign": Message("softsign function"),
    "tanh": Message("hyperbolic tangent"),
} | {
    message.text: message
    for message in (
        Message("absolute value"),
        Message("cases"),
        Message("chain"),
        Message("constant"),
        Message("constant multiple"),
        Message("exponential"),
        Message("gauss error"),
        Message("logarithm"),
        Message("power"),
        Message("product"),
        Message("cosine"),
        Message("hyperbolic cosine"),
        Message("hyperbolic sine"),
        Message("hyperbolic tangent"),
        Message("maximum"),
        Message("minimum"),
        Message("sine"),
        Message("tangent"),
        Message("quotient"),
        Message("sum"),
    )
}


def render(
    evaluation: Evaluation,
    name: str,
    *,
    digits: int,
    language: Language = ENGLISH,
    colour: bool = False,
    spell: Spell = str,
) -> str:
    """Return what there is to know of the name: its equation, and the derivative of the error by it.

    With ``colour`` headings and results carry ANSI codes; ``spell`` gives the texts in the formulas a form that the
    console has. Raises `InputError` for a name that is not there and for digits outside 1 to 1,000.
    """
    check_digits(digits)
    name = asked(evaluation, name)
    key = _key(evaluation, name)
    samples, equations = len(evaluation.computation.samples), evaluation.computation.layers is None
    paint = _painter(colour)
    template = environment(language).get_template("show.txt.j2")
    text = template.render(
        title=lambda text: paint(text, "title"),
        name=name,
        kind="input" if equations and is_given(evaluation, key) else evaluation.computation.kinds[key],
        equation=evaluation.computation.by_name.get(key) if key == name else None,
        value=evaluation.quantity(key) if key == name else None,
        partial=evaluation.derivation.partials.get(key),
        several=samples if samples > 1 else 0,
        reduction=evaluation.computation.reduction,
        gradient=evaluation.gradients.get(name) if evaluation.computation.objective else None,
        output=evaluation.computation.objective if equations or evaluation.computation.differentiates_output else "",
        equations=equations,
        lines=Lines(evaluation, digits, language, paint, spell),
        corners=[
            line
            for sentence in _corner_sentences(evaluation, name, key, digits, language)
            for line in textwrap.wrap(language.say(sentence), WIDTH)
        ],
        mark=MARK,
        rounding=evaluation.rounding,
        is_local=lambda factor: isinstance(factor, LocalDerivative),
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _corner_sentences(
    evaluation: Evaluation, name: str, key: str, digits: int, language: Language
) -> Iterator[Message]:
    """Yield what there is to say of the corners between the quantity and the error: none where there are none."""
    if key not in evaluation.derivation.partials:
        return
    several, is_gradient = len(evaluation.computation.samples) > 1, name in evaluation.gradients
    corners = Corners(evaluation)
    touching = corners.touching(key, None if is_gradient else 0)
    if not touching:
        return
    yield from corner_sentences(touching, len(evaluation.computation.samples))
    yield Message("The handout uses the same value there as PyTorch.")
    sides = corners.sides(key)
    if sides:
        yield Message(
            "The derivative with respect to {name} is one-sided: every number from {low} to {high} is right.",
            {"name": key, **_ends(sides, digits, language)},
        )
    else:
        yield Message("The derivative with respect to {name} is the same from every side.", {"name": key})
    whole = corners.gradient_sides(name) if several and is_gradient else None
    if whole:
        yield Message("Over all samples, every number from {low} to {high} is right.", _ends(whole, digits, language))


def _ends(sides: tuple[Number, Number], digits: int, language: Language) -> dict[str, str]:
    low, high = (language.number(value_text(side.decimal(digits))) for side in sides)
    return {"low": low, "high": high}


def _painter(colour: bool) -> Paint:
    styles: dict[str, dict[str, Any]] = {"title": {"bold": True}, "value": {"fg": "cyan"}}
    return lambda text, kind: click.style(text, **styles[kind]) if colour else text


def render_latex(evaluation: Evaluation, name: str, *, digits: int, language: Language = ENGLISH) -> str:
    """Return the same as LaTeX displays, one a paragraph."""
    check_digits(digits)
    name = asked(evaluation, name)
    return "\n\n".join(map(language.math, _latex(evaluation, name, Formulas(evaluation, digits)))) + "\n"


def render_json(evaluation: Evaluation, name: str, *, digits: int) -> str:
    """Return the same as one JSON object; numbers have a decimal point in every language."""
    check_digits(digits)
    name = asked(evaluation, name)
    key = _key(evaluation, name)
    computation = evaluation.computation
    entry: dict[str, Any] = {"name": name, "kind": "delta" if key != name else computation.kinds[key]}
    if key == name:
        equation = computation.by_name.get(key)
        entry["formula"] = None if equation is None else to_sympy_text(equation.expression)
        entry["value"] = evaluation.quantity(key).decimal(digits)
    if key in evaluation.derivation.partials:
        entry["partial"] = partial_data(evaluation.derivation.partials[key], digits)
    if evaluation.computation.objective and name in evaluation.gradients:
        entry["gradient"] = evaluation.gradients[name].decimal(digits)
    if key in evaluation.derivation.partials:
        entry |= _corner_data(evaluation, name, key, digits)
    return json.dumps(entry, ensure_ascii=False, indent=1) + "\n"


def _corner_data(evaluation: Evaluation, name: str, key: str, digits: int) -> dict[str, Any]:
    """Return the corners on the way to the error, and between what the derivatives lie: nothing without a corner."""
    is_gradient = name in evaluation.gradients
    corners = Corners(evaluation)
    touching = corners.touching(key, None if is_gradient else 0)
    if not touching:
        return {}
    pairs = {"partial_between": corners.sides(key)}
    if is_gradient:
        pairs["gradient_between"] = corners.gradient_sides(name)
    found: dict[str, Any] = {
        "corners": [
            {"at": corner.name, "of": corner.function, "sample": corner.sample + 1, "exact": corner.is_exact}
            for corner in touching
        ]
    }
    return found | {
        place: [side.decimal(digits) for side in sides] for place, sides in pairs.items() if sides is not None
    }


def _key(evaluation: Evaluation, name: str) -> str:
    """Return the quantity that a name stands for: net_h1 for delta_h1."""
    if name in evaluation.computation.kinds:
        return name
    partials = evaluation.derivation.partials.values()
    return next(partial.by for partial in partials if partial.unit and partial.symbol.name == name)


class Lines:
    """The lines of an evaluation as pictures that fit the terminal, their relations one below the other."""

    def __init__(
        self, evaluation: Evaluation, digits: int, language: Language, paint: Paint, spell: Spell = str
    ) -> None:
        self.evaluation, self.digits, self.language = evaluation, digits, language
        self.paint, self.spell = paint, spell
        self.filling = Filling(evaluation, digits, digits, cuts=False)

    def equation(self, name: str) -> str:
        """Return name = formula, = numbers, = value, a line each."""
        return self._filled(symbolic.equation(self.evaluation.computation, name))

    def value(self, value: Number) -> str:
        """Return the value behind = or ≈."""
        return self._aligned(None, [self._value_side(value.rounded(self.digits))])

    def local(self, local: LocalDerivative) -> str:
        """Return a local derivative: as the rules write it, then tidied, with numbers, its value."""
        return self._filled(symbolic.local(local) if self.shows_rules(local) else symbolic.tidied(local))

    def shows_rules(self, local: LocalDerivative) -> bool:
        """Whether the rules are shown: for layers always, else where they say more than everybody sees."""
        return self.evaluation.computation.layers is not None or not is_plain(local)

    def rules(self, local: LocalDerivative) -> str:
        """Return the names of the rules, in the order in which they are applied."""
        names = dict.fromkeys(step.name for step in local.steps)
        return ", ".join(self.language.say(RULES.get(name, name)) for name in names)

    def chain(self, partial: Partial) -> str:
        """Return the chain rule before any derivative is taken."""
        return self._shown(symbolic.chain(partial))

    def path(self, path: Path) -> str:
        """Return what one path adds, to the left its factors."""
        return self._filled(symbolic.path_in_factors(path))

    def sum(self, partial: Partial) -> str:
        """Return a partial by its formula: a sum of its paths, where there are several."""
        return self._filled(symbolic.formula(partial))

    def differentiated(self, local: LocalDerivative) -> str:
        """Return the equation that a local derivative is taken of, without numbers."""
        return self._shown(symbolic.differentiated(local))

    def product(self, partial: Partial) -> str:
        """Return a partial by its formula, with the values of its factors, its value."""
        return self._filled(symbolic.formula_in_factors(partial))

    def _filled(self, line: Line) -> str:
        return self._shown(self.filling.filled(line))

    def _shown(self, line: Line) -> str:
        """Return a line: right sides in symbols, with numbers, its value; none of them twice in a row."""
        numbers = {name: self.language.number(number.text) for name, number in line.printed}
        rights: list[RightSide] = [("=", self._picture(tree)) for tree in line.right]
        if line.printed and line.filled is not None:
            rights.append(("=" if line.is_exact else "≈", self._picture(line.filled, numbers.get)))
        if line.value is not None:
            rights.append(self._value_side(line.value, MARK if line.is_marked else ""))
        texts = [_text(terms) for _, terms in rights]
        # A number alone stands in parentheses where a product of one factor, which is negative, was filled in.
        texts = [text[1:-1] if f"({after})" == text else text for text, after in pairwise([*texts, ""])]
        kept = [right for index, right in enumerate(rights) if index == 0 or texts[index] != texts[index - 1]]
        (left,) = line.defined
        return self._aligned(joined(self._picture(left), ""), kept)

    def _picture(self, formula: Expr, values: Callable[[str], str | None] = lambda name: None) -> list[Picture]:
        """Return the terms of a formula; between partials that are factors there is room."""
        terms = formula.args if isinstance(formula, Add) else (formula,)
        if all(map(_is_chain, terms)):
            first, *rest = (self._product(term, values) for term in terms)
            return [first, *map(_plus, rest)]
        return to_pictures(formula, values, lambda word: self.spell(self.language.say(Message(word))), self.spell)

    def _product(self, factors: Expr, values: Callable[[str], str | None]) -> Picture:
        pictures = []
        for index, name in enumerate(factors.args):
            value = values(name.name)
            text = "" if value is None else value_text(value)
            grouped = f"({text})" if index and text.startswith("−") else text
            pictures.append(self._drawn(grouped) if grouped else joined(self._picture(name), ""))
        return joined(pictures, " · ")

    def _drawn(self, text: str) -> Picture:
        return text_picture(self.spell(text))

    def _value_side(self, rounded: Rounded, mark: str = "") -> RightSide:
        return "=" if rounded.exact else "≈", [self._drawn(self.language.number(value_text(rounded.text)) + mark)]

    def _aligned(self, left: Picture | None, rights: Sequence[RightSide]) -> str:
        """Return the right sides below each other, each after its relation; a left side too wide has its own line."""
        lines: list[str] = []
        if left is not None and left.width() > WIDTH // 2:
            lines.append(lines_of(left, WIDTH - INDENT))
            left = None
        start = 0 if left is None else left.width() + 1
        for place, (relation, terms) in enumerate(rights):
            head = left if place == 0 and left is not None else text_picture(" " * max(start - 1, 0))
            first = joined([head, text_picture(relation)] if start else [text_picture(relation)], " ")
            room = WIDTH - INDENT - first.width() - 1
            for line in _filled(terms, room):
                lines.append(lines_of(joined([first, line], " "), WIDTH - INDENT))
                first = text_picture(" " * first.width())
        text = "\n".join(lines)
        return self._painted("\n".join(" " * INDENT + line for line in text.splitlines()))

    def _painted(self, text: str) -> str:
        """Colour the result, which stands on the last line behind its relation."""
        *before, last = text.splitlines()
        head, relation, number = last.rpartition("≈ " if "≈ " in last else "= ")
        is_number = number.strip(self.spell("−0123456789.,· ") + self.spell("⁻⁰¹²³⁴⁵⁶⁷⁸⁹") + self.spell(MARK)) == ""
        return "\n".join([*before, head + relation + self.paint(number, "value") if is_number else last])


def _filled(terms: Sequence[Picture], room: int) -> Iterator[Picture]:
    """Yield lines of terms, as many on each as there is room for."""
    line = terms[0]
    for term in terms[1:]:
        if line.width() + term.width() > room:
            yield line
            line = term
        else:
            line = joined([line, term], "")
    yield line


def _is_chain(term: Expr) -> bool:
    """Whether a term is a product of partial derivatives under their names."""
    return isinstance(term, Mul) and all(isinstance(factor, PartialSymbol) for factor in term.args)


def _plus(picture: Picture) -> Picture:
    return joined([text_picture(" + "), picture], "")


def _text(terms: Sequence[Picture]) -> str:
    return lines_of(joined(terms, ""), 10_000)


def _latex(evaluation: Evaluation, name: str, formulas: Formulas) -> Iterator[Latex]:
    if name in evaluation.computation.by_name:
        yield formulas.equation(name)
    if name == evaluation.computation.objective or (
        name not in evaluation.derivation.partials and not name.startswith("delta_")
    ):
        return
    partial = evaluation.derivation[name]
    yield formulas.chain(partial)
    for factor in partial.factors:
        yield formulas.local(factor) if isinstance(factor, LocalDerivative) else formulas.total(factor)
    for path in partial.paths if not partial.factors else ():
        yield formulas.path(path)
    yield formulas.product(partial) if partial.factors else formulas.total(partial)
    sides = Corners(evaluation).sides(partial.by)
    if sides:
        low, high = (side.latex(formulas.digits) for side in sides)
        yield Latex(rf"{partial.left_latex} \in \left[{low};\; {high}\right]")
