"""What Jupyter shows of a network and of a derivation: HTML that runs no script and needs no network.

Formulas are MathML, which browsers set by themselves; a figure is an image, in which nothing can run.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from markupsafe import Markup

from derive.calculus.chain import DIGITS, Derivation
from derive.calculus.partials import LocalDerivative, Partial
from derive.figure import svg
from derive.language.language import Language, language
from derive.language.templates import environment
from derive.lines.scalar import Formulas
from derive.network.network import Network
from derive.notation import Latex, name_latex, value_text
from derive.render.html import mathml
from derive.story.figures import network_diagram

MOST_PARAMETERS = 40
MARK = "†"
MOST_PATHS = 8  # of one sum that are shown one by one
SHOWN_DIGITS = 4  # of a number in the figure


@dataclass(frozen=True)
class Row:
    """One parameter: its place on the page, its name, its derivative as formula and value, and the lines to it."""

    id: str
    name: Markup
    formula: Markup
    value: Markup
    lines: tuple[Markup, ...]


def network_html(network: Network) -> str:
    """Return the figure of the network with its numbers, as an image with its title.

    >>> import derive
    >>> network_html(derive.load("article"))[:29]
    '<figure><img alt="A step by s'
    """
    evaluation, words = network.derive().evaluation, language()
    diagram = network_diagram(
        evaluation.derivation,
        lambda name: words.number(value_text(evaluation.quantity(name).decimal(SHOWN_DIGITS))),
    )
    drawn = base64.b64encode(svg(diagram, network.title).encode()).decode()
    image = f'<img alt="{escape(network.title)}" src="data:image/svg+xml;base64,{drawn}"/>'
    return f"<figure>{image}<figcaption>{escape(str(network))}</figcaption></figure>"


def derivation_html(derivation: Derivation) -> str:
    """Return a table of the parameters with their derivatives, and the derivation of each, folded up below."""
    words = language()
    names = derivation.parameters[:MOST_PARAMETERS]
    rows = [_row(derivation, name, words) for name in names]
    template = environment(words, autoescape=True).get_template("overview.html.j2")
    return template.render(
        rows=rows,
        left=len(derivation.parameters) - len(names),
        has_marks=any(MARK in line for row in rows for line in row.lines),
        by_hand=derivation.rounding is not None,
    )


def _row(derivation: Derivation, name: str, words: Language) -> Row:
    formulas = Formulas(derivation, derivation.rounding or DIGITS)
    partial = derivation[name]
    page = sha256(repr(derivation.network).encode()).hexdigest()[:8]
    return Row(
        f"derive-{page}-{name}",
        _set(name_latex(name), words, display=False),
        _set(Latex(f"{partial.latex} = {formulas.short(partial)}"), words),
        _set(formulas.equal(partial.value), words),
        tuple(_set(line, words) for line in _lines(formulas, partial)),
    )


def _lines(formulas: Formulas, partial: Partial) -> Iterator[Latex]:
    """Yield how a parameter's partial comes about: the chain rule, each factor, their product, the delta form."""
    yield formulas.chain(partial)
    for factor in partial.factors:
        if isinstance(factor, LocalDerivative):
            yield formulas.local(factor)
        elif factor.is_net:
            yield formulas.delta(factor)
        else:
            yield from (formulas.path(path) for path in factor.paths[:MOST_PATHS])
            yield formulas.total(factor)
    if partial.factors:
        yield formulas.product(partial)
        yield formulas.delta_form(partial)
    else:
        yield formulas.total(partial)


def _set(latex: Latex, words: Language, *, display: bool = True) -> Markup:
    return Markup(mathml(words.math(latex), display))
