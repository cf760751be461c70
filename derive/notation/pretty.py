"""Formulas in two dimensions for the terminal, by SymPy's pretty printer: fractions over two lines, powers raised.

As everywhere, a formula is written in the order in which it stands, and the line with the numbers is the same tree with
the number of each quantity in place of its name.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from derive.notation.elementary import Elementary, elementary
from derive.notation.extremes import Extreme
from derive.notation.names import derivative_of, name_text
from derive.notation.trees import PartialSymbol
from derive.notation.writer import (
    Values,
    inverted,
    is_below_line,
    leads_with_minus,
    leads_with_negative,
    no_values,
    to_text,
    value_text,
    without_coefficients,
    without_minus,
)

Picture = Any  # SymPy's prettyForm: lines of text, a width and a base line


def to_pictures(
    expression: Expr, values: Values = no_values, words: Callable[[str], str] = str, spell: Callable[[str], str] = str
) -> list[Picture]:
    """Return the terms of the formula as pictures, each with its sign; a formula that is no sum is one picture.

    ``words`` translates the words of a formula that is defined by cases. ``spell`` gives every text a form that the
    console has: before it is laid out, since delta is wider than δ.

    >>> from sympy import Symbol
    >>> from derive.notation.trees import fraction
    >>> for picture in to_pictures(fraction(Symbol("a1"), Symbol("b"))):
    ...     print(lines_of(picture, 80))
    a1
    ──
    b
    """
    return _Printer(values, words, spell).terms(expression)


def quotient(above: str, below: str) -> Picture:
    """Return two texts over each other, with a line between."""
    return prettyForm(above) / prettyForm(below)


def text_picture(text: str) -> Picture:
    """Return a text as a picture."""
    return prettyForm(text)


def joined(pictures: Sequence[Picture], operator: str) -> Picture:
    """Return pictures side by side on one base line, the operator between them."""
    parts = [part for picture in pictures for part in (operator, picture)][1:]
    return prettyForm(*stringPict.next(*parts))


def lines_of(picture: Picture, width: int) -> str:
    """Return the lines of a picture; one that is too wide is broken by SymPy."""
    text = picture.render(wrap_line=picture.width() > width, num_columns=width, use_unicode=True)
    return "\n".join(line.rstrip() for line in text.replace("-", "−").splitlines())


class _Printer(PrettyPrinter):  # type: ignore[misc]
    """SymPy's printer, but for what it would reorder."""

    def __init__(self, values: Values, words: Callable[[str], str], spell: Callable[[str], str]) -> None:
        has_root = spell("√") == "√"
        super().__init__({"order": "none", "use_unicode": True, "wrap_line": False, "use_unicode_sqrt_char": has_root})
        self.values, self.words, self.spell = values, words, spell
        self.drops_minus = False  # of the next number: the sign before its term has taken it

    def terms(self, expression: Expr) -> list[Picture]:
        if expression.is_Add:
            return self._terms(expression)
        is_partial = isinstance(expression, PartialSymbol) and self.values(expression.name) is None
        is_value = expression.is_Symbol and not is_partial and not derivative_of(expression.name)
        return [self._drawn(self._shown(expression)) if is_value else self._print(expression)]

    def _drawn(self, text: str, binding: int = prettyForm.ATOM) -> Picture:
        return prettyForm(self.spell(text), binding=binding)

    def _print_Symbol(self, expression: Expr, bold_name: bool = False) -> Picture:
        derivative = derivative_of(expression.name) if self.values(expression.name) is None else None
        if derivative:
            return quotient(*(self.spell("∂" + name_text(name)) for name in derivative))
        text = self._shown(expression)
        if self.drops_minus:
            self.drops_minus, text = False, text.removeprefix("−")
        binding = prettyForm.MUL if "·" in text else prettyForm.ATOM
        return self._drawn(f"({text})") if text.startswith("−") else self._drawn(text, binding)

    def _print_PartialSymbol(self, expression: PartialSymbol) -> Picture:
        if self.values(expression.name) is not None:
            return self._print_Symbol(expression)
        return quotient(*(self.spell("∂" + name_text(name)) for name in (expression.of, expression.by)))

    def _shown(self, symbol: Expr) -> str:
        value = self.values(symbol.name)
        return name_text(symbol.name) if value is None else value_text(value)

    def _print_Rational(self, expression: Expr) -> Picture:
        text = to_text(expression)
        binding = prettyForm.NEG if text.startswith("−") else prettyForm.ATOM
        return super()._print_Rational(expression) if "/" in self.spell(text) else self._drawn(text, binding)

    _print_Half = _print_Rational

    def _print_Pi(self, expression: Expr) -> Picture:
        return self._drawn("π")

    def _print(self, expression: Expr, **settings: Any) -> Picture:
        # SymPy finds its own way of drawing by the name of a class, which a new function has as well.
        function = elementary(expression)
        return self._applied(function, expression.args[0]) if function else super()._print(expression, **settings)

    def _applied(self, function: Elementary, argument: Expr) -> Picture:
        before, behind = function.look.text
        if function.look.is_power:
            # A negative number needs no parentheses where it is raised.
            raised = self._drawn(self._shown(argument)) if argument.is_Symbol else self._print(argument)
            return prettyForm(before.removesuffix("^(")) ** raised
        name, opening = before[:-1], before[-1]
        # A number with a minus has the parentheses of the function's own.
        is_number = function.look.is_named and argument.is_Symbol and self.values(argument.name) is not None
        inner = self._drawn(self._shown(argument)) if is_number else self._print(argument)
        fenced = prettyForm(*inner.parens(opening, behind))
        if not name:
            return fenced
        picture = prettyForm(*stringPict.next(name, fenced), binding=prettyForm.FUNC)
        # Where it is raised to a power, the exponent goes between the two.
        picture.prettyFunc, picture.prettyArgs = prettyForm(name), fenced
        return picture

    def _print_Extreme(self, expression: Extreme) -> Picture:
        values = [part for value in expression.args for part in (", ", self._print(value))][1:]
        fenced = prettyForm(*prettyForm(*stringPict.next(*values)).parens())
        picture = prettyForm(*stringPict.next(expression.word, fenced), binding=prettyForm.FUNC)
        picture.prettyFunc, picture.prettyArgs = prettyForm(expression.word), fenced
        return picture

    _print_Largest = _print_Smallest = _print_FirstLargest = _print_Extreme

    def _print_Add(self, expression: Expr, order: str | None = None) -> Picture:
        return prettyForm(*stringPict.next(*self._terms(expression)), binding=prettyForm.ADD)

    def _terms(self, expression: Expr) -> list[Picture]:
        parts: list[Picture] = []
        for term in expression.args:
            negative = leads_with_minus(term)
            bare = without_minus(term) if negative else term
            if (parts or negative) and leads_with_negative(bare, self.values):
                negative = not negative
                self.drops_minus = True
            sign = (" − " if negative else " + ") if parts else ("−" if negative else "")
            inner = self._print(bare)
            loose = inner.binding >= prettyForm.ADD and (negative or parts)
            parts.append(prettyForm(*stringPict.next(sign, prettyForm(*inner.parens()) if loose else inner)))
        return parts

    def _print_Mul(self, expression: Expr) -> Picture:
        if leads_with_minus(expression):
            inner = self._print(without_minus(expression))
            shown = prettyForm(*inner.parens()) if inner.binding >= prettyForm.ADD else inner
            return prettyForm(*stringPict.next("−", shown), binding=prettyForm.NEG)
        pieces: list[Picture] = []
        above: list[Expr] = []
        for factor in expression.args:
            if factor.is_Pow and is_below_line(factor.exp):
                coefficients, top = without_coefficients(above)
                pieces += map(self._print, coefficients)
                pieces.append(self._product(list(map(self._print, top))) / self._print(inverted(factor)))
                above = []
            else:
                above.append(factor)
        return self._product(pieces + list(map(self._print, above)))

    def _product(self, pieces: Sequence[Picture]) -> Picture:
        if len(pieces) == 1:
            return pieces[0]
        shown = [prettyForm(*p.parens()) if p.binding > prettyForm.MUL else p for p in pieces]
        return prettyForm(*stringPict.next(*[x for p in shown for x in ("·", p)][1:]), binding=prettyForm.MUL)

    def _print_Piecewise(self, expression: Expr) -> Picture:
        rows = []
        for branch, condition in expression.args:
            is_last = not condition.is_Relational
            said = prettyForm(self.words("otherwise")) if is_last else self._print(condition)
            test = said if is_last else prettyForm(*stringPict.next(self.words("if "), said))
            rows.append((self._print(branch), test))
        width = max(branch.width() for branch, _ in rows)
        padded = [
            prettyForm(*stringPict.next(branch, " " * (width - branch.width() + 2), test)) for branch, test in rows
        ]
        full = max(row.width() for row in padded)
        lines = [prettyForm(*stringPict.next(row, " " * (full - row.width()))) for row in padded]
        stacked = lines[0]
        for line in lines[1:]:
            stacked = prettyForm(*stacked.below(line))
        stacked.baseline = stacked.height() // 2
        return prettyForm(*stacked.parens("{", ""), binding=prettyForm.OPEN)
