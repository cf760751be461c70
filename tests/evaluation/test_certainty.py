"""Digits where they are hard to get: beside rounding ties, in saturation, and where nearly everything cancels.

The oracle is mpmath with hundreds of digits, or exact fractions: nothing here shares code with the evaluation.
"""

from fractions import Fraction

import mpmath
import pytest
from oracle import round_half_up

import derive
from derive import Layer, Network, Sample
from derive.verification import verify

HAIR = Fraction(1, 10**40)


def identity(value):
    """A network whose out is the value itself: w = value, input 1; the error is ½(0 − value)²."""
    return Network([Layer([[value]], activation="identity")], [Sample([1], [0])], learning_rate=0).derive()


@pytest.mark.parametrize("digits", [1, 3, 9])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("beside", "last"), [(HAIR, 1), (Fraction(0), 1), (-HAIR, 0)])
def test_a_hair_beside_a_tie_decides(digits, sign, beside, last):
    tie = Fraction(3, 10) + Fraction(1, 2 * 10**digits)
    number = identity(sign * (tie + beside)).evaluation.quantity("out_o1")
    expected = Fraction(3, 10) + Fraction(last, 10**digits)
    assert Fraction(number.decimal(digits)) == sign * expected
    assert not number.is_exact(digits)


@pytest.mark.parametrize(("beside", "last"), [(HAIR, 1), (-HAIR, 0)])
def test_a_hair_beside_a_tie_decides_for_irrational_values_too(beside, last):
    """The logistic of net is 0.6345 ± 1e-40 to within 1e-60: 128 bits cannot tell the side, more can."""
    with mpmath.workdps(120):
        out = mpmath.mpf("0.6345") + mpmath.mpf(beside.numerator) / beside.denominator
        net = Fraction(int(mpmath.nint(mpmath.log(out / (1 - out)) * mpmath.mpf(10) ** 60)), 10**60)
    derivation = Network([Layer([[net]])], [Sample([1], [1])]).derive()
    number = derivation.evaluation.quantity("out_o1")
    assert Fraction(number.decimal(3)) == Fraction(634 + last, 1000)
    assert number.decimal(38) == "0.6345" + "0" * 34
    assert verify(derivation.evaluation).undecided == 0


def test_an_exact_tie_in_a_table_is_rounded_away_from_zero():
    derivation = identity(Fraction(-125, 1000))
    assert derivation.evaluation.quantity("out_o1").decimal(2) == "-0.13"
    assert derivation.error.value.decimal(6) == round_half_up(Fraction(125, 1000) ** 2 / 2, 6)


def sigma(x):
    return 1 / (1 + mpmath.exp(-x))


FORMULAS = {
    "identity": lambda x: x,
    "logistic": sigma,
    "tanh": mpmath.tanh,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "silu": lambda x: x * sigma(x),
    "hard_tanh": lambda x: max(mpmath.mpf(-1), min(mpmath.mpf(1), x)),
}
SLOPES = {
    "identity": lambda x: mpmath.mpf(1),
    "logistic": lambda x: sigma(x) * sigma(-x),
    "tanh": lambda x: mpmath.sech(x) ** 2,
    "relu": lambda x: mpmath.mpf(x > 0),
    "leaky_relu": lambda x: mpmath.mpf(1) if x > 0 else mpmath.mpf(1) / 100,
    "elu": lambda x: mpmath.mpf(1) if x > 0 else mpmath.exp(x),
    "softplus": sigma,
    "softsign": lambda x: 1 / (1 + abs(x)) ** 2,
    "gelu": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2 + x * mpmath.npdf(x),
    "silu": lambda x: sigma(x) + x * sigma(x) * sigma(-x),
    "hard_tanh": lambda x: mpmath.mpf(abs(x) < 1),
}


def is_nearest(text, value, digits):
    """Whether the text is the value to half a unit of its last digit, as 10 significant digits or so many decimals."""
    found = mpmath.mpf(text)
    if "e" in text:
        exponent = int(text.partition("e")[2])
        return abs(found - value) <= mpmath.mpf(10) ** (exponent - digits) * mpmath.mpf("0.5000001")
    is_too_small = value != 0 and abs(value) < mpmath.mpf(10) ** (3 - digits)
    return not is_too_small and abs(found - value) <= mpmath.mpf(10) ** -digits * mpmath.mpf("0.5000001")


@pytest.mark.parametrize("net", [800, -800])
@pytest.mark.parametrize("activation", sorted(derive.ACTIVATIONS.keys() - {"softmax"}))
def test_saturated_functions_keep_their_digits(activation, net):
    derivation = Network([Layer([[net]], activation=activation)], [Sample([1], [Fraction(1, 4)])]).derive()
    with mpmath.workprec(20_000 if activation == "gelu" else 4000):
        out = FORMULAS[activation](mpmath.mpf(net))
        gradient = (out - mpmath.mpf(1) / 4) * SLOPES[activation](mpmath.mpf(net))
        for number, expected in (
            (derivation.evaluation.quantity("out_o1"), out),
            (derivation["w1"].value, gradient),
        ):
            assert is_nearest(number.decimal(9), expected, 9), (number.decimal(9), mpmath.nstr(expected, 15))
    report = verify(derivation.evaluation)
    assert (report.differences, report.corners, report.undecided) == (1, 0, 0)
    assert report.digits is None or report.digits >= 6  # None: exactly


def test_a_saturated_softmax_keeps_its_digits():
    layer = Layer([[800], [-800], [0]], activation="softmax")
    derivation = Network([layer], [Sample([1], [0, 1, 0])], error="cross_entropy").derive()
    with mpmath.workdps(1500):
        shares = [mpmath.exp(net) for net in (800, -800, 0)]
        outs = [share / sum(shares) for share in shares]
        for number, (out, target) in enumerate(zip(outs, (0, 1, 0), strict=True), start=1):
            assert is_nearest(derivation.evaluation.quantity(f"out_o{number}").decimal(9), out, 9)
            assert is_nearest(derivation[f"w{number}"].decimal(9), out - target, 9)
        assert is_nearest(derivation.error.value.decimal(9), -mpmath.log(outs[1]), 9)
    report = verify(derivation.evaluation)
    assert (report.differences, report.undecided) == (3, 0)


@pytest.mark.parametrize("activation", ["logistic", "tanh", "softplus", "silu", "gelu"])
@pytest.mark.parametrize("known", [15, 20, 40])
def test_where_an_out_meets_its_target_the_rest_keeps_its_digits(activation, known):
    """The target is the out to so many digits: the error is about 1e-30 and smaller, 2e-80 at the end."""
    net = Fraction(3, 10)
    with mpmath.workdps(150):
        out = FORMULAS[activation](mpmath.mpf(3) / 10)
        target = Fraction(int(mpmath.floor(out * mpmath.mpf(10) ** known)), 10**known)
        miss = mpmath.mpf(target.numerator) / target.denominator - out
        derivation = Network([Layer([[net]], activation=activation)], [Sample([1], [target])]).derive()
        error, gradient = derivation.error.value.decimal(9), derivation["w1"].decimal(9)
        assert "e-" in error
        assert is_nearest(error, miss**2 / 2, 9)
        assert is_nearest(gradient, -miss * SLOPES[activation](mpmath.mpf(3) / 10), 9)
    report = verify(derivation.evaluation)
    assert (report.differences, report.corners, report.undecided) == (1, 0, 0)
    assert report.digits is None or report.digits >= 6  # None: exactly


def test_gradients_that_cancel_to_nothing_are_found_to_be_nothing():
    """Two paths of the same size and opposite sign: no formula shows that the sum is 0, every precision allows it."""
    layers = [Layer([[Fraction(3, 10)]]), Layer([[1], [-1]], activation="identity")]
    out = Fraction(1, 2)
    derivation = Network(layers, [Sample([0], [out - 1, -out - 1])]).derive()
    report = verify(derivation.evaluation)
    assert derivation["w1"].decimal(9) == "0"
    assert report.undecided == 0
    irrational = Network(layers, [Sample([1], [2, 2])], error="absolute_error").derive()
    assert irrational["out_h1"].value == 0
    assert verify(irrational.evaluation).undecided == 0
