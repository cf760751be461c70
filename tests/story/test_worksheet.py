"""What stands before a blank at each level of hints, written down by hand; and what a sheet must not tell."""

import pytest

import derive
from derive.lines.blanks import blanks_of
from derive.story.sheet_lines import SheetLines


@pytest.fixture(scope="module")
def sides():
    evaluation = derive.load("article").derive().evaluation.by_hand(6)
    lines, blanks = SheetLines(evaluation, 6), {blank.name: blank for blank in blanks_of(evaluation)}
    return lambda name, hints: list(lines.sides(blanks[name], hints))


E = r"E_{\mathrm{total}}"
CHAIN = (
    rf"\frac{{\partial {E}}}{{\partial \mathrm{{out}}_{{o1}}}} \cdot "
    r"\frac{\partial \mathrm{out}_{o1}}{\partial \mathrm{net}_{o1}} \cdot "
    r"\frac{\partial \mathrm{net}_{o1}}{\partial w_{5}}"
)
BY_W5 = rf"\frac{{\partial {E}}}{{\partial w_{{5}}}}"


@pytest.mark.parametrize(
    ("name", "hints", "expected"),
    [
        ("net_h1", 0, [r"\mathrm{net}_{h1}"]),
        ("net_h1", 1, [r"\mathrm{net}_{h1}"]),
        ("net_h1", 2, [r"\mathrm{net}_{h1}", r"w_{1} \cdot i_{1} + w_{2} \cdot i_{2} + b_{1} \cdot 1"]),
        ("dE_total_dw5", 0, [BY_W5]),
        ("dE_total_dw5", 1, [BY_W5, CHAIN]),
        ("dE_total_dw5", 2, [BY_W5, CHAIN, r"\delta_{o1} \cdot \mathrm{out}_{h1}"]),
        ("w5+", 2, [r"w_{5}^{+}", rf"w_{{5}} - \eta \cdot {BY_W5}"]),
        ("w5+", 3, [r"w_{5}^{+}", rf"w_{{5}} - \eta \cdot {BY_W5}", rf"0.4 - 0.5 \cdot {BY_W5}"]),
    ],
)
def test_each_hint_says_more(sides, name, hints, expected):
    assert sides(name, hints) == expected


def test_no_hint_says_what_another_blank_asks_for(sides):
    """The net input of o1 is made of outputs that the student works out: their numbers stay out of it."""
    assert sides("net_o1", 3)[-1] == r"0.4 \cdot \mathrm{out}_{h1} + 0.45 \cdot \mathrm{out}_{h2} + 0.6 \cdot 1"


@pytest.mark.parametrize("name", ["article", "softmax_classifier", "circuit", "lstm_cell", "regression"])
def test_no_answer_stands_on_a_sheet(name):
    sheet = derive.Worksheet(derive.load(name), hints=3).sheet()
    text = sheet.render("html")["sheet.html"].decode()
    shown = [text_ for text_ in sheet.key.values() if len(text_.lstrip("-")) >= 8 and text_ in text]
    assert shown == []


@pytest.mark.parametrize("name", ["article", "xor", "softmax_classifier", "lstm_cell"])
def test_the_error_of_all_samples_comes_after_those_of_each(name):
    sheet = derive.Worksheet(derive.load(name)).sheet().rendered()
    text = sheet.markdown
    places = {blank.name: text.index(f"](blank:{blank.number})") for blank in sheet.blanks}
    for part in ("forward", "backward", "gradient", "update"):
        of_part = [blank for blank in sheet.blanks if blank.part == part]
        last = max((blank.number for blank in of_part if blank.sample), default=0)
        for blank in of_part:
            if last and blank.number > last:
                assert all(places[other.name] < places[blank.name] for other in of_part if other.number < blank.number)
