"""What Jupyter shows of a network, a derivation and a training: HTML that runs no script and needs no network.

Formulas are MathML, which browsers set by themselves; a figure is an image, in which nothing can run.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from markupsafe import Markup

from derive.calculus.partials import LocalDerivative, Partial
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.figure import svg
from derive.language.language import Language, language
from derive.language.templates import environment
from derive.lines.scalar import Formulas
from derive.notation import Latex, name_latex, value_text
from derive.notation.display import cut
from derive.notation.mathml import for_browsers
from derive.notation.names import name_text
from derive.numbers.decimals import rounded_float
from derive.numbers.number import DIGITS
from derive.render.titles import title
from derive.story.figures import network_diagram, training_curve
from derive.training.run import Training

MOST_PARAMETERS = 40
MOST_ROWS = 40  # of a training
MARK = "†"
CURVE_DESCRIPTION = Message("The error over the iterations.")
MOST_PATHS = 8  # of one sum that are shown one by one
SHOWN_DIGITS = 4  # of a number in the figure


@dataclass(frozen=True)
class ParameterRow:
    """One parameter: its place on the page, its name, its derivative as formula and value, and the lines to it."""

    id: str
    name: Markup
    formula: Markup
    value: Markup
    lines: tuple[Markup, ...]


def network_html(evaluation: Evaluation, caption: str) -> str:
    """Return the figure of the network with its numbers, as an image with its title and a caption.

    >>> import derive
    >>> network_html(derive.load("article").derive().evaluation, "the article")[:29]
    '<figure><img alt="A step by s'
    """
    words = language()
    diagram = network_diagram(
        evaluation,
        lambda name: words.number(value_text(evaluation.quantity(name).decimal(SHOWN_DIGITS))),
    )
    return _figure(svg(diagram, evaluation.computation.title), evaluation.computation.title, caption)


def training_html(training: Training) -> str:
    """Return the curve of a training's error and the table of its rows, which are those of floating point.

    >>> import derive
    >>> training_html(derive.load("article").derive().train(100))[:29]
    '<figure><img alt="The error o'
    """
    words = language()
    description = words.say(CURVE_DESCRIPTION)
    curve = ""
    if len(training.rows) > 2:  # two points are no curve
        drawn = training_curve(training, description, words).svg
        curve = _figure(drawn, description, title(training.evaluation, words))
    rows = [
        None
        if row is None
        else (words.whole(row.iteration), words.number(value_text(rounded_float(row.error, DIGITS))))
        for row in cut(training.rows, MOST_ROWS, MOST_ROWS // 2, MOST_ROWS // 2)
    ]
    template = environment(words, autoescape=True).get_template("training.html.j2")
    computation = training.evaluation.computation
    return curve + template.render(
        training=training,
        rows=rows,
        whole=words.whole,
        objective="" if computation.layers else name_text(computation.whole_objective_name),
    )


def _figure(drawn: str, description: str, caption: str) -> str:
    image = base64.b64encode(drawn.encode()).decode()
    return (
        f'<figure><img alt="{escape(description)}" style="max-width:100%" src="data:image/svg+xml;base64,{image}"/>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def derivation_html(evaluation: Evaluation) -> str:
    """Return a table of the parameters with their derivatives, and the evaluation of each, folded up below."""
    words = language()
    computation = evaluation.computation
    if not computation.objective:
        return network_html(evaluation, computation.title) if computation.layers else _values_html(evaluation, words)
    names = computation.parameters[:MOST_PARAMETERS]
    rows = [_row(evaluation, name, words) for name in names]
    template = environment(words, autoescape=True).get_template("overview.html.j2")
    return template.render(
        rows=rows,
        output=computation.objective if computation.differentiates_output or computation.layers is None else "",
        left=len(computation.parameters) - len(names),
        has_marks=any(MARK in line for row in rows for line in row.lines),
        by_hand=evaluation.rounding is not None,
    )


def _values_html(evaluation: Evaluation, words: Language) -> str:
    """Return the equations of a forward pass alone, each with its value, the first ones of many."""
    formulas = Formulas(evaluation, DIGITS if evaluation.rounding is None else evaluation.rounding.digits)
    equations = evaluation.computation.equations[:MOST_PARAMETERS]
    lines = (_set(formulas.equation(equation.name), words) for equation in equations)
    return "".join(f'<div style="margin: 0.5em 1em">{line}</div>' for line in lines)


def _row(evaluation: Evaluation, name: str, words: Language) -> ParameterRow:
    formulas = Formulas(evaluation, DIGITS if evaluation.rounding is None else evaluation.rounding.digits)
    partial = evaluation.derivation[name]
    page = sha256(_identity(evaluation).encode()).hexdigest()[:8]
    return ParameterRow(
        f"derive-{page}-{name}",
        _set(name_latex(name), words, display=False),
        _set(Latex(f"{partial.left_latex} = {formulas.short(partial)}"), words),
        _set(formulas.equal(partial.value), words),
        tuple(_set(line, words) for line in _lines(formulas, partial)),
    )


def _identity(evaluation: Evaluation) -> str:
    """Return a text that is another one for every other computation: ids on one page must not meet."""
    return f"{evaluation.computation}{evaluation.computation.samples}{evaluation.plan}"


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
    return Markup(for_browsers(words.math(latex), display))
