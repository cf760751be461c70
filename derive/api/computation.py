"""A computation as a user holds it: any graph of equations, and the door to its derivation."""

from derive.api.derivation import Derivation
from derive.checks import one_kind
from derive.computation import equations
from derive.computation.plan import Plan
from derive.computation.wellformed import check_rate_name
from derive.errors import Message


class Computation(equations.Computation):
    __doc__ = equations.Computation.__doc__

    def derive(self, plan: Plan = Plan()) -> Derivation:  # noqa: B008 - frozen
        """Return the derivation of every partial derivative of the objective; ``plan`` says how an update is made.

        >>> import derive
        >>> product = derive.Equation("E", [derive.terms.product("w", "x")])
        >>> computation = derive.Computation(
        ...     [product], [{"w": 2, "x": 0.5}], {"w": "weight", "x": "input", "E": "error"}, "E"
        ... )
        >>> print(computation.derive()["w"], computation.derive().gradients["w"])
        ∂E/∂w = x 0.5
        """
        one_kind(plan, Plan, "plan", Message("a plan"))
        check_rate_name(self.kinds, plan.learning_rate_name)
        return Derivation(self, plan)
