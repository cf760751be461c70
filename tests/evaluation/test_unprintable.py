"""Values that no line has room for: one sentence says which one is too large, or too close to zero, to be printed."""

import pickle
import subprocess
import sys
from typing import Any

import pytest

import derive


def towering(exponent: str) -> Any:
    """A quantity g of a power of ten whose exponent has more and more digits, and its logarithm f."""
    return derive.Computation({"g": f"exp({exponent})", "f": "ln(g)"}, values={"x": 1000}, output="f").derive()


TOO_LARGE = (
    "g: found a value that is too large to print, with a power of ten whose exponent has 434 digits; expected at most "
    "400. Use less extreme values."
)
TOO_SMALL = TOO_LARGE.replace("too large", "too close to zero")


BY_HAND = {"rounding": "significant", "digits": 6}


@pytest.mark.parametrize(
    ("exponent", "says", "options"),
    [("exp(x)", TOO_LARGE, {}), ("exp(x)", TOO_LARGE, BY_HAND), ("-exp(x)", TOO_SMALL, {})],
    ids=["large", "large by hand", "small"],
)
def test_a_value_that_no_line_has_room_for_is_named(exponent: str, says: str, options: Any) -> None:
    derivation = towering(exponent)
    with pytest.raises(derive.UnsupportedError) as caught:
        str(derivation.handout(language="en", **options).markdown)
    assert says in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_what_is_shown_of_it_says_so_as_well(tmp_path: Any) -> None:
    path = tmp_path / "tower.toml"
    path.write_text('differentiate = "f"\n[values]\nx = 1000\n[equations]\ng = "exp(exp(x))"\nf = "ln(g)"\n')
    for name in ("g", "f", "x"):
        found = subprocess.run([sys.executable, "-m", "derive", "show", path, name], capture_output=True, text=True)
        assert found.returncode
        assert found.stderr.strip() == f"derive: {TOO_LARGE}"


def test_powers_of_ten_of_twenty_digits_are_printed() -> None:
    # e^(e^44) is 10^(e^44 / ln 10), and e^44 / ln 10 has 19 digits.
    derivation = derive.Computation({"g": "exp(exp(x))", "f": "ln(g)"}, values={"x": 44}, output="f").derive()
    digits, power = derivation.evaluation.quantity("g").decimal(4).split("e")
    assert len(power) == 19
    assert 1 <= float(digits) < 10
    assert "10^{" + power + "}" in str(derivation.handout(language="en").markdown)


def test_layers_that_get_there_say_so_too() -> None:
    layers = [derive.Layer([[10**20]], activation="logistic"), derive.Layer([[1]])]
    derivation = derive.Network(layers, [derive.Sample([-(10**399)], [0])]).derive()
    with pytest.raises(derive.UnsupportedError, match=r"^∂E_total/∂i1: found a value that is too close to"):
        str(derivation.handout(language="en").markdown)
