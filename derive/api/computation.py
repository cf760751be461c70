"""A computation as a user holds it: any graph of equations, and the door to its derivation."""

import attrs

from derive.api.derivation import Derivation
from derive.checks import one_kind
from derive.computation import equations
from derive.computation.plan import Plan
from derive.computation.wellformed import check_rate_name
from derive.errors import Message


def _plan(given: Plan) -> Plan:
    return given if isinstance(given, Plan) else one_kind(given, Plan, "plan", Message("a plan"))


@attrs.frozen(slots=False, repr=False)
class Computation(equations.Computation):
    __doc__ = equations.Computation.__doc__

    plan: Plan = attrs.field(default=Plan(), converter=_plan)

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
        used = self.plan if plan is None else _plan(plan)
        check_rate_name(self.kinds, used.learning_rate_name)
        return Derivation(self, used)
