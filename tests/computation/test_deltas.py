"""A delta is printed as δ with the name of its unit below it, whatever the unit is called."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive import Equation, terms
from derive.computation.naming import NAME
from derive.notation.mathml import mathml
from derive.notation.names import name_latex, name_text
from derive.render.notebook.names import Names

letters = st.sampled_from(["a", "d", "h", "x", "net", "out", "delta", "total", "hat", "theta", "dx", "E", "d1", "7"])
names = st.one_of(
    st.from_regex(NAME, fullmatch=True),
    st.lists(letters, min_size=1, max_size=4).map("_".join),
    st.sampled_from(["a1"]),
).filter(lambda name: NAME.fullmatch(name) and len(name) <= 24 and not name.startswith("hat"))


def derivation(net: str, unit: str) -> derive.Derivation:
    equations = [
        Equation(net, [terms.product("w9", "i9")]),
        Equation("out9", [terms.activation("tanh", net)]),
        Equation("E9", [terms.error("half_squared_error", "t9", "out9")]),
    ]
    kinds = {"w9": "weight", "i9": "input", "t9": "target", net: "net", "out9": "out", "E9": "error"}
    return derive.Computation(
        equations, [{"w9": 1, "i9": 2, "t9": 0}], kinds, "E9", trained=["w9"], units={net: unit}
    ).derive()


@settings(deadline=None, max_examples=150)
@given(names)
def test_it_is_printed_so_in_every_notation(unit: str) -> None:
    try:
        found = derivation(f"z_{unit}", unit)
    except derive.InputError:  # a name that is printed like another one
        return
    delta = found[f"delta_{unit}"]
    assert delta.by == f"z_{unit}"
    name = delta.symbol.name
    assert name_latex(name).startswith(r"\delta_{")
    assert name_text(name).startswith("δ_")
    assert re.search(r"<msub><mi[^>]*>δ</mi>", mathml(name_latex(name), True))
    assert Names([name])(name).startswith(f"delta_{unit}")


def test_the_net_may_be_called_as_its_unit() -> None:
    found = derivation("a1", "a1")
    assert found["a1"] is found["delta_a1"]
    assert (name_latex("delta_a1"), name_text("delta_a1")) == (r"\delta_{a1}", "δ_a1")


def test_a_hat_belongs_to_the_unit() -> None:
    assert (name_latex("delta_y_hat"), name_text("delta_y_hat")) == (r"\delta_{\hat{y}}", "δ_ŷ".replace("ŷ", "y\u0302"))
    assert name_latex("net_y_hat_1+") == r"\mathrm{net}_{\hat{y}_{1}}^{+}"
    assert (name_latex("m_hat"), name_latex("delta_hat")) == (r"\hat{m}", r"\hat{\delta}")


def test_a_unit_whose_delta_has_the_name_of_a_derivative_is_refused() -> None:
    with pytest.raises(derive.InputError, match="'delta_total_d1' for a quantity of total_d1"):
        derivation("z", "total_d1")
