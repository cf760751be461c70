"""Names of quantities and of partial derivatives in LaTeX and Unicode."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from derive.errors import InternalError


class Latex(str):
    """A string that is LaTeX mathematics, without the dollars around it."""

    __slots__ = ()


DERIVATIVE = re.compile(r"d([A-Za-z]\w*?_total)_d(\w+)|d(\w+)/d(\w+)")
# A letter or word, and what is written below it: w14, theta_4, h1_2.
HEAD = re.compile(r"([A-Za-z]+)(\w*)")
RUNS = re.compile(r"[^\W\d_]+|\d+")
HAT = "\u0302"
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


@dataclass(frozen=True)
class Spelling:
    """How a name is written wherever it stands: a letter or word, with a hat or without, and what is written below it.

    ``below`` has an entry for each index, in the runs of letters and of digits that it consists of. A run of letters is
    a Greek letter, a letter or a word, below as in the line.
    """

    letter: str
    below: tuple[tuple[str, ...], ...] = ()
    has_hat: bool = False
    is_new: bool = False  # the value after the update

    @property
    def latex(self) -> Latex:
        """The name in LaTeX."""
        letter = rf"\hat{{{run_latex(self.letter)}}}" if self.has_hat else run_latex(self.letter)
        below = self.index(run_latex)
        return Latex(letter + (f"_{{{below}}}" if below else "") + ("^{+}" if self.is_new else ""))

    def index(self, written: Callable[[str], str]) -> str:
        """Return what is written below, each of its runs as the function writes it."""
        return ",".join("".join(map(written, runs)) for runs in self.below)


@lru_cache(maxsize=4096)
def spelled(name: str) -> Spelling:
    """Return how the name of a quantity is written; a plus at its end means the value after the update.

    >>> spelled("out_phi1_2")
    Spelling(letter='out', below=(('phi', '1'), ('2',)), has_hat=False, is_new=False)
    >>> spelled("out_phi_1") == spelled("out_phi1")
    True
    """
    head, *indices = name.rstrip("+").split("_")
    found = HEAD.fullmatch(head)
    if found is None:
        raise InternalError(f"{name!r} is no name of a quantity")
    stem, number = found.groups()
    below = [tuple(RUNS.findall(index)) for index in [number, *indices] if index and index != "hat"]
    return Spelling(stem, tuple(_joined(below)), "hat" in indices, name.endswith("+"))


def _joined(below: Iterable[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    """Return the indices, a letter or word with the number behind it as one: it is a neuron, and no two indices."""
    found: list[tuple[str, ...]] = []
    for index in below:
        if found and len(found[-1]) == 1 and found[-1][0].isalpha() and index[0].isdigit():
            index = (*found.pop(), *index)
        found.append(index)
    return found


def run_latex(run: str) -> str:
    """Return a run of letters or digits in LaTeX: a Greek letter, a word upright, anything else as it is."""
    if run in GREEK:
        return rf"\{run}"
    return rf"\mathrm{{{run}}}" if run.isalpha() and len(run) > 1 else run


def vector_latex(letter: str) -> Latex:
    r"""Return the letter, or word, of a vector, which is set in bold.

    >>> vector_latex("out"), vector_latex("zeta")
    ('\\mathbf{out}', '\\boldsymbol{\\zeta}')
    """
    return Latex(rf"\boldsymbol{{\{letter}}}" if letter in GREEK else rf"\mathbf{{{letter}}}")


@lru_cache(maxsize=4096)
def name_latex(name: str) -> Latex:
    r"""Return the name of a quantity in LaTeX; a plus at its end means the value after the update.

    Greek letters go by their names, "hat" is written above, and a partial derivative under its own name,
    dE_total_dout_h1, is written as one.

    >>> name_latex("w5+"), name_latex("out_h1_2"), name_latex("net_theta4"), name_latex("m_hat")
    ('w_{5}^{+}', '\\mathrm{out}_{h1,2}', '\\mathrm{net}_{\\theta4}', '\\hat{m}')
    """
    derivative = derivative_of(name)
    if derivative:
        return partial_latex(*derivative)
    if name == "⋯":  # what stands for the terms in between
        return Latex(r"\cdots")
    word, below = hat_below(name)
    if word:
        return Latex(rf"{run_latex(word)}_{{{name_latex(below)}}}" + "^{+}" * name.endswith("+"))
    return spelled(name).latex


def hat_below(name: str) -> tuple[str, str]:
    """Return a word, or delta, and what is below it, to which the hat belongs; "" twice where the hat is the letter's.

    >>> hat_below("net_y_hat"), hat_below("delta_y_hat"), hat_below("y_1_hat"), hat_below("theta_hat")
    (('net', 'y_hat'), ('delta', 'y_hat'), ('', ''), ('', ''))
    """
    word, _, below = name.rstrip("+").partition("_")
    is_word = word == "delta" or (word.isalpha() and len(word) > 1 and word not in GREEK)
    first, *others = below.split("_")
    is_name = first[:1].isalpha() and first != "hat"
    return (word, below) if is_word and is_name and "hat" in others else ("", "")


def name_text(name: str) -> str:
    """Return the name of a quantity in Unicode.

    >>> name_text("delta_phi1"), name_text("dE_total_dout_h1"), name_text("w5+"), name_text("m_hat")
    ('δ_φ1', '∂E_total/∂out_h1', 'w5⁺', 'm̂')
    """
    derivative = derivative_of(name)
    if derivative:
        return partial_text(*derivative)
    word, below = hat_below(name)
    if word:
        return f"{GREEK.get(word, word)}_{name_text(below)}" + "⁺" * name.endswith("+")
    head, *indices = (RUNS.sub(lambda run: GREEK.get(run[0], run[0]), word) for word in name.rstrip("+").split("_"))
    letter = RUNS.match(head)
    if "hat" in indices and letter:
        head, indices = f"{letter[0]}{HAT}{head[letter.end() :]}", [index for index in indices if index != "hat"]
    return "_".join([head, *indices]) + ("⁺" if name.endswith("+") else "")


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
