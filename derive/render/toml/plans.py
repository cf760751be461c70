"""What every file says of the training: the learning rate, the updates, the optimizer and how long it goes on."""

from fractions import Fraction
from typing import Any

import attrs

from derive.computation.plan import Plan
from derive.functions.optimizers import DECAY_KEYS, OPTIMIZER_KEYS, Optimizer

USUAL = Plan()


def top_of_plan(plan: Plan, *, is_trained: bool) -> dict[str, Any]:
    """Return the keys that stand above the first table: the rate of a training, and what is not as usual."""
    found: dict[str, Any] = {}
    if is_trained or plan.learning_rate != USUAL.learning_rate:
        found["learning_rate"] = plan.learning_rate
    for key in ("learning_rate_name", "updates"):
        if getattr(plan, key) != getattr(USUAL, key):
            found[key] = getattr(plan, key)
    if plan.optimizer != USUAL.optimizer:
        found["optimizer"] = _optimizer(plan.optimizer)
    return found


def training_of(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    """Return the table of the training, where there is one."""
    usual = {key: getattr(USUAL, key) for key in ("iterations", "every")}
    found = {key: getattr(plan, key) for key in usual if getattr(plan, key) != usual[key]}
    return [("[training]", found)] if found else []


def _optimizer(optimizer: Optimizer) -> Any:
    usual = Optimizer(optimizer.name)
    given = {key: getattr(optimizer, key) for key in OPTIMIZER_KEYS if getattr(optimizer, key) != getattr(usual, key)}
    if not given:
        return optimizer.name
    decay = given.get("weight_decay", Fraction(0))
    if not isinstance(decay, Fraction):
        given["weight_decay"] = {key: attrs.asdict(decay)[key] for key in DECAY_KEYS}
    return {"name": optimizer.name, **given}
