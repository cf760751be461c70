"""SymPy trees as LaTeX, in which the numbers of a page that may change stand in slots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr, Rational, Symbol

from derive.notation.elementary import Elementary
from derive.notation.extremes import Extreme
from derive.notation.names import Latex, name_latex, partial_latex, sample_latex
from derive.notation.slots import (
    AS_IT_IS,
    BEFORE_BARE,
    BEHIND_POWER,
    BETWEEN,
    DOT,
    FIRST_SIGN,
    IF_LOOSE,
    IF_NEGATIVE,
    NUMBER,
    SIGN,
    UNSIGNED,
    Printed,
)
from derive.notation.trees import LateSymbol, PartialSymbol, SampleSymbol
from derive.notation.writer import (
    ATOM,
    FRACTION,
    POWER,
    PRODUCT,
    SIGNED,
    Piece,
    Values,
    Writer,
    between,
    finite_decimal,
    named_outside,
    no_values,
)


@dataclass(frozen=True)
class LatexWriter(Writer):
    r"""Writes formulas in LaTeX: \frac{1}{2} \left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right)^{2}."""

    keeps_slots = True

    def value(self, value: str) -> Piece:
        found = super().value(value)
        if not isinstance(value, Printed):
            return found
        return Piece(self._slot(value, AS_IT_IS, found.text), found.binds, value)

    def _slot(self, number: Printed, how: int, latex: str) -> str:
        return number.slots.slot(latex, NUMBER, [number], how)

    def placed(self, piece: Piece, is_bare: Callable[[int], bool]) -> str:
        if piece.number is None:
            return super().placed(piece, is_bare)
        how = AS_IT_IS if is_bare(SIGNED) else IF_NEGATIVE if is_bare(PRODUCT) else IF_LOOSE
        latex = super().value(str(piece.number)).text
        return self._slot(piece.number, how, latex if is_bare(piece.binds) else self.group(latex))

    def after_sign(self, term: Expr, number: Printed, *, is_first: bool, is_subtracted: bool) -> str:
        written = self.term(term, first=True, signed=False).removeprefix(self.value(number).text)
        is_negative = number.startswith("-")
        unsigned = self._slot(number, UNSIGNED, super().value(number.removeprefix("-")).text)
        if is_subtracted != is_negative:
            # With what takes no room behind it, it is no sign between two terms.
            sign = f"{self.minus}{{}}" if is_first else self.subtract.strip()
        else:
            sign = "" if is_first else self.plus.strip()
        kind = FIRST_SIGN if is_first else SIGN
        slot = number.slots.slot(sign, kind, [number], int(is_subtracted))
        return f"{slot}{unsigned}{written}" if is_first else f" {slot} {unsigned}{written}"

    def slot_beside(self, number: Printed) -> str:
        return self._dot(_ends_with_power(number), [number], BEHIND_POWER)

    def slot_before_power(self, base: Printed, last: Printed | None) -> str:
        is_grouped = base.startswith("-") or "e" in base
        if last is None:
            return self._dot(not is_grouped, [base], BEFORE_BARE)
        return self._dot(not is_grouped or _ends_with_power(last), [base, last], BETWEEN)

    def _dot(self, is_there: bool, numbers: Sequence[Printed], how: int) -> str:
        return f" {numbers[0].slots.slot(self.beside(False).strip() if is_there else '', DOT, numbers, how)} "

    def symbol(self, symbol: Symbol) -> str:
        if isinstance(symbol, PartialSymbol):
            latex = partial_latex(symbol.of, symbol.by, symbol.sample)
            return rf"{{{latex}}}^{{\ast}}" if symbol.is_late else latex
        if isinstance(symbol, LateSymbol):
            return rf"{name_latex(symbol.of)}^{{\ast}}"
        if isinstance(symbol, SampleSymbol):
            return sample_latex(symbol.of, symbol.sample - 1)
        return super().symbol(symbol)

    def name(self, name: str) -> str:
        return name_latex(name)

    def scientific(self, digits: str, exponent: str) -> str:
        return rf"{digits} \cdot 10^{{{exponent}}}"

    def group(self, text: str) -> str:
        return rf"\left({text}\right)"

    def opens_with_group(self, text: str) -> bool:
        return text.startswith(r"\left(")

    def beside(self, direct: bool) -> str:
        return " " if direct else r" \cdot "

    def power(self, base: Expr, exponent: Expr) -> Piece:
        inner = self.piece(base)
        shown = self.tight(inner)
        raised = f"^{{{self(exponent)}}}"
        name = named_outside(base, "latex", r"\left(") if exponent.is_Integer else ""
        return Piece(name + raised + shown[len(name) :] if name else shown + raised, POWER, base=inner.number)

    def is_fraction(self, factor: Expr) -> bool:
        # A line in numbers has the form of that in names.
        return isinstance(factor, Symbol) and self.symbol(factor).startswith(r"\frac")

    def ratio(self, top: Piece, bottom: Piece, *, negative: bool) -> Piece:
        text = rf"\frac{{{top.text}}}{{{bottom.text}}}"
        return Piece(self.minus + text, SIGNED) if negative else Piece(text, FRACTION)

    def decimal(self, number: Rational) -> str | None:
        return finite_decimal(number)

    def applied(self, function: Elementary, argument: str) -> Piece:
        return between(function.look.latex, argument, function)

    def extreme(self, function: Extreme, values: Sequence[str]) -> Piece:
        return Piece(rf"\{function.word}\left({', '.join(values)}\right)", ATOM)

    def constant(self, name: str) -> Piece:
        return Piece(name_latex(name), ATOM)

    def relation(self, sign: str) -> str:
        return {"≥": r"\ge", "≤": r"\le"}.get(sign, sign)

    def cases(self, branches: Sequence[tuple[str, Expr]]) -> Piece:
        rows = r" \\ ".join(rf"{text} & {self.condition(condition)}" for text, condition in branches)
        return Piece(rf"\begin{{cases}} {rows} \end{{cases}}", ATOM)

    def condition(self, condition: Expr) -> str:
        text = super().condition(condition)
        return r"\text{otherwise}" if text == "True" else rf"\text{{if }} {text}"


def to_latex(expression: Expr, values: Values = no_values) -> Latex:
    """Return the formula in LaTeX."""
    return Latex(LatexWriter(values)(expression))


def value_latex(value: str) -> Latex:
    r"""Return a decimal number in LaTeX.

    >>> value_latex("-0.25"), value_latex("1.234e-12")
    ('-0.25', '1.234 \\cdot 10^{-12}')
    """
    return Latex(LatexWriter().value(value).text)


def marked(latex: str, mark: str = r"\dagger") -> Latex:
    r"""Return a value with a mark: a dagger where the printed numbers before it give another last digit.

    The mark of a power of ten keeps from the exponent, which it does not belong to.

    >>> print(marked("0.25"), marked(r"1.5 \cdot 10^{-9}", r"\ddagger"))
    0.25^{\dagger} {1.5 \cdot 10^{-9}\,}^{\ddagger}
    """
    return Latex(rf"{latex}^{{{mark}}}" if "^" not in latex else rf"{{{latex}\,}}^{{{mark}}}")


def result_latex(value: str, *, is_marked: bool) -> Latex:
    """Return a result in LaTeX, with a dagger where it is marked; in a page that may change the mark is in its slot."""
    plain = LatexWriter().value(str(value)).text
    latex = marked(plain) if is_marked else Latex(plain)
    if not isinstance(value, Printed):
        return latex
    return Latex(value.slots.slot(latex, NUMBER, [value], AS_IT_IS))


def grouped_latex(value: str) -> Latex:
    r"""Return a decimal number in LaTeX as a factor: in parentheses where it is negative.

    >>> grouped_latex("-0.25"), grouped_latex("0.25")
    ('\\left(-0.25\\right)', '0.25')
    """
    writer = LatexWriter()
    return Latex(writer.placed(writer.value(value), lambda binds: binds > SIGNED))


def _ends_with_power(number: Printed) -> bool:
    """Whether a number ends with a power of ten, and not with the parenthesis round a negative one."""
    return "e" in number and not number.startswith("-")
