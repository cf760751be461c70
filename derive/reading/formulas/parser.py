"""Formulas: text to the trees of `derive.computation.formula`.

The tokens say what stands where; Python's own grammar only says which operator comes first. Its parser is given a text
in which every name and every number is a placeholder, so that nothing of the user's is ever a word of Python, and of
the tree that it returns only what stands in `_OPERATORS` is taken. Nothing is evaluated.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from derive.checks import Synonyms, one_of
from derive.computation import formula as trees
from derive.computation.calls import FUNCTIONS, JOINT, Called
from derive.computation.formula import Applied, Constant, Name, Power, Tree
from derive.errors import InputError, Message, Whole, counted, nearest
from derive.functions import activations, losses
from derive.numbers.exact import EXPECTED_SIZE, exact
from derive.reading.formulas.tokens import Token, fault, tokens

MOST_BITS = 4096  # of a number that a formula writes as numbers alone, such as 2^10/3
MOST_POWER = 1000
MOST_SHOWN = 20  # characters of a number that a message shows
TOO_LONG = Message("found a number that is too long; expected a shorter one.")
NO_NUMBER = Message(
    "found an exponent that is no number; expected a whole number or a half. Write a^b as exp(b*ln(a))."
)


@dataclass(frozen=True)
class Formula:
    """A formula that was read: its tree, its text, and where in that each name stands first."""

    tree: Tree
    text: str
    places: Mapping[str, int]

    def fault(self, name: str, message: Message) -> InputError:
        """Return an error with a caret under a name of the formula."""
        return fault(self.text, self.places.get(name, 0), message)


def parsed_formula(text: str, *, several: bool = False) -> Formula:
    """Return the formula that a text says; ``several`` allows a function that makes several quantities, as softmax.

    Raises `InputError`, with a caret under the place, for whatever is no formula.

    >>> from derive.notation import to_text
    >>> from derive.computation.formula import terms_of
    >>> [to_text(term.expression) for term in terms_of(parsed_formula("(W*x - t)^2/2 + exp(-x)").tree)]
    ['(W·x − t)²/2', 'e^(−x)']
    >>> parsed_formula("2x")
    Traceback (most recent call last):
    derive.errors.InputError: found 'x'; expected one of + - * / ^ before it.
        2x
         ^
    """
    found = tokens(text)
    try:
        grown = ast.parse("".join(map(_placeholder, range(len(found)), found)), mode="eval")
        made = _Reader(text, found, several).whole(grown.body)
    except (RecursionError, MemoryError):
        raise InputError("found a formula that is too deep; give parts of it lines of their own.") from None
    places: dict[str, int] = {}
    for token in found:
        places.setdefault(token.text, token.start)
    return Formula(made, text, places)


def _placeholder(index: int, token: Token) -> str:
    return f"_{index} " if token.kind in ("name", "number") else "**" if token.text == "^" else token.text


@dataclass(frozen=True)
class _Part:
    """A tree; what it is where it is made of numbers alone, and how often what is in it is multiplied with itself."""

    tree: Tree
    number: Fraction | None = None
    power: Fraction = Fraction(1)


_OPERATORS: Mapping[type[ast.operator], tuple[Callable[[Tree, Tree], Tree], Callable[[Fraction, Fraction], Fraction]]]
_OPERATORS = {
    ast.Add: (trees.sum_of, lambda left, right: left + right),
    ast.Sub: (lambda left, right: trees.sum_of(left, trees.negative_of(right)), lambda left, right: left - right),
    ast.Mult: (trees.product_of, lambda left, right: left * right),
    ast.Div: (trees.quotient_of, lambda left, right: left / right),
}


@dataclass(frozen=True)
class _Reader:
    """Makes our tree of Python's, of which it takes operators, signs, names and calls of names alone."""

    formula: str
    tokens: Sequence[Token]
    several: bool

    def whole(self, node: ast.expr) -> Tree:
        """Return the tree of the whole formula."""
        if isinstance(node, ast.Call):
            token = self._token(node.func)
            name = _named(self.formula, token)
            if name in JOINT:
                return self._joint(name, token, [self._part(argument).tree for argument in node.args])
        return self._part(node).tree

    def _joint(self, name: str, token: Token, parts: Sequence[Tree]) -> Tree:
        if self.several:
            return Applied(name, tuple(parts))
        raise self._several(name, token)

    def _several(self, name: str, token: Token) -> InputError:
        message = Message(
            "{function} makes several quantities at once; expected a line of its own, with a name for each: {example}.",
            {"function": name, "example": f'"p_1, p_2" = "{name}(z_1, z_2)"'},
        )
        return self._fault(token.start, message)

    def _part(self, node: ast.expr) -> _Part:
        # A long sum is a deep tree of Python's, down its left side.
        behind: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            behind.append(node)
            node = node.left
        found = self._operand(node)
        for operation in reversed(behind):
            found = self._operation(operation, found)
        return found

    def _operand(self, node: ast.expr) -> _Part:
        if isinstance(node, ast.Name):
            token = self._token(node)
            if token.kind == "name":
                return _Part(Name(token.text))
            value = self._number(token)
            return _Part(Constant(value), value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return self._part(node.operand)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            part = self._part(node.operand)
            number = None if part.number is None else -part.number
            return _Part(trees.negative_of(part.tree), number, part.power)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return self._power(node)
        if isinstance(node, ast.Call) and not node.keywords:
            return self._call(node)
        raise self._fault(0, Message("found what is no formula."))

    def _fault(self, place: int, message: Message) -> InputError:
        return fault(self.formula, place, message)

    def _token(self, node: ast.expr) -> Token:
        assert isinstance(node, ast.Name)
        return self.tokens[int(node.id[1:])]

    def _start(self, node: ast.AST) -> int:
        """Return where in the formula a part begins: at its first name or number."""
        indexes = (int(each.id[1:]) for each in ast.walk(node) if isinstance(each, ast.Name))
        return self.tokens[min(indexes)].start

    def _number(self, token: Token) -> Fraction:
        try:
            return exact(Decimal(token.text), "")
        except (InvalidOperation, InputError):
            found = {"found": _short(token.text), "expected": EXPECTED_SIZE}
            raise self._fault(token.start, Message("found the number {found}; expected {expected}.", found)) from None

    def _operation(self, node: ast.BinOp, left: _Part) -> _Part:
        right = self._part(node.right)
        combine, calculate = _OPERATORS[type(node.op)]
        if isinstance(node.op, ast.Div) and right.number == 0:
            raise self._fault(self._start(node.right), Message("found a division by 0; expected another number."))
        number = None
        if left.number is not None and right.number is not None:
            number = self._checked(node, calculate(left.number, right.number))
        return _Part(combine(left.tree, right.tree), number, max(left.power, right.power))

    def _checked(self, node: ast.AST, number: Fraction) -> Fraction:
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > MOST_BITS:
            raise self._fault(self._start(node), TOO_LONG)
        return number

    def _power(self, node: ast.BinOp) -> _Part:
        base, by = self._part(node.left), self._part(node.right)
        exponent, start = by.number, self._start(node.right)
        if exponent is None:
            raise self._fault(start, NO_NUMBER)
        if exponent.denominator > 2 or abs(exponent) * base.power > MOST_POWER:
            raise self._fault(
                start,
                Message(
                    "found the exponent {found}; expected a whole number or a half, and no power above {most}. Write "
                    "any other power a^b as exp(b*ln(a)).",
                    {"found": _short(str(exponent)), "most": Whole(MOST_POWER)},
                ),
            )
        number = base.number
        if number is not None:
            if not number and exponent <= 0:
                raise self._fault(start, Message("found a power of 0; expected an exponent above 0."))
            bits = max(number.numerator.bit_length(), number.denominator.bit_length())
            if bits * abs(exponent) > MOST_BITS:
                raise self._fault(self._start(node), TOO_LONG)
            number = number**exponent.numerator if exponent.denominator == 1 else None
        return _Part(Power((base.tree,), exponent), number, base.power * max(Fraction(1), abs(exponent)))

    def _call(self, node: ast.Call) -> _Part:
        token = self._token(node.func)
        name = _named(self.formula, token)
        if name in JOINT:
            raise self._several(name, token)
        parts = [self._part(argument) for argument in node.args]
        entry = FUNCTIONS[name]
        constant = self._constant(entry, token, node, parts)
        arguments = parts[: entry.most]
        if len(arguments) < entry.least or (constant is None and len(arguments) < len(parts)):
            raise self._fault(token.start, _wrong_number(entry, len(parts)))
        power = max(part.power for part in arguments)
        return _Part(Applied(name, tuple(part.tree for part in arguments), constant), power=power)

    def _constant(self, entry: Called, token: Token, node: ast.Call, parts: Sequence[_Part]) -> Fraction | None:
        """Return the constant of a function that has one: its last argument, a number, or its usual value."""
        if not entry.parameter:
            return None
        if entry.most is None or len(parts) != entry.most + 1:
            return entry.default if len(parts) == entry.most else None
        number = parts[-1].number
        is_positive = entry.parameter in ("count", "delta")
        if number is None or (is_positive and number <= 0):
            raise self._fault(self._start(node.args[-1]), _no_constant(entry, is_positive=is_positive))
        return number


# What other books and programs call a function, and what is to be written here.
MEANT: Mapping[str, Message] = {
    "log": Message(" Write ln(x) for the natural logarithm, ln(x)/ln(10) for that to the base 10."),
    "log10": Message(" Write ln(x)/ln(10)."),
    "log2": Message(" Write ln(x)/ln(2)."),
    "pow": Message(" Write a power as a^2."),
    "square": Message(" Write a square as a^2."),
    "sum": Message(" Write a sum with +."),
}


def _named(formula: str, token: Token) -> str:
    """Return the function that is meant, by its name in the tables."""
    if token.kind != "name":
        message = Message("found a number before a parenthesis; expected * between them.")
        raise fault(formula, token.start, message)
    known = [*FUNCTIONS, *JOINT]
    synonyms = Synonyms({**activations.OTHER_NAMES.same, **losses.OTHER_NAMES.same})
    if token.text not in MEANT:
        with suppress(InputError):
            return str(one_of(token.text, known, "", synonyms))
    hint = (
        MEANT.get(token.text)
        or nearest(token.text, known)
        or Message(" Write * for a product: {name}*(…).", {"name": token.text})
    )
    raise fault(
        formula, token.start, Message("found the unknown function {found}.{hint}", {"found": token.text, "hint": hint})
    )


def _wrong_number(entry: Called, found: int) -> Message:
    """Return what to say of that many arguments of a function."""
    names = {"function": entry.name, "found": how_many(found), "expected": entry.least, "parameter": entry.parameter}
    if entry.parameter:
        text = Message("found {found} of {function}; expected {expected}, or one more, its {parameter}.", names)
    elif entry.most is None:
        text = Message("found {found} of {function}; expected at least {expected}.", names)
    else:
        text = Message("found {found} of {function}; expected {expected}.", names)
    return text


def how_many(arguments: int) -> Message:
    """Return how many arguments there are, as a message."""
    return counted("{number} argument", "{number} arguments", arguments)


def _no_constant(entry: Called, *, is_positive: bool) -> Message:
    names = {"function": entry.name, "parameter": entry.parameter}
    if is_positive:
        return Message("expected a positive number for the {parameter} of {function}.", names)
    return Message("expected a number for the {parameter} of {function}.", names)


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
