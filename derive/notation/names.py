"""Names of quantities and of partial derivatives in LaTeX and Unicode."""

import re
import unicodedata
from functools import lru_cache


class Latex(str):
    """A string that is LaTeX mathematics, without the dollars around it."""

    __slots__ = ()


DERIVATIVE = re.compile(r"d([A-Za-z]\w*?_total)_d(\w+)|d(\w+)/d(\w+)")
# A letter or word, and what is written below it: w14, theta_4, h1_2.
HEAD = re.compile(r"([A-Za-z]+)(\w*)")
GREEK = {
    name: unicodedata.lookup(f"GREEK {size} LETTER {letter.upper()}")
    for size, names in (
        (
            "SMALL",
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi "
            "psi omega",
        ),
        ("CAPITAL", "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"),
    )
    for name in names.split()
    # Unicode calls the letter "lamda".
    for letter in [name.lower().replace("lambda", "lamda")]
}


@lru_cache(maxsize=4096)
def name_latex(name: str) -> Latex:
    r"""Return the name of a quantity in LaTeX; a plus at its end means the value after the update.

    Greek letters go by their names, "hat" is written above, and a partial derivative under its own name,
    dE_total_dout_h1, is written as one.

    >>> name_latex("w5+"), name_latex("out_h1_2"), name_latex("theta4"), name_latex("m_hat")
    ('w_{5}^{+}', '\\mathrm{out}_{h1,2}', '\\theta_{4}', '\\hat{m}')
    """
    derivative = derivative_of(name)
    if derivative:
        return partial_latex(*derivative)
    if name == "⋯":  # what stands for the terms in between
        return Latex(r"\cdots")
    bare = name.rstrip("+")
    head, *indices = bare.split("_")
    stem, number = HEAD.fullmatch(head).groups()  # type: ignore[union-attr]
    letter = rf"\{stem}" if stem in GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    if "hat" in indices:
        letter, indices = rf"\hat{{{letter}}}", [index for index in indices if index != "hat"]
    subscript = ",".join(_subscript(index) for index in ([number] if number else []) + indices)
    return Latex(letter + (f"_{{{subscript}}}" if subscript else "") + ("^{+}" if name.endswith("+") else ""))


def name_text(name: str) -> str:
    """Return the name of a quantity in Unicode.

    >>> name_text("delta_h1"), name_text("dE_total_dout_h1"), name_text("w5+"), name_text("m_hat")
    ('δ_h1', '∂E_total/∂out_h1', 'w5⁺', 'm̂')
    """
    derivative = derivative_of(name)
    if derivative:
        return partial_text(*derivative)
    head, *indices = name.split("_")
    match = HEAD.match(head)
    stem = match[1] if match else head
    letter = GREEK.get(stem, stem) + ("\u0302" if "hat" in indices else "")
    rest = [index for index in indices if index != "hat"]
    return "_".join([letter + head[len(stem) :], *rest]).replace("+", "⁺")


def _subscript(index: str) -> str:
    if index in GREEK:
        return rf"\{index}"
    return rf"\mathrm{{{index}}}" if index.isalpha() and len(index) > 1 else index


def partial_name(of: str, by: str) -> str:
    """Return the name of ∂of/∂by, from which both are read off again: no name of a quantity has a stroke.

    >>> partial_name("E_total", "w5"), partial_name("loss", "w5"), derivative_of("dloss/dw5")
    ('dE_total_dw5', 'dloss/dw5', ('loss', 'w5'))
    """
    return f"d{of}_d{by}" if of.endswith("_total") else f"d{of}/d{by}"


def derivative_of(name: str) -> tuple[str, str] | None:
    """Return of what by what a name is the derivative, None where it is none's."""
    found = DERIVATIVE.fullmatch(name)
    return (found[1] or found[3], found[2] or found[4]) if found else None


def sample_latex(name: str, number: int) -> Latex:
    r"""Return the name of a quantity of one sample, counted from 0.

    >>> print(sample_latex("E_total", 0))
    E_{\mathrm{total}}^{(1)}
    """
    return Latex(rf"{name_latex(name)}^{{({number + 1})}}")


def partial_latex(of: str, by: str, sample: int = 0) -> Latex:
    """Return ∂of/∂by in LaTeX; ``sample``, counted from 1, says of which sample's error."""
    above = sample_latex(of, sample - 1) if sample else name_latex(of)
    return Latex(rf"\frac{{\partial {above}}}{{\partial {name_latex(by)}}}")


def partial_text(of: str, by: str) -> str:
    """Return ∂of/∂by in Unicode."""
    return f"∂{name_text(of)}/∂{name_text(by)}"
