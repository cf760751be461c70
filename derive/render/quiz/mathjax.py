r"""Formulas as Moodle's MathJax reads them, \( … \) and \[ … \], in HTML and among the braces of a cloze question."""

import re
from html import escape

# What a cloze question is recognised by: {1:NUMERICAL: and, once it is stored, {#1}.
CLOZE = re.compile(r"\{(?=#|\d*:)")


def mathjax(latex: str, display: bool) -> str:
    r"""Return the markup of a formula.

    >>> print(mathjax(r"a < b_{1}", False))
    \(a \lt  b_{1}\)
    """
    formula = latex.strip().replace("<", r"\lt ").replace(">", r"\gt ")
    formula = escape(CLOZE.sub("{ ", formula), quote=False)
    return rf"\[{formula}\]" if display else rf"\({formula}\)"
