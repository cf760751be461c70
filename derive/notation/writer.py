"""SymPy trees as text: LaTeX for the page, Unicode for the terminal, SymPy's own notation for programs.

A formula that is shown is an unevaluated tree, and it is written in the order in which it stands. The line with the
numbers is the same tree, written with the number of each quantity in place of its name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, singledispatchmethod

from sympy import Add, Expr, Integer, Mul, Piecewise, Pow, Rational, Symbol, pi
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from derive.errors import InternalError
from derive.notation.elementary import ROOT, Elementary, elementary
from derive.notation.extremes import Extreme
from derive.notation.names import name_text, partial_text
from derive.notation.slots import Printed
from derive.notation.trees import PartialSymbol

# How tightly a piece of text binds, loosest first: it decides where parentheses are needed.
SUM, SIGNED, PRODUCT, FRACTION, POWER, ATOM = range(6)


@dataclass(frozen=True)
class Piece:
    """A written subexpression and how tightly it binds.

    ``number`` is the one that it is, of a page that may change; ``base`` that of which it is a power.
    """

    text: str
    binds: int
    number: Printed | None = None
    base: Printed | None = None

    @property
    def negative(self) -> bool:
        """Whether it begins with a minus sign."""
        return self.text[:1] in "-−"


Values = Callable[[str], str | None]
RELATIONS = {StrictGreaterThan: ">", StrictLessThan: "<", GreaterThan: "≥", LessThan: "≤"}
HALF = Rational(1, 2)
# A fraction with a larger denominator is written as a decimal number, where it is one.
LARGEST_DENOMINATOR = 4


def no_values(name: str) -> None:
    """Give no number for a name, so that the name is written."""
    return


@dataclass(frozen=True)
class Writer:
    """Writes SymPy trees in SymPy's own notation; the other notations change single methods.

    ``values(name)`` gives the number to be written in place of a name, or None to write the name.
    """

    values: Values = no_values

    minus = "-"
    plus = " + "
    subtract = " - "
    keeps_slots = False  # whether this notation keeps the places of numbers that may change

    def __call__(self, expression: Expr) -> str:
        """Return the expression as text."""
        return self.piece(expression).text

    @singledispatchmethod
    def piece(self, expression: Expr) -> Piece:
        """Return the text of one node of the tree; raises `InternalError` for what no notation is known of."""
        entry = elementary(expression)
        if entry is None:
            raise InternalError(f"no notation for {type(expression).__name__}")
        return self.applied(entry, self(expression.args[0]))

    @piece.register
    def _(self, expression: Integer) -> Piece:
        text = str(abs(int(expression)))
        return Piece(text, ATOM) if expression >= 0 else Piece(self.minus + text, SIGNED)

    @piece.register
    def _(self, expression: Rational) -> Piece:
        decimal = self.decimal(expression)
        if decimal is not None:
            return self.value(decimal)
        top, bottom = abs(expression.p), expression.q
        return self.ratio(Piece(str(top), ATOM), Piece(str(bottom), ATOM), negative=expression.p < 0)

    @piece.register
    def _(self, expression: Symbol) -> Piece:
        value = self.values(expression.name)
        return Piece(self.symbol(expression), ATOM) if value is None else self.value(value)

    @piece.register
    def _(self, expression: Add) -> Piece:
        text = ""
        for term in expression.args:
            negative = leads_with_minus(term)
            bare = without_minus(term) if negative else term
            begins = self.beginning(bare) if text or negative else None
            if self.keeps_slots and isinstance(begins, Printed):
                text += self.after_sign(bare, begins, is_first=not text, is_subtracted=negative)
                continue
            if begins is not None and begins.startswith("-"):
                # Two signs are one: 0.5 + (−0.2) is 0.5 − 0.2, and 0.5 − (−0.2) is 0.5 + 0.2.
                negative = not negative
                written = self.term(bare, first=True, signed=False).removeprefix(self.minus)
            else:
                written = self.term(bare, first=not text and not negative, signed=negative)
            sign = (self.subtract if negative else self.plus) if text else (self.minus if negative else "")
            text += sign + written
        return Piece(text, SUM)

    @piece.register
    def _(self, expression: Mul) -> Piece:
        if leads_with_minus(expression):
            return Piece(self.minus + self.term(without_minus(expression), first=False, signed=True), SIGNED)
        return self.product(expression.args, first=True)

    @piece.register
    def _(self, expression: Pow) -> Piece:
        if is_below_line(expression.exp):
            return self.product((expression,), first=True)
        if expression.exp == HALF:
            return self.applied(ROOT, self(expression.base))
        return self.power(expression.base, expression.exp)

    @piece.register
    def _(self, expression: Extreme) -> Piece:
        return self.extreme(expression, [self(value) for value in expression.args])

    @piece.register(type(pi))
    def _(self, expression: Expr) -> Piece:
        return self.constant("pi")

    @piece.register
    def _(self, expression: Piecewise) -> Piece:
        return self.cases([(self(branch), condition) for branch, condition in expression.args])

    def beginning(self, term: Expr) -> str | None:
        """Return the number with which the term begins as it is written; None for one that stands in a fraction."""
        number = leading_number(term, self.values)
        if number is None or not self.term(term, first=True, signed=False).startswith(self.value(number).text):
            return None
        return number

    def term(self, term: Expr, *, first: bool, signed: bool) -> str:
        """Write a term of a sum; a number that brings its own minus stands in parentheses unless it is first."""
        if isinstance(term, Mul) and not leads_with_minus(term):
            return self.product(term.args, first=first).text
        piece = self.piece(term)
        return self.placed(piece, lambda binds: binds > SIGNED if signed or not first else binds != SUM or first)

    def product(self, factors: Sequence[Expr], *, first: bool) -> Piece:
        """Write a product; a factor with a negative exponent goes below a fraction's line, those before it above."""
        pieces: list[Piece] = []
        above: list[Expr] = []
        for factor in factors:
            if isinstance(factor, Pow) and is_below_line(factor.exp):
                coefficients, top = without_coefficients(above, self.is_fraction)
                pieces += map(self.piece, coefficients)
                pieces.append(self.ratio(self._side(top), self.piece(inverted(factor)), negative=False))
                above = []
            else:
                above.append(factor)
        pieces += map(self.piece, above)
        if len(pieces) == 1:
            return pieces[0]
        return Piece(self.joined(pieces, first=first), PRODUCT)

    def is_fraction(self, factor: Expr) -> bool:
        """Whether a factor that is no number is written with a fraction's line of its own."""
        return False

    def _side(self, factors: Sequence[Expr]) -> Piece:
        if len(factors) == 1:
            return self.piece(factors[0])
        return Piece(self.joined([self.piece(factor) for factor in factors], first=True), PRODUCT)

    def joined(self, pieces: Sequence[Piece], *, first: bool) -> str:
        """Join the pieces of a product with dots, a bracketed sum directly."""
        text = ""
        last: Piece | None = None
        for piece in pieces:
            is_first = first and not text
            shown = self.placed(piece, partial(_stands_bare, is_first))
            bracketed_sum = self.opens_with_group(shown) and piece.binds in (SUM, POWER)
            # After a fraction on one line, a/b(c) would read as a/(b·c).
            direct = bracketed_sum and (last is None or last.binds != PRODUCT)
            # A number that may change has a dot behind its power of ten alone.
            number = last.number if last is not None and bracketed_sum else None
            if last is not None and piece.base is not None and (last.number is not None or last.binds != PRODUCT):
                text += self.slot_before_power(piece.base, last.number)
            elif text:
                text += self.beside(direct) if number is None else self.slot_beside(number)
            text += shown
            last = piece
        return text

    def power(self, base: Expr, exponent: Expr) -> Piece:
        """Write base^exponent."""
        shown = self.tight(self.piece(base))
        return Piece(f"{shown}**{self._tight(exponent)}", POWER)

    def tight(self, piece: Piece) -> str:
        """Return a piece in parentheses unless nothing binds tighter."""
        return self.placed(piece, lambda binds: binds == ATOM)

    def placed(self, piece: Piece, is_bare: Callable[[int], bool]) -> str:
        """Return a piece in parentheses unless it stands bare, by how tightly it binds."""
        return piece.text if is_bare(piece.binds) else self.group(piece.text)

    def after_sign(self, term: Expr, number: Printed, *, is_first: bool, is_subtracted: bool) -> str:
        """Write a term that begins with a number that may change, behind the sign that it makes with the number's."""
        raise NotImplementedError

    def slot_beside(self, number: Printed) -> str:
        """Return what stands between a number that may change and a bracketed sum."""
        raise NotImplementedError

    def slot_before_power(self, base: Printed, last: Printed | None) -> str:
        """Return what stands before a power of a number that may change; ``last`` is such a number before it."""
        raise NotImplementedError

    def _tight(self, exponent: Expr) -> str:
        piece = self.piece(exponent)
        return piece.text if piece.binds == ATOM else self.group(piece.text)

    # What a notation decides:

    def symbol(self, symbol: Symbol) -> str:
        """Write a name as it stands in a formula."""
        return self.name(symbol.name)

    def name(self, name: str) -> str:
        """Write the name of a quantity."""
        return name

    def value(self, value: str) -> Piece:
        """Write a decimal number, such as -0.25 or 1.234e-12."""
        digits, _, exponent = value.partition("e")
        text = self.scientific(digits.replace("-", self.minus), exponent) if exponent else value
        text = text.replace("-", self.minus, 1) if value.startswith("-") else text
        return Piece(text, SIGNED if value.startswith("-") else PRODUCT if exponent else ATOM)

    def scientific(self, digits: str, exponent: str) -> str:
        """Write digits · 10^exponent."""
        return f"{digits}e{exponent}"

    def decimal(self, number: Rational) -> str | None:
        """Return the fraction as a decimal number, where this notation writes it so."""
        return None

    def applied(self, function: Elementary, argument: str) -> Piece:
        """Write a function of one argument, such as ln(x), √(x), |x| and e^(x)."""
        return Piece(f"{function.kind.__name__}({argument})", ATOM)

    def extreme(self, function: Extreme, values: Sequence[str]) -> Piece:
        """Write the largest or the smallest of several, such as max(x, y)."""
        return Piece(f"{function.sympy.__name__}({', '.join(values)})", ATOM)

    def constant(self, name: str) -> Piece:
        """Write a constant such as pi."""
        return Piece(name, ATOM)

    def group(self, text: str) -> str:
        """Write parentheses round the text."""
        return f"({text})"

    def opens_with_group(self, text: str) -> bool:
        """Whether the text begins with a parenthesis."""
        return text.startswith("(")

    def beside(self, direct: bool) -> str:
        """Return what stands between two factors."""
        return "*"

    def ratio(self, top: Piece, bottom: Piece, *, negative: bool) -> Piece:
        """Write a fraction."""
        above = top.text if top.binds >= PRODUCT else self.group(top.text)
        below = bottom.text if bottom.binds >= POWER else self.group(bottom.text)
        return Piece(f"{self.minus if negative else ''}{above}/{below}", SIGNED if negative else PRODUCT)

    def cases(self, branches: Sequence[tuple[str, Expr]]) -> Piece:
        """Write a function that is defined by cases."""
        pairs = ", ".join(f"({text}, {self.condition(condition)})" for text, condition in branches)
        return Piece(f"Piecewise({pairs})", ATOM)

    def condition(self, condition: Expr) -> str:
        """Write the condition of a case."""
        if not isinstance(condition, Relational):
            return "True"
        return f"{self(condition.lhs)} {self.relation(RELATIONS[type(condition)])} {self(condition.rhs)}"

    def relation(self, sign: str) -> str:
        """Write one of > < ≥ ≤."""
        return {"≥": ">=", "≤": "<="}.get(sign, sign)


def _stands_bare(is_first: bool, binds: int) -> bool:
    """Whether a factor stands without parentheses."""
    return binds >= PRODUCT or (binds == SIGNED and is_first)


def between(signs: tuple[str, str], argument: str, function: Elementary) -> Piece:
    """Return the argument between the signs of a function, which binds as a power where it is written as one."""
    before, behind = signs
    return Piece(f"{before}{argument}{behind}", POWER if function.look.is_power else ATOM)


def named_outside(base: Expr, notation: str, opening: str) -> str:
    """Return the name of the function that is outermost: an exponent is written behind it, as in cos² x; else ""."""
    function = elementary(base)
    if function is None or not function.look.is_named:
        return ""
    before: str = getattr(function.look, notation)[0]
    return before.removesuffix(opening)


def finite_decimal(number: Rational) -> str | None:
    """Return a fraction that is no simple one as a decimal number; None where it has no end."""
    decimals = next((k for k in range(1, 400) if 10**k % number.q == 0), 0) if number.q > LARGEST_DENOMINATOR else 0
    if not decimals:
        return None
    digits = str(abs(number.p) * 10**decimals // number.q).rjust(decimals + 1, "0")
    return f"{'-' if number.p < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SIMPLE_FRACTIONS = {("1", "2"): "½", ("1", "3"): "⅓", ("1", "4"): "¼"}


@dataclass(frozen=True)
class TextWriter(Writer):
    """Writes formulas on one line in Unicode: ½(target_o1 − out_o1)²."""

    minus = "−"
    subtract = " − "

    def symbol(self, symbol: Symbol) -> str:
        return partial_text(symbol.of, symbol.by) if isinstance(symbol, PartialSymbol) else super().symbol(symbol)

    def name(self, name: str) -> str:
        return name_text(name)

    def scientific(self, digits: str, exponent: str) -> str:
        return f"{digits}·10{exponent.translate(SUPERSCRIPTS)}"

    def beside(self, direct: bool) -> str:
        return "" if direct else "·"

    def power(self, base: Expr, exponent: Expr) -> Piece:
        shown = self.tight(self.piece(base))
        if exponent.is_Integer:
            raised = str(exponent).translate(SUPERSCRIPTS)
            name = named_outside(base, "text", "(")
            return Piece(name + raised + shown[len(name) :] if name else shown + raised, POWER)
        return Piece(f"{shown}^{self._tight(exponent)}", POWER)

    def ratio(self, top: Piece, bottom: Piece, *, negative: bool) -> Piece:
        simple = SIMPLE_FRACTIONS.get((top.text, bottom.text))
        if simple and not negative:
            return Piece(simple, ATOM)
        return super().ratio(top, bottom, negative=negative)

    def decimal(self, number: Rational) -> str | None:
        return finite_decimal(number)

    def applied(self, function: Elementary, argument: str) -> Piece:
        return between(function.look.text, argument, function)

    def extreme(self, function: Extreme, values: Sequence[str]) -> Piece:
        return Piece(f"{function.word}({', '.join(values)})", ATOM)

    def constant(self, name: str) -> Piece:
        return Piece(name_text(name), ATOM)

    def relation(self, sign: str) -> str:
        return sign

    def cases(self, branches: Sequence[tuple[str, Expr]]) -> Piece:
        pairs = "; ".join(f"{text} if {self.condition(condition)}" for text, condition in branches)
        return Piece(f"{{{pairs}}}".replace("if True", "otherwise"), ATOM)


def to_sympy_text(expression: Expr) -> str:
    """Return the formula in SymPy's notation, as written."""
    return Writer()(expression)


def to_text(expression: Expr, values: Values = no_values) -> str:
    """Return the formula on one line in Unicode."""
    return TextWriter(values)(expression)


def value_text(value: str) -> str:
    """Return a decimal number in Unicode."""
    return TextWriter().value(value).text


def is_below_line(exponent: Expr) -> bool:
    """Whether a power with this exponent goes below a fraction's line."""
    return bool(exponent.is_Rational and exponent < 0)


def without_coefficients(
    factors: Sequence[Expr], is_fraction: Callable[[Expr], bool] = lambda _: False
) -> tuple[list[Expr], list[Expr]]:
    """Split off fractions such as ½, which stand before a fraction's line and not above it.

    ``is_fraction`` says of other factors that they are written as fractions.
    """
    coefficients = [f for f in factors if (f.is_Number and not f.is_Integer) or is_fraction(f)]
    rest = [factor for factor in factors if factor not in coefficients]
    return coefficients, rest or [Integer(1)]


def inverted(factor: Pow) -> Expr:
    """Return what stands below the line for a power with a negative exponent."""
    return factor.base if factor.exp == Integer(-1) else Pow(factor.base, -factor.exp, evaluate=False)


def leads_with_minus(term: Expr) -> bool:
    """Whether the term begins with a negative number, so that a minus sign joins it to a sum."""
    if isinstance(term, Mul):
        return bool(term.args[0].is_Number and term.args[0] < 0)
    return bool(term.is_Number and term < 0)


def leads_with_negative(term: Expr, values: Values) -> bool:
    """Whether the term begins with a name in whose place a negative number is written, and not with a fraction."""
    return (leading_number(term, values) or "").startswith("-")


def leading_number(term: Expr, values: Values) -> str | None:
    """Return the number in whose place a name stands with which the term begins, unless it is the top of a fraction."""
    while isinstance(term, Mul):
        if len(term.args) > 1 and isinstance(term.args[1], Pow) and is_below_line(term.args[1].exp):
            return None
        term = term.args[0]
    return values(term.name) if isinstance(term, Symbol) else None


def without_minus(term: Expr) -> Expr:
    """Return the term without the minus that it begins with."""
    if not isinstance(term, Mul):
        return -term
    first, *rest = term.args
    kept = rest if first == Integer(-1) and rest else [-first, *rest]
    return Mul(*kept, evaluate=False) if len(kept) > 1 else kept[0]
