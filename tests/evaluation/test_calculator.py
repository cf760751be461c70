"""A handout rounded by hand, calculated again line by line as it is printed, in decimal.Decimal."""

import random
import re
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

import pytest
from by_hand import drawn, names

import derive

NUMBER = r"\d+(?:\.\d+)?(?: \\cdot 10\^\{-?\d+\})?"


def fixed(value, digits):
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def significant(value, digits):
    return Context(prec=digits, rounding=ROUND_HALF_UP).plus(value)


RULES = {"by-hand": fixed, "significant": significant}


def argument(text, start):
    """What stands in the braces that open at that place, and where they end."""
    depth = 0
    for place in range(start, len(text)):
        depth += text[place] == "{"
        depth -= text[place] == "}"
        if not depth:
            return text[start + 1 : place], place + 1
    raise AssertionError(text)


def python(latex):
    """A formula in numbers as Python's, for Decimals; numbers with a power of ten are one number."""
    latex = re.sub(r"(\d) \\cdot 10\^\{(-?\d+)\}", r"\1E\2", latex)
    for opening, before, between in ((r"\frac{", "((", ")/("), ("e^{", "exp(", None), (r"^{", "**(", None)):
        while (start := latex.find(opening)) >= 0:
            top, end = argument(latex, start + len(opening) - 1)
            if between:
                bottom, end = argument(latex, end)
                latex = latex[:start] + f"{before}{top}{between}{bottom}))" + latex[end:]
            else:
                latex = latex[:start] + f"{before}{top})" + latex[end:]
    latex = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*").replace(r"\tanh", "tanh")
    latex = re.sub(r"(\d|\)) *\(", r"\1*(", latex)
    return re.sub(r"\d+(?:\.\d+)?(?:E-?\d+)?", lambda found: f'D("{found[0]}")', latex)


def tanh(value):
    up, down = value.exp(), (-value).exp()
    return (up - down) / (up + down)


def displays(text):
    """The right sides of each equation, each behind its relation."""
    for display in re.findall(r"\$\$\n(.*?)\n\$\$", text, re.S):
        plain = re.sub(r"\\(begin|end)\{aligned\}|\\tag\{\d+\}|\\quad \{\}", "", display).replace(r"\bigl", "")
        lines = re.split(
            r"\\\\ (?=[^&]*[^& ][^&]* &)", plain.replace(r"\bigr", "")
        )  # several equations below each other
        for line in lines:
            whole = re.sub(r" +", " ", line.replace("&", "").replace(r"\\", " "))
            yield re.findall(r"(=|\\approx) ((?:(?!=|\\approx ).)+)", whole.strip() + " ")


def checked(text, rounding, digits):
    """Calculate every numeric line again; return how many there were."""
    known = {"D": Decimal, "exp": Decimal.exp, "tanh": tanh}
    count = 0
    for rights in displays(text):
        if len(rights) < 2:
            continue
        (_, numbers), (relation, printed) = rights[-2:]
        plain = python(numbers)
        result = re.fullmatch(
            rf"(-?{NUMBER})(\^\{{\\dagger\}})?", re.sub(r"^\{(.*)\}(\^\{\\dagger\})", r"\1\2", printed.strip())
        )
        if result is None or re.search(r"[a-zA-Z\\]", re.sub(r'D\(|exp|tanh|"[^"]*"', "", plain)):
            continue
        with localcontext(prec=60):
            value = eval(plain, known)
            again = RULES[rounding](value, digits)
        expected = Decimal(re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"E\1", result[1]))
        assert again == expected, (numbers, printed, again)
        assert (relation == "=") == (value == expected), (numbers, printed)
        if relation != "=":
            assert has_form(result[1], rounding, digits, in_full=True), printed
        count += 1
    return count


def has_form(number, rounding, digits, *, in_full=False):
    """Whether a printed number looks as the box says; ``in_full`` where it was rounded."""
    plain, power, _ = number.lstrip("-").partition(r" \cdot 10^{")
    decimals = len(plain.partition(".")[2])
    if rounding == "by-hand":
        return not power and (decimals == digits if in_full else decimals <= digits)
    written = re.sub(r"^0+", "", plain.replace(".", ""))
    size = abs(Decimal(plain))
    if power:
        return len(written) <= digits and 1 <= size < 10
    is_usual = size == 0 or Decimal("0.0001") <= size < Decimal(10) ** digits
    return is_usual and (len(written) == digits if in_full else len(written.rstrip("0")) <= digits)


def rounded_part(text):
    """The handout without the box and without the check by a nudge, whose numbers are not rounded."""
    return re.sub(r"^>[^\n]*$|^### Check a derivative yourself.*?^\$\$\n.*?^\$\$$", "", text, flags=re.M | re.S)


def printed_numbers(text):
    """Every number in the formulas of a handout, without the numbers in names, behind the box that tells of them."""
    for formula in re.findall(r"\$\$.*?\$\$|\$[^$]+\$", rounded_part(text), re.S):
        plain = re.sub(
            r"_\{[^{}]*\}|\\mathrm\{[^{}]*\}|\\tag\{\d+\}|[_^]\d|\^\{\d( - 1)?\}|\\text\{[^{}]*\}", "", formula
        )
        yield from re.findall(NUMBER, plain)


@pytest.mark.parametrize("seed", range(6))
def test_every_line_of_a_handout_by_hand_gives_its_result_and_looks_as_the_box_says(seed):
    draw = random.Random(seed)
    network, rounding, digits = drawn(draw), sorted(RULES)[seed % 2], draw.randint(2, 6)
    text = network.derive().handout(rounding=rounding, digits=digits, detail="full").markdown
    assert checked(text, rounding, digits) > 5
    assert [number for number in printed_numbers(text) if not has_form(number, rounding, digits)] == []
    if rounding == "by-hand":
        assert f"every number is rounded to {digits} decimals" in text
    else:
        assert f"every number is rounded to {digits} significant digits" in text


@pytest.mark.parametrize("rounding", RULES)
@pytest.mark.parametrize("seed", range(20))
def test_every_line_of_the_forward_pass_goes_on_with_what_was_printed(seed, rounding):
    draw = random.Random(seed)
    network, digits = drawn(draw), draw.randint(2, 9)
    hand = network.derive().by_hand(digits, significant=rounding == "significant")

    def note(number):
        with localcontext(prec=60):
            value = number if isinstance(number, Decimal) else Decimal(number.numerator) / number.denominator
            return RULES[rounding](value, digits)

    functions = {"logistic": lambda net: 1 / (1 + (-net).exp()), "tanh": tanh, "identity": lambda net: net}
    outs = list(map(note, network.samples[0].inputs))
    with localcontext(prec=60):
        for k, layer in enumerate(network.layers):
            biases = layer.bias if isinstance(layer.bias, tuple) else [layer.bias or Fraction(0)] * len(layer.weights)
            nets = [
                note(sum(note(w) * x for w, x in zip(row, outs, strict=True)) + note(b))
                for row, b in zip(layer.weights, biases, strict=True)
            ]
            outs = [note(functions[str(layer.activation)](net)) for net in nets]
            for name, net, out in zip(names(network, k), nets, outs, strict=True):
                assert Decimal(hand.evaluation.quantity(f"net_{name}").decimal(digits)) == net
                assert Decimal(hand.evaluation.quantity(f"out_{name}").decimal(digits)) == out


VANISHING = derive.Network(
    [derive.Layer([[0.3]], activation="tanh"), derive.Layer([[0.01]], activation="tanh"), derive.Layer([[0.02]])],
    [derive.Sample([0.001], [0.5])],
)


def test_what_is_too_small_for_the_decimals_is_zero_and_the_box_says_so():
    text = VANISHING.derive().handout(rounding="by-hand", digits=4).markdown
    assert "A number too small for that becomes $0.0000$ and counts as 0 from then on" in text
    assert r"\cdot 10^{" not in rounded_part(text)
    assert checked(text, "by-hand", 4) > 5
    assert "becomes $0.0000$" not in derive.load("article").derive().handout(rounding="by-hand", digits=4).markdown


def test_significant_digits_keep_a_vanishing_derivative():
    hand = VANISHING.derive().by_hand(4, significant=True)
    exact = Decimal(VANISHING.derive()["w1"].decimal(30))
    assert Decimal(hand["w1"].decimal(4)) == pytest.approx(exact, rel=Decimal("0.002"))
    text = VANISHING.derive().handout(rounding="significant", digits=4).markdown
    assert r"A number below $0.0001$ in size, or of $10^{4}$ and more, is written with a power of ten." in text
    assert checked(text, "significant", 4) > 5


def test_the_line_of_the_article_has_four_decimals_everywhere():
    text = derive.load("article").derive().handout(rounding="by-hand", digits=4).markdown
    assert r"0.0554 - 0.0191 \\ &= 0.0363" in text
