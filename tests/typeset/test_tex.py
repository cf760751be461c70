"""Our boxes against TeX's, with the same fonts."""

from __future__ import annotations

import shutil
from pathlib import Path

import math_core
import pytest
from typeset_comparison import latex_sizes

from derive.typeset.layout import Style, layout
from derive.typeset.mathml import parse

CONVERT = math_core.LatexToMathML(pretty_print="never").convert_with_local_state

SIMPLE = [
    r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}} = 0.082167041",
    r"\mathrm{net}_{h1} = w_{1} \cdot i_{1} + w_{2} \cdot i_{2} + b_{1} \cdot 1",
    r"\mathrm{out}_{h1} = \frac{1}{1+e^{-\mathrm{net}_{h1}}} = 0.593269992",
    r"\frac{1}{2}\left(\mathrm{target}_{o1}-\mathrm{out}_{o1}\right)^{2}",
    r"\delta_{o1} = -(0.01 - 0.75136507) \cdot 0.186815602",
    r"w_5^{+} = w_5 - \eta \cdot \frac{\partial E}{\partial w_5}",
    r"\sum_{i=1}^{n} x_i",
    r"\sqrt{1 + x^2}",
    r"\sigma(x) = \frac{1}{1 + e^{-x}}",
    r"\begin{pmatrix} w_1 & w_2 \\ w_3 & w_4 \end{pmatrix}",
    r"\begin{aligned} a &= \frac{b}{c} \\ &\approx 0.5 \end{aligned}",
    r"f(x) = \begin{cases} 0 & x < 0 \\ x & x \ge 0 \end{cases}",
    r"a = b \ne c \le d",
    r"\int_{0}^{1} f(x) \, dx",
]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_widths_are_within_two_percent_of_tex_and_baselines_within_half_a_point(tmp_path: Path) -> None:
    sizes = latex_sizes(SIMPLE, tmp_path)
    for latex, (width, height, depth) in zip(SIMPLE, sizes, strict=True):
        box = layout(parse(CONVERT(latex, displaystyle=True)), Style())
        assert box.width == pytest.approx(width, rel=0.02), latex
        assert box.height == pytest.approx(height, abs=0.05), latex
        assert box.depth == pytest.approx(depth, abs=0.05), latex
