"""A computation as a user holds it: any graph of equations, and the door to its derivation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, overload

import attrs
from sympy import Expr, Symbol

from derive.api.derivation import Derivation
from derive.api.explore import ExplorablePage
from derive.checks import one_kind, sequence, unknown
from derive.computation import equations
from derive.computation.described import described
from derive.computation.equations import Equation
from derive.computation.groups import Group
from derive.computation.layers import Layers
from derive.computation.plan import Plan
from derive.computation.wellformed import check_rate_name
from derive.errors import InputError, Message, shown
from derive.numbers.exact import GivenNumber
from derive.reading.formulas.lines import lines_of, names_of, samples_of, values_of

Key: TypeAlias = str | Symbol
Formula: TypeAlias = str | Expr
PLAN = Plan()
PLAN_FIELDS = tuple(field.name for field in attrs.fields(Plan))


def given_plan(given: Plan) -> Plan:
    """Return a plan; raises `InputError` for all else."""
    return given if isinstance(given, Plan) else one_kind(given, Plan, "plan", Message("a plan"))


@attrs.frozen(slots=False, repr=False, init=False)
class Computation(equations.Computation):
    __doc__ = equations.Computation.__doc__

    plan: Plan = attrs.field(default=PLAN, converter=given_plan)

    @overload
    def __init__(
        self,
        equations: Iterable[Equation],
        samples: Iterable[Mapping[str, GivenNumber | str]],
        kinds: Mapping[str, str],
        objective: str | None = None,
        trained: Iterable[str] = ...,
        reduction: str = ...,
        whole_objective: str = ...,
        title: str = ...,
        units: Mapping[str, str] = ...,
        layers: Layers | None = None,
        groups: Iterable[Group] = ...,
        plan: Plan = ...,
    ) -> None: ...

    @overload
    def __init__(
        self,
        equations: Mapping[Key, Formula] | Mapping[str, Formula] | Mapping[str, Expr] | Mapping[str, str],
        *,
        values: Mapping[Key, GivenNumber] | Mapping[str, GivenNumber] | Mapping[str, Expr],
        output: Key | None = None,
        by: Iterable[Key] | Key | None = None,
        trained: Iterable[Key] | Key = (),
        samples: Sequence[Mapping[Key, GivenNumber] | Mapping[str, GivenNumber]] = (),
        reduction: str = "mean",
        title: str = "",
        plan: Plan = PLAN,
    ) -> None: ...

    def __init__(self, equations: Any, *positional: Any, **named: Any) -> None:
        """Make a computation of equations and kinds, or of formulas by name and the values that they start from.

        Formulas are SymPy's expressions, or text as in files of equations. ``values`` are given numbers by name;
        ``samples`` are further ones, each with what differs in it. ``output`` is what is differentiated, by ``by`` and
        whatever is ``trained``; by every value where neither is given.

        >>> from sympy import symbols
        >>> x, y, z, q = symbols("x y z q")
        >>> circuit = Computation({"q": x + y, "f": q * z}, values={x: -2, y: 5, z: -4}, output="f")
        >>> [circuit.derive()[name].value for name in "xyz"]
        [-4.0, -4.0, 3.0]
        """
        if "output" in named and not isinstance(equations, Mapping):
            raise InputError(
                "equations: found {found}; expected a mapping of formulas by name.", found=shown(equations)
            )
        if isinstance(equations, Mapping) and not positional and "kinds" not in named:
            named = _of_formulas(equations, **named)
            equations = named.pop("equations")
        self.__attrs_init__(equations, *positional, **named)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What there is to say of how a file was read, as of a network's synonyms: nothing so far."""
        return ()

    def replace(self, numbers: Mapping[Any, GivenNumber] | None = None, /, **changes: Any) -> "Computation":
        """Return the same computation with some given values, or other things, changed.

        A keyword is a field of the plan (``learning_rate=0.1``), the title, the reduction or what is ``trained``, or a
        given value by its name; ``numbers`` are values alone. Values of samples can be given where there is one sample.
        Raises `InputError` for an unknown name.

        >>> import derive
        >>> changed = derive.load("circuit").replace(x=1, learning_rate=0.1)
        >>> changed.derive()["z"].value, changed.plan.learning_rate
        (6.0, Fraction(1, 10))
        """
        plan = {name: changes.pop(name) for name in PLAN_FIELDS if name in changes}
        fields = {name: changes.pop(name) for name in ("title", "reduction", "trained", "plan") if name in changes}
        fields["plan"] = attrs.evolve(fields.get("plan", self.plan), **plan)
        given = {**values_of(numbers or {}, "values"), **values_of(changes, "values")}
        is_single = len(self.samples) == 1
        known = [name for name in self.values if is_single or name in self.parameters]
        for name in given:
            if name not in known:
                raise unknown(name, [*known, *PLAN_FIELDS] if name in changes else known)
        known_as: Any = self  # mypy's plugin takes no class with an __init__ of its own
        changed: Computation = attrs.evolve(known_as, samples=[{**each, **given} for each in self.samples], **fields)
        return changed

    def derive(self, plan: Plan | None = None) -> Derivation:
        """Return the derivation of every partial derivative of the objective.

        ``plan`` says how an update is made; None for the computation's own.

        >>> import derive
        >>> product = derive.Equation("E", [derive.terms.product("w", "x")])
        >>> computation = derive.Computation(
        ...     [product], [{"w": 2, "x": 0.5}], {"w": "weight", "x": "input", "E": "error"}, "E"
        ... )
        >>> print(computation.derive()["w"], computation.derive().gradients["w"])
        ∂E/∂w = x 0.5
        """
        used = self.plan if plan is None else given_plan(plan)
        check_rate_name(self.kinds, used.learning_rate_name)
        return Derivation(self, used)

    def explore(self, **options: Any) -> ExplorablePage:
        """Return the handout as a page in which every given number can be changed; see `Derivation.explore`."""
        return self.derive().explore(**options)


def _of_formulas(
    formulas: Mapping[Any, Any],
    *,
    values: Mapping[Any, Any],
    output: Any = None,
    by: Any = None,
    trained: Any = (),
    samples: Any = (),
    **rest: Any,
) -> dict[str, Any]:
    """Return the fields of a computation that formulas describe."""
    lines = lines_of(formulas)
    if output is None and len(lines) == 1 and len(lines[0].names) == 1:
        output = lines[0].names[0]
    if output is None:
        raise InputError(
            "output: no name is given; expected the quantity whose partial derivatives are wanted, one of {names}.",
            names=", ".join(name for line in lines for name in line.names),
        )
    (objective,) = names_of([output], "output")
    given = samples_of(values, sequence(samples, "samples", Message("a list of mappings, each with numbers by name")))
    asked = None if by is None else names_of(by, "by")
    return {**described(lines, given, objective, asked, names_of(trained, "trained")), **rest}


def derive(
    formula: Formula, values: Mapping[Key, GivenNumber] | Mapping[str, GivenNumber], *, name: Key = "f"
) -> Derivation:
    """Return the derivation of one formula, SymPy's or text, by every name in it; ``name`` is what it is called.

    Raises `InputError` for what is no formula, and for a name without a value.

    >>> from sympy import exp, symbols
    >>> x, y = symbols("x y")
    >>> derivation = derive(x**2 * y + exp(y), {x: 3, y: 0})
    >>> print(derivation["x"], derivation["x"].value, derivation["y"].value)
    ∂f/∂x = 2·y·x 0.0 10.0
    >>> derive("(w*x - t)^2", {"w": 2, "x": 3, "t": 5}).gradients["w"]
    6.0
    """
    return Computation({name: formula}, values=values).derive()
