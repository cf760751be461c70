"""Names of quantities and of partial derivatives in LaTeX and Unicode."""

import re
from functools import lru_cache


class Latex(str):
    """A string that is LaTeX mathematics, without the dollars around it."""

    __slots__ = ()


DERIVATIVE = re.compile(r"d(E\w*?)_d(\w+)")
GREEK = frozenset({"delta", "eta"})


@lru_cache(maxsize=4096)
def name_latex(name: str) -> Latex:
    r"""Return the name of a quantity in LaTeX; a plus at its end means the value after the update.

    A partial derivative under its own name, dE_total_dout_h1, is written as one.

    >>> name_latex("w5+"), name_latex("out_h1_2"), name_latex("E_total")
    ('w_{5}^{+}', '\\mathrm{out}_{h1,2}', 'E_{\\mathrm{total}}')
    """
    derivative = DERIVATIVE.fullmatch(name)
    if derivative:
        return partial_latex(*derivative.groups())
    bare = name.rstrip("+")
    head, *indices = bare.split("_")
    stem, number = re.fullmatch(r"(\D+?)(\d*)", head).groups()  # type: ignore[union-attr]
    subscript = ",".join(_subscript(index) for index in ([number] if number else []) + indices)
    letter = rf"\{stem}" if stem in GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    return Latex(letter + (f"_{{{subscript}}}" if subscript else "") + ("^{+}" if name.endswith("+") else ""))


def name_text(name: str) -> str:
    """Return the name of a quantity in Unicode.

    >>> name_text("delta_h1"), name_text("dE_total_dout_h1"), name_text("w5+")
    ('δ_h1', '∂E_total/∂out_h1', 'w5⁺')
    """
    derivative = DERIVATIVE.fullmatch(name)
    if derivative:
        return partial_text(*derivative.groups())
    return name.replace("delta_", "δ_").replace("+", "⁺")


def _subscript(index: str) -> str:
    return rf"\mathrm{{{index}}}" if index.isalpha() and len(index) > 1 else index


def partial_latex(of: str, by: str) -> Latex:
    """Return ∂of/∂by in LaTeX."""
    return Latex(rf"\frac{{\partial {name_latex(of)}}}{{\partial {name_latex(by)}}}")


def partial_text(of: str, by: str) -> str:
    """Return ∂of/∂by in Unicode."""
    return f"∂{of}/∂{by}"
