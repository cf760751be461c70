"""What is no computation is refused when it is made, in one sentence with the name that is wrong."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import derive
from derive import Equation, terms

KINDS = {"w": "weight", "x": "input", "z": "net", "E": "error"}
NET = Equation("z", [terms.product("w", "x")])
ERROR = Equation("E", [terms.product("z", "z")])
GIVEN = {"w": 1, "x": 2}
SHARES = [terms.joint_activation("softmax", ["z", "x"], ["p", "q"], out) for out in ("p", "q")]


def made(
    equations: Any = (NET, ERROR), samples: Any = (GIVEN,), kinds: Any = KINDS, objective: Any = "E", **other: Any
) -> derive.Computation:
    return derive.Computation(equations, samples, kinds, objective, **other)


def of_shares(*equations: Equation) -> derive.Computation:
    outs = {equation.name: "out" for equation in equations}
    return made([NET, *equations, Equation("E", [terms.same("p")])], kinds={**KINDS, **outs})


def named(name: Any) -> derive.Computation:
    return made(
        [Equation("z", [terms.product("w", name)]), ERROR],
        [{"w": 1, name: 2}],
        {"w": "weight", name: "input", "z": "net", "E": "error"},
    )


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "an unknown name": (lambda: made([Equation("z", [terms.product("w", "X")]), ERROR]), "needs 'X'.*Did you mean 'x'"),
    "a name defined twice": (lambda: made([NET, NET, ERROR]), "z: found two equations"),
    "a name given and defined": (lambda: made(samples=[{**GIVEN, "z": 1}]), "z: found both a value and an equation"),
    "a wrong order": (lambda: made([ERROR, NET]), "E needs z, which is only defined by a later equation"),
    "equations that need each other": (
        lambda: made([Equation("z", [terms.product("w", "E")]), ERROR]),
        "the equation of z: found equations that need each other, z → E → z;",
    ),
    "an unknown objective": (lambda: made(objective="e"), "objective: found 'e'.*Did you mean 'E'"),
    "an objective that is no name": (lambda: made(objective=["E"]), "objective: found"),
    "no samples": (lambda: made(samples=[]), "samples: found none"),
    "one sample that stands alone": (lambda: made(samples=GIVEN), "samples: found .*; expected a list of mappings"),
    "samples without names": (lambda: made(samples=[[1, 2]]), "samples, number 1: found"),
    "a value missing in one sample": (lambda: made(samples=[GIVEN, {"w": 1}]), "sample 2: x is given in one"),
    "a weight that changes": (lambda: made(samples=[GIVEN, {"w": 2, "x": 2}]), "sample 2: w has a different value"),
    "an unknown kind": (lambda: made(kinds={**KINDS, "z": "nett"}), "found 'nett' for z"),
    "a kind that is no word": (lambda: made(kinds={**KINDS, "z": []}), "for z; expected one of"),
    "missing kinds": (lambda: made(kinds={"w": "weight"}), "for x; expected one of"),
    "a kind of nothing": (lambda: made(kinds={**KINDS, "q": "net"}), "q is not a quantity"),
    "kinds without names": (lambda: made(kinds=["w"]), "kinds: found"),
    "a weight that is defined": (lambda: made(kinds={**KINDS, "z": "weight"}), "z, which an equation defines"),
    "a net that is given": (lambda: made(kinds={**KINDS, "x": "net"}), "x, which is given a value"),
    "a value that is text": (lambda: made(samples=[{"w": "one", "x": 2}]), "w: found the text 'one'"),
    "a value that is no number": (lambda: made(samples=[{"w": None, "x": 2}]), "w: found an empty value"),
    "a value that is not finite": (lambda: made(samples=[{"w": float("nan"), "x": 2}]), "w: found nan"),
    "a value that is too large": (lambda: made(samples=[{"w": Fraction(10**999), "x": 2}]), "w: found a number of"),
    "a power that is too large": (lambda: made(samples=[{"w": "1e999999999", "x": 2}]), "w: found '1E\\+999999999'"),
    "names printed alike": (
        lambda: made(
            [Equation("z", [terms.product("w1", "w_1")]), ERROR],
            [{"w1": 1, "w_1": 2}],
            {"w1": "weight", "w_1": "weight", "z": "net", "E": "error"},
        ),
        "'w1'.*'w_1'.*both printed",
    ),
    "a name that a derivative has": (
        lambda: made(
            [Equation("dE_dw", [terms.product("w", "x")]), Equation("E", [terms.same("dE_dw")])],
            kinds={"w": "weight", "x": "input", "dE_dw": "net", "E": "error"},
        ),
        "'dE_dw' for a net input, but that is the name",
    ),
    "a unit of no net": (lambda: made(units={"w": "a"}), "units: found 'w'; expected a net"),
    "a unit that is no name": (lambda: made(units={"z": "a b"}), "units, z: found 'a b'"),
    "a name that a delta has": (
        lambda: made(
            [Equation("z", [terms.product("w", "delta_a")]), ERROR],
            [{"w": 1, "delta_a": 2}],
            {"w": "weight", "delta_a": "input", "z": "net", "E": "error"},
            units={"z": "a"},
        ),
        "'delta_a'",
    ),
    "too few names in a term": (
        lambda: made([Equation("z", [derive.Term(NET.terms[0].shape, ["w"])]), ERROR]),
        "'z': found 1 name for product; expected 2",
    ),
    "names in one text": (lambda: derive.Term(NET.terms[0].shape, "wx"), "names: found 'wx'"),
    "a term without a shape": (lambda: derive.Term(None, ["w"]), "shape: found an empty value"),  # type: ignore[arg-type]
    "no terms": (lambda: made([Equation("z", []), ERROR]), "'z': found no terms"),
    "a term that stands alone": (lambda: Equation("z", terms.same("w")), "terms: found"),  # type: ignore[arg-type]
    "a term that is text": (lambda: Equation("z", ["w"]), "terms, number 1: found 'w'"),  # type: ignore[list-item]
    "an equation that is text": (lambda: made(["z = w"]), "equations, number 1: found 'z = w'"),
    "no equations": (lambda: made(None), "equations: found an empty value"),
    "training of an input": (lambda: made(trained=["x"]), "trained: found 'x'"),
    "training of nothing": (lambda: made(trained=["W"]), "trained: found 'W'.*Did you mean 'w'"),
    "training without an objective": (lambda: made(objective=None, trained=["w"]), "'w' without an objective"),
    "an unknown reduction": (lambda: made(reduction="sun"), "reduction: found 'sun'.*Did you mean 'sum'"),
    "a title that is no text": (lambda: made(title=3), "title: found 3"),
    "a weight without use": (lambda: made([NET, Equation("E", [terms.same("x")])]), "w: found a weight on which"),
    "a share without its siblings": (lambda: of_shares(Equation("p", [SHARES[0]])), "p: found the outputs p, q"),
    "shares in another order": (
        lambda: of_shares(Equation("p", [SHARES[1]]), Equation("q", [SHARES[0]])),
        "p: found the outputs p, q",
    ),
    "an unknown activation": (lambda: terms.activation("tanhh", "z"), "Did you mean 'tanh'"),
    "softmax of one net": (lambda: terms.activation("softmax", "z"), "use terms.joint_activation"),
    "tanh of several nets": (lambda: terms.joint_activation("tanh", ["z"], ["h"], "h"), "use terms.activation"),
    "fewer outs than nets": (lambda: terms.joint_activation("softmax", ["y", "z"], ["h"], "h"), "found 1; expected 2"),
    "an out that is none": (lambda: terms.joint_activation("softmax", ["z"], ["h"], "H"), "Did you mean 'h'"),
    "a constant of none": (lambda: terms.activation("tanh", "z", 2), "constant: tanh has none"),
    "a delta of 0": (lambda: terms.error("huber", "y", "h", 0), "delta: found 0"),
    "an unknown error": (lambda: terms.error("sqared_error", "y", "h"), "Did you mean 'squared_error'"),
    "a plan that is text": (lambda: made().derive("fast"), "plan: found 'fast'"),  # type: ignore[arg-type]
    "a rate that is text": (lambda: derive.Plan("fast"), "learning_rate: found the text"),  # type: ignore[arg-type]
    "an unknown order": (lambda: derive.Plan(updates="sequent"), "Did you mean 'sequential'"),
    "an unknown optimizer": (lambda: derive.Plan(optimizer="adm"), "Did you mean 'adam'"),
    "a rate named as a weight": (lambda: made().derive(derive.Plan(learning_rate_name="w")), "for the learning rate"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_computation_is_refused_in_one_sentence(make: Callable[[], object], message: str) -> None:
    with pytest.raises(derive.InputError, match=message) as found:
        make()
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    "name", ["a b", "__import__('os')", "x}", "$x$", "", "w+", "3x", "_x", "é", "x__y", 3, None, "x" * 31]
)
def test_names_are_names(name: Any) -> None:
    with pytest.raises(derive.InputError, match="the name of a quantity: found"):
        named(name)


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), Fraction(3, 2), "1.5", "15e-1"])
def test_numbers_are_read_exactly(value: Any) -> None:
    assert made(samples=[{"w": value, "x": 2}]).values["w"] == Fraction(3, 2)


def test_a_rate_is_read_exactly() -> None:
    assert derive.Plan(learning_rate=0.1, optimizer="adam").learning_rate == Fraction(1, 10)
