"""Digits: rounded correctly, exact where they can be, a power of ten where decimals would not do."""

from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st
from oracle import round_half_up

import derive
from derive.numbers.decimals import Undecided, nearest_float, round_exact
from derive.numbers.precision import at_bits


@given(st.fractions(max_denominator=10**8), st.integers(1, 12))
def test_a_fraction_is_rounded_like_by_hand(value, digits):
    found = round_exact(fmpq(value.numerator, value.denominator), digits)
    if "e" in found.text:
        mantissa, exponent = found.text.split("e")
        error = abs(Fraction(mantissa) * Fraction(10) ** int(exponent) - value)
        assert error <= Fraction(1, 2) * Fraction(10) ** (int(exponent) - max(4, digits + 1) + 1)
        assert abs(value) < Fraction(10 ** min(3, digits - 1), 10**digits) or abs(value) >= 10**15
    elif found.exact:
        assert Fraction(found.text) == value
    else:
        assert found.text == round_half_up(value, digits)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_nearest_float_of_a_float_is_itself(value):
    assert nearest_float(fmpq(*value.as_integer_ratio())) == value


@pytest.mark.parametrize(
    ("value", "digits", "text", "exact"),
    [
        (fmpq(3775, 10000), 9, "0.3775", True),
        (fmpq(3775, 10000), 3, "0.378", False),
        (fmpq(-3775, 10000), 3, "-0.378", False),
        (fmpq(1, 8), 2, "0.13", False),
        (fmpq(0), 9, "0", True),
        (fmpq(5), 9, "5", True),
        (fmpq(1, 3), 4, "0.3333", False),
        (fmpq(1, 100), 2, "0.01", True),
        (fmpq(1, 3000), 4, "3.3333e-4", False),
        (fmpq(99996, 10**9), 4, "9.9996e-5", True),
        (fmpq(10) ** 20, 9, "1e20", True),
    ],
)
def test_a_rational(value, digits, text, exact):
    found = round_exact(value, digits)
    assert (found.text, found.exact) == (text, exact)


def test_a_ball_that_does_not_decide_a_digit_is_not_printed():
    with ctx.workprec(64):
        wide = arb("0.12345", "0.0001")
        with pytest.raises(Undecided):
            round_exact(wide, 6)
        assert round_exact(wide, 2).text == "0.12"


def test_digits_are_certain_to_a_thousand(article):
    import mpmath

    with mpmath.workdps(1100):
        out = 1 / (1 + mpmath.exp(-mpmath.mpf("0.3775")))
        expected = mpmath.nstr(out, 1050)[:1002]
    assert article.evaluation.quantity("out_h1").decimal(1000)[:1000] == expected[:1000]


def test_terms_that_cancel_to_nothing_print_zeros():
    hidden = derive.Layer(weights=[[0.3], [0.3]])
    last = derive.Layer(weights=[[0.5, -0.5]], activation="identity")
    derivation = derive.Network(layers=[hidden, last], samples=[derive.Sample([1], [0])]).derive()
    assert derivation.evaluation.quantity("out_o1").decimal(9) == "0.000000000"


def test_a_ball_round_zero_beyond_all_floats_is_zero_as_a_float_and_in_print():
    """Of e^(−1e300) and its square nothing but smallness is known; arb has no power of a ball with the middle 0."""
    derivation = derive.Network([derive.Layer([[1]])], [derive.Sample([1e300], [1])]).derive()
    error = derivation.error.value
    assert (float(error), error.decimal(9), float(derivation["w1"].value)) == (0.0, "0.000000000", 0.0)


@pytest.mark.parametrize("net", [40, 800, 318_000])
def test_a_logarithm_near_one_keeps_its_digits(net):
    """−ln(1 − out) of a small out is the out itself, to twice its size, at any size."""
    import mpmath

    layers = [derive.Layer([[-net]])]
    derivation = derive.Network(layers, [derive.Sample([1], [0])], error="binary_cross_entropy").derive()
    with mpmath.workdps(50):
        error = mpmath.log1p(mpmath.exp(-net))
        expected = mpmath.nstr(error, 10, strip_zeros=False, min_fixed=0, max_fixed=0)
    assert derivation.error.value.decimal(9) == expected


@pytest.mark.parametrize("weight", [500_000, -500_000, 1000, 50])
def test_a_saturated_out_is_printed_though_it_is_nearly_one(weight):
    layers = [derive.Layer([[weight]]), derive.Layer([[2]], activation="identity")]
    derivation = derive.Network(layers, [derive.Sample([1], [0])]).derive()
    expected = "1.000000000" if weight > 0 else None
    found = derivation.evaluation.quantity("out_h1")
    assert expected is None or found.decimal(9) == expected
    assert float(found) in (0.0, 1.0) or weight in (-1000, 50)
    assert derivation["w1"].decimal(9)


@pytest.mark.parametrize(
    ("centre", "text"),
    [
        ("1", "1.000"),
        ("1e-12", "1.0000e-12"),
        ("-1e-12", "-1.0000e-12"),
        ("9.99999e-9", "1.0000e-8"),
    ],
)
def test_a_ball_round_a_power_of_ten_is_printed(centre, text):
    with ctx.workprec(128):
        ball = arb(centre) * arb("1", "1e-30")
    assert at_bits(128, round_exact, ball, 4 if "e" in text else 3).text == text
