"""The handout of a computation without layers: its numbers, its words, what it leaves out, what of it is checked.

The numbers are held against SymPy's derivatives of formulas written by hand, and against loops of plain floats.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sympy
from sympy import Symbol, diff

import derive
from derive import Equation, terms
from derive.lines.filling import Filling
from derive.notation import name_latex
from derive.notation.trees import PartialSymbol
from derive.verification import sides, verify
from tests.computation.computations import CASES, Case, computation
from tests.computation.test_any_graph import number

DIGITS = 6
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
DISPLAYS = re.compile(r"\$\$\n(.*?)\n\$\$", re.DOTALL)
LAST = re.compile(r"(?:=|\\approx) \{?(-?[0-9.]+)(?: \\cdot 10\^\{(-?\d+)\})?")
FORBIDDEN = {
    "en": r"\b(networks?|neurons?|layers?|weights?|bias(es)?)\b",
    "es": r"\b(red(es)?|neuronas?|capas?|pesos?|sesgos?)\b",
    "pt-BR": r"\b(redes?|neurônios?|camadas?|pesos?|vi[ée]s(es)?)\b",
}


def article(made: Any, **options: Any) -> str:
    options = {"language": "en", "digits": DIGITS, **options}
    return str(made.derive().handout(**options).markdown)


def part(text: str, heading: str) -> str:
    """The section with that heading."""
    return re.split(r"^## ", text.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[tuple[str, str]]:
    """Each line of the displays: its left side, and all that stands to the right of it."""
    for display in DISPLAYS.findall(text):
        inside = display.removeprefix(r"\begin{aligned} ").removesuffix(r" \end{aligned}")
        found: list[list[str]] = []
        depth = 0
        for row in inside.split(r" \\ "):
            left, mark, right = row.partition("&")
            if depth == 0 and mark and left.strip():
                found.append([left.strip(), right])
            elif found:
                found[-1][1] += " " + row
            depth += row.count(r"\begin{") - row.count(r"\end{")
        yield from ((left, right) for left, right in found)


def value(right: str) -> float:
    """The number that a line ends in."""
    digits, power = LAST.findall(right)[-1]
    return float(digits) * 10.0 ** int(power or 0)


def is_near(printed: float, true: Any) -> bool:
    return math.isclose(printed, float(true), rel_tol=10.0**-DIGITS, abs_tol=0.6 * 10.0**-DIGITS)


def partials(case: Case) -> dict[str, Any]:
    """∂E/∂name by SymPy for the first sample: what an equation defines is moved, and the equations after it follow."""
    made = case.computation
    values = {name: sympy.Rational(v.numerator, v.denominator) for name, v in made.values.items()}
    at: dict[str, Any] = dict(values)
    for equation in made.equations:
        at[equation.name] = equation.expression.doit().subs({Symbol(n): at[n] for n in equation.names})
    found = {}
    for name in [*made.parameters, *made.by_name]:
        known: dict[Symbol, Any] = {}
        for equation in made.equations:
            if equation.name != name:
                known[Symbol(equation.name)] = equation.expression.doit().subs(known)
        if name != made.objective and made.objective in made.by_name:
            derivative = diff(known[Symbol(made.objective)], Symbol(name))
            found[name] = sympy.N(derivative.subs({Symbol(n): at[n] for n in [*values, name]}), 30)
    return found


@cases
@pytest.mark.parametrize("detail", ["article", "full"])
def test_every_number_of_both_passes_is_that_of_an_independent_calculation(case: Case, detail: str) -> None:
    made, text = case.computation, article(case.computation, detail=detail)
    forward = {left: value(right) for left, right in rows(part(text, "The forward pass"))}
    values = dict(made.values)
    for equation in made.equations:
        true = number(equation.expression.doit(), values)
        values[equation.name] = sympy.Rational(str(true))
        assert is_near(forward[str(name_latex(equation.name))], true), equation.name
    expected, seen = partials(case), set()
    names = {str(name_latex(name)): name for name in expected}
    for left, right in rows(part(text, "The backward pass")):
        found = re.fullmatch(r"(?:\\delta\S* = )?\\frac\{\\partial E\}\{\\partial (.+?)\}", left)
        if found and found[1] in names and LAST.findall(right):  # the chain rule has no numbers
            name = names[found[1]]
            assert is_near(value(right), expected[name]), (name, right)
            seen.add(name)
    assert seen == {name for name in expected if name in made.derive().partials}


@cases
@pytest.mark.parametrize("detail", ["article", "full"])
def test_each_quantity_is_defined_once_and_differentiated_once(case: Case, detail: str) -> None:
    made, text = case.computation, article(case.computation, detail=detail)
    lefts = [left for left, right in rows(part(text, "The forward pass"))]
    for name in made.by_name:
        assert lefts.count(str(name_latex(name))) == 1, name
    asked = re.findall(r"\*\*(?:How does .*? change with|With respect to) \$(.*?)\$", part(text, "The backward pass"))
    assert len(asked) == len(set(asked))


@cases
@pytest.mark.parametrize("detail", ["brief", "article", "full"])
@pytest.mark.parametrize("language", FORBIDDEN)
def test_nothing_is_called_what_it_is_not(case: Case, detail: str, language: str) -> None:
    text = article(case.computation, detail=detail, language=language)
    assert not re.findall(FORBIDDEN[language], text, re.IGNORECASE)


def printed_and_checked(made: Any, monkeypatch: pytest.MonkeyPatch, **options: Any) -> tuple[set[Any], set[Any]]:
    """Each side of each line that is printed of both passes, and each that is checked."""
    printed, checked = set(), set()
    filled, compiled = Filling.in_symbols, sides._compiled

    def keys(line: Any) -> Iterator[Any]:
        for tree in line.trees:
            if tree != line.name:
                yield line.name, tree

    def note(self: Filling, line: Any) -> Any:
        if isinstance(line.name, PartialSymbol) or line.name.name in made.kinds:
            printed.update(keys(line))
        return filled(self, line)

    def check(lines: Any) -> Any:
        known = list(lines)
        for line in known:
            checked.update(keys(line))
        return compiled(known)

    monkeypatch.setattr(Filling, "in_symbols", note)
    monkeypatch.setattr(sides, "_compiled", check)
    verify(made.derive().evaluation)
    article(made, **options)
    return printed, checked


@cases
@pytest.mark.parametrize("detail", ["brief", "article", "full"])
def test_every_line_that_is_printed_is_checked(case: Case, detail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed, checked = printed_and_checked(case.computation, monkeypatch, detail=detail)
    assert len(printed) > len(case.computation.equations)
    assert printed <= checked


def recurrence(steps: int, weight: float = 0.1) -> Any:
    """h_t = tanh(W_x·x_t + W_h·h_{t−1}), y_t = W_y·h_t, half squares against t."""
    values: dict[str, Any] = {"W_x": 0.5, "W_h": weight, "W_y": 2, "h_0": 0}
    equations = []
    for t in range(1, steps + 1):
        values |= {f"x_{t}": t, f"t_{t}": t}
        equations += [
            Equation(f"net_h_{t}", [terms.product("W_x", f"x_{t}"), terms.product("W_h", f"h_{t - 1}")]),
            Equation(f"h_{t}", [terms.activation("tanh", f"net_h_{t}")]),
            Equation(f"y_{t}", [terms.product("W_y", f"h_{t}")]),
        ]
    errors = [terms.error("half_squared_error", f"t_{t}", f"y_{t}") for t in range(1, steps + 1)]
    equations.append(Equation("L", errors))
    names = dict.fromkeys([*values, *(equation.name for equation in equations)])
    kinds = {name: "weight" if name[0] == "W" else "input" if name in values else "out" for name in names}
    kinds |= {f"net_h_{t}": "net" for t in range(1, steps + 1)} | {"L": "error"}
    units = {f"net_h_{t}": f"h_{t}" for t in range(1, steps + 1)}
    return derive.Computation(equations, [values], kinds, "L", units=units, title="A recurrence")


def contributions(steps: int, weight: float = 0.1) -> tuple[list[float], list[float]]:
    """What each step adds to ∂L/∂W_x, and ∂h_t/∂h_{t−1} from the last step back, by loops over floats."""
    h = [0.0]
    for t in range(1, steps + 1):
        h.append(math.tanh(0.5 * t + weight * h[-1]))
    added, delta = [0.0] * (steps + 1), 0.0
    for t in range(steps, 0, -1):
        by_h = -(t - 2 * h[t]) * 2 + delta * weight
        delta = by_h * (1 - h[t] ** 2)
        added[t] = delta * t
    return added[1:], [(1 - h[t] ** 2) * weight for t in range(steps, 1, -1)]


@pytest.mark.parametrize(("steps", "weight"), [(2, 0.1), (3, 0.1), (4, -0.8)])
def test_the_steps_of_a_recurrence_add_up_as_a_loop_says(steps: int, weight: float) -> None:
    text = part(article(recurrence(steps, weight)), "Step by step through time")
    added, factors = contributions(steps, weight)
    table = text.split(r"contribution to $\partial L / \partial W_{x}$")[1].split("\n\n")[0]
    printed = [value(row) for row in table.splitlines()[2:]]
    assert len(printed) == steps + 1
    assert all(is_near(one, other) for one, other in zip(printed, [*added, sum(added)], strict=True))
    crossings = [value(right) for left, right in rows(text)]
    assert all(is_near(one, other) for one, other in zip(crossings, factors, strict=True))
    assert ("vanishes" in text) == all(abs(factor) < 1 for factor in factors)
    assert ("multiply to" in text) == (steps > 2)


def test_a_recurrence_that_grows_is_said_to_explode_and_a_mixed_one_is_not_judged() -> None:
    def chain(*factors: float) -> str:
        equations = [Equation("v_1", [terms.product("w_1", "v_0")])]
        equations += [Equation(f"v_{t}", [terms.product(f"w_{t}", f"v_{t - 1}")]) for t in range(2, len(factors) + 1)]
        values = {f"w_{t}": factor for t, factor in enumerate(factors, start=1)} | {"v_0": 1}
        last = f"v_{len(factors)}"
        names = [*values, *(equation.name for equation in equations)]
        kinds = {name: "weight" if name[0] == "w" else "input" if name == "v_0" else "out" for name in names}
        return article(derive.Computation(equations, [values], kinds, last, trained=()))

    assert "explodes" in chain(1, 2, 3)
    assert "vanishes" in chain(1, 0.5, 0.25)
    mixed = chain(1, 0.5, 3)
    assert "multiply to $1.5$" in mixed
    assert "explodes" not in mixed
    assert "vanishes" not in mixed


def test_gates_are_said_where_they_first_occur() -> None:
    equations = [
        Equation("q", [terms.same("x"), terms.same("y")]),
        Equation("f", [terms.product("q", "z")]),
    ]
    kinds = {"x": "weight", "y": "weight", "z": "weight", "q": "out", "f": "out"}
    text = article(derive.Computation(equations, [{"x": -2, "y": 5, "z": -4}], kinds, "f", trained=()))
    assert text.count("A sum such as $q$ passes") == text.count("A product such as $f$ swaps") == 1
    table = part(text, "The gradient")
    assert [value(row) for row in re.findall(r"^\| \$[xyz]\$ .*$", table, re.MULTILINE)] == [-4, -4, 3]
    assert "## The update" not in text


@pytest.mark.parametrize("size", [40, 300])
def test_what_is_alike_is_shown_once_and_then_in_tables(size: int) -> None:
    equations = []
    for k in range(1, size + 1):
        equations.append(Equation(f"z{k}", [terms.product(f"w{k}", "x")]))
        equations.append(Equation(f"h{k}", [terms.activation("tanh", f"z{k}")]))
    equations.append(Equation("E", [terms.error("squared_error", "y", f"h{k}") for k in range(1, size + 1)]))
    values: dict[str, Any] = {f"w{k}": (k % 7 - 3) / 10 for k in range(1, size + 1)} | {"x": 1, "y": 0.5}
    text = article(computation(equations, values))
    assert len(text.splitlines()) < 420
    backward = part(text, "The backward pass")
    assert len(re.findall(r"\*\*(?:How does|With respect)", backward)) == 3  # an h, a z and a w
    assert f"{size - 1} more parameters" in backward
    assert f"The other {size - 1} quantities" in part(text, "The forward pass")


def test_a_title_of_its_own_stands_over_a_computation_without_one() -> None:
    assert article(CASES["skip"].computation).startswith("# A computation\n")


@pytest.mark.parametrize("updates", ["simultaneous", "sequential", "online"])
@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "adam"])
def test_every_plan_has_its_update(updates: str, optimizer: str) -> None:
    plan = derive.Plan(learning_rate=0.1, updates=updates, optimizer=optimizer, iterations=3)
    made = CASES["recurrence"].computation
    handout = made.derive(plan).handout(language="en", digits=DIGITS)
    evaluation, text = handout.shown, str(handout.markdown)
    for name in sorted(made.trained):
        assert evaluation.updated(name).latex(DIGITS) in part(text, "The update")
    assert ("take turns" in text) == (updates == "online")
    assert evaluation.error_after.latex(DIGITS) in part(text, "Was it worth it?")
    assert "## Training" in text


@pytest.mark.parametrize("options", [{"form": "matrix"}, {"form": "both"}, {"rounding": "by-hand"}, {"digits": 30}])
def test_every_option_gives_a_page(options: dict[str, Any]) -> None:
    for case in CASES.values():
        assert "## The backward pass" in article(case.computation, **options)
