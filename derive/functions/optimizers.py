"""The optimizers, each one entry in a table: how a gradient g becomes a new weight, as equations over names.

The names: ``w`` the weight, ``g`` its gradient, ``eta`` the learning rate, ``t`` the number of the step (from 1), then
the constants and the state of the optimizer; a plus at a name's end means its value after the step. The conventions,
where textbooks differ, are PyTorch's.

Sources: Polyak (1964) for momentum; Nesterov (1983) in the form of Sutskever et al. (2013); Duchi, Hazan and Singer
(2011), adagrad; Tieleman and Hinton, lecture 6.5 (2012), rmsprop; Kingma and Ba (2015), adam.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import attrs
from sympy import Expr, Symbol

from derive.checks import ByName, Synonyms, one_of
from derive.errors import InputError, shown
from derive.notation.trees import ONE, add, fraction, minus, mul, power, root, square, take_expressions
from derive.numbers.brief import brief
from derive.numbers.exact import GivenNumber, exact, positive
from derive.stored import replaceable

Steps = tuple[tuple[str, Expr], ...]
W, G, ETA, T = map(Symbol, ("w", "g", "eta", "t"))
DECAYED = "g_lambda"
DECAYING = ("all", "weights")


@dataclass(frozen=True, eq=False)
class UpdateRule:
    """How one step goes: ``steps(g)`` are its equations for the gradient ``g``, the last one giving ``w+``.

    ``constants`` are the usual values by name, ``state`` the names of what is kept from step to step, 0 before the
    first.
    """

    name: str
    steps: Callable[[Expr], Steps]
    constants: Mapping[str, Fraction]
    state: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return update_rule, (self.name,)

    def __post_init__(self) -> None:
        take_expressions(self, "steps")


SYMBOLS = {"momentum": "mu", "decay": "rho", "epsilon": "epsilon", "beta1": "beta1", "beta2": "beta2"}
MU, RHO, EPSILON, BETA1, BETA2 = map(Symbol, SYMBOLS.values())


def _mixed(share: Expr, old: Expr, new: Expr) -> Expr:
    """Return share·old + (1 − share)·new, a moving average."""
    return add(mul(share, old), mul(minus(ONE, share), new))


def _scaled(g: Expr, squares: Expr) -> Expr:
    return minus(W, mul(ETA, fraction(g, add(root(squares), EPSILON))))


def _gradient_descent(g: Expr) -> Steps:
    return (("w+", minus(W, mul(ETA, g))),)


def _momentum(g: Expr) -> Steps:
    return ("v+", add(mul(MU, Symbol("v")), g)), ("w+", minus(W, mul(ETA, Symbol("v+"))))


def _nesterov(g: Expr) -> Steps:
    ahead = add(g, mul(MU, Symbol("v+")))
    return ("v+", add(mul(MU, Symbol("v")), g)), ("w+", minus(W, mul(ETA, ahead)))


def _adagrad(g: Expr) -> Steps:
    return ("s+", add(Symbol("s"), square(g))), ("w+", _scaled(g, Symbol("s+")))


def _rmsprop(g: Expr) -> Steps:
    return ("s+", _mixed(RHO, Symbol("s"), square(g))), ("w+", _scaled(g, Symbol("s+")))


def _adam(g: Expr) -> Steps:
    return (
        ("m+", _mixed(BETA1, Symbol("m"), g)),
        ("s+", _mixed(BETA2, Symbol("s"), square(g))),
        ("m_hat", fraction(Symbol("m+"), minus(ONE, power(BETA1, T)))),
        ("s_hat", fraction(Symbol("s+"), minus(ONE, power(BETA2, T)))),
        ("w+", _scaled(Symbol("m_hat"), Symbol("s_hat"))),
    )


_SMALL, _TINY = Fraction(1, 10**8), Fraction(1, 10**10)
_TABLE = (
    UpdateRule("gradient_descent", _gradient_descent, {}),
    UpdateRule("momentum", _momentum, {"momentum": Fraction(9, 10)}, state=("v",)),
    UpdateRule("nesterov", _nesterov, {"momentum": Fraction(9, 10)}, state=("v",)),
    UpdateRule("adagrad", _adagrad, {"epsilon": _TINY}, state=("s",)),
    UpdateRule("rmsprop", _rmsprop, {"decay": Fraction(99, 100), "epsilon": _SMALL}, state=("s",)),
    UpdateRule(
        "adam",
        _adam,
        {"beta1": Fraction(9, 10), "beta2": Fraction(999, 1000), "epsilon": _SMALL},
        state=("m", "s"),
    ),
)

OPTIMIZERS: Mapping[str, UpdateRule] = MappingProxyType(ByName({entry.name: entry for entry in _TABLE}))
OTHER_NAMES = Synonyms(
    same={
        "sgd": "gradient_descent",
        "gd": "gradient_descent",
        "batchgradientdescent": "gradient_descent",
        "stochasticgradientdescent": "gradient_descent",
        "vanilla": "gradient_descent",
        "heavyball": "momentum",
        "sgdmomentum": "momentum",
        "nag": "nesterov",
        "nesterovmomentum": "nesterov",
    },
    near={"adamw": "adam", "nadam": "adam", "adamax": "adam", "adadelta": "rmsprop"},
)


def update_rule(name: str) -> UpdateRule:
    """Return the entry of that name. A pickle holds this call, as formulas cannot be pickled by a name."""
    return OPTIMIZERS[name]


def _name(given: str) -> str:
    return one_of(given, OPTIMIZERS, "name", OTHER_NAMES)


def _share(given: GivenNumber | None, constant: str) -> Fraction | None:
    """Return the constant of a moving average or a velocity, the share of the old value; None where none is given."""
    if given is None:
        return None
    value = exact(given, constant)
    if not 0 <= value < 1:
        raise InputError(
            "{place}: found {found}; expected a number from 0 to below 1.", place=constant, found=shown(given)
        )
    return value


def _velocity_share(given: GivenNumber | None) -> Fraction | None:
    return _share(given, "momentum")


def _decay(given: GivenNumber | None) -> Fraction | None:
    return _share(given, "decay")


def _beta1(given: GivenNumber | None) -> Fraction | None:
    return _share(given, "beta1")


def _beta2(given: GivenNumber | None) -> Fraction | None:
    return _share(given, "beta2")


def _epsilon(given: GivenNumber | None) -> Fraction | None:
    return None if given is None else positive(given, "epsilon")


def _rate_of_decay(given: GivenNumber) -> Fraction:
    value = exact(given, "weight_decay")
    if value < 0:
        raise InputError(
            "{place}: found {found}; expected 0 or a positive number.", place="weight_decay", found=shown(given)
        )
    return value


def _decaying(given: str) -> str:
    return one_of(given, DECAYING, "weight_decay, on")


@attrs.frozen
class WeightDecay:
    """Weight decay of so much, on "all" parameters or on the "weights" alone, which leaves biases as they are.

    >>> WeightDecay(0.1, on="weights")
    WeightDecay(value=Fraction(1, 10), on='weights')
    """

    value: Fraction = attrs.field(converter=_rate_of_decay)
    on: str = attrs.field(default="all", converter=_decaying)


DECAY_EXAMPLE = '{ value = 0.1, on = "weights" }'
DECAY_KEYS = tuple(field.name for field in attrs.fields(WeightDecay))


def _weight_decay(given: "GivenNumber | WeightDecay | Mapping[str, Any]") -> "Fraction | WeightDecay":
    """Return a decay on all parameters as a number, so that the same decay is written in one way only."""
    if isinstance(given, Mapping):
        given = _decay_of(given)
    if not isinstance(given, WeightDecay):
        return _rate_of_decay(given)
    return given if given.value and given.on != "all" else given.value


def _decay_of(table: Mapping[str, Any]) -> WeightDecay:
    if "value" not in table or not set(table) <= set(DECAY_KEYS):
        raise InputError(
            "{place}: found a table with the keys {found}; expected a number, or {example}.",
            place="weight_decay",
            found=shown(", ".join(map(str, table))),
            example=DECAY_EXAMPLE,
        )
    return WeightDecay(**table)


@replaceable
@attrs.frozen(slots=False)
class Optimizer:
    """How the weights move: a name in `derive.OPTIMIZERS` and its constants; what is left out has its usual value.

    ``weight_decay`` λ adds λ·w to the gradient (PyTorch's L2 penalty): of every parameter, or where it is a
    `WeightDecay` (or a mapping with its fields) on the weights, of these alone. Raises `InputError` for a constant that
    the optimizer does not have or cannot take.

    >>> dict(Optimizer("momentum", momentum=0.5).constants)
    {'momentum': Fraction(1, 2)}
    """

    name: str = attrs.field(default="gradient_descent", converter=_name)
    momentum: Fraction | None = attrs.field(default=None, converter=_velocity_share)
    decay: Fraction | None = attrs.field(default=None, converter=_decay)
    epsilon: Fraction | None = attrs.field(default=None, converter=_epsilon)
    beta1: Fraction | None = attrs.field(default=None, converter=_beta1)
    beta2: Fraction | None = attrs.field(default=None, converter=_beta2)
    weight_decay: Fraction | WeightDecay = attrs.field(default=Fraction(0), converter=_weight_decay)

    def __attrs_post_init__(self) -> None:
        usual = self.rule.constants
        for constant in SYMBOLS:
            if getattr(self, constant) is not None and constant not in usual:
                raise InputError(
                    "{constant}: {optimizer} does not take it; it takes {takes}.",
                    constant=constant,
                    optimizer=self.name,
                    takes=", ".join([*usual, "weight_decay"]),
                )

    def __repr__(self) -> str:
        return brief(self)

    @property
    def rule(self) -> UpdateRule:
        """The entry in the table."""
        return OPTIMIZERS[self.name]

    @property
    def constants(self) -> Mapping[str, Fraction]:
        """The constants in use, by name."""
        given = {name: getattr(self, name) for name in self.rule.constants}
        return {name: usual if given[name] is None else given[name] for name, usual in self.rule.constants.items()}

    @property
    def symbols(self) -> Mapping[str, Fraction]:
        """The constants by the names under which they stand in the formulas."""
        known = {SYMBOLS[name]: value for name, value in self.constants.items()}
        return known | {"lambda": self.rate_of_decay} if self.rate_of_decay else known

    @property
    def rate_of_decay(self) -> Fraction:
        """λ, whatever it is on."""
        return self.weight_decay.value if isinstance(self.weight_decay, WeightDecay) else self.weight_decay

    def of(self, kind: str) -> "Optimizer":
        """Return how parameters of a kind, "weight" or "bias", move: without the decay that is not on them.

        >>> [target for target, _ in Optimizer(weight_decay=WeightDecay(0.1, on="weights")).of("bias").steps]
        ['w+']
        """
        if kind == "bias" and isinstance(self.weight_decay, WeightDecay):
            return attrs.evolve(self, weight_decay=0)
        return self

    @property
    def is_plain(self) -> bool:
        """Whether the weights move by w − η·g alone."""
        return self.steps == _gradient_descent(G)

    @property
    def step_names(self) -> tuple[str, ...]:
        """What the equations of a step are written in, but for the weight and the rate; none where it is plain.

        >>> Optimizer("momentum", momentum=0.9).step_names
        ('g', 'mu', 'v')
        """
        if self.is_plain:
            return ()
        symbols = {symbol.name for _, formula in self.steps for symbol in formula.free_symbols}
        names = symbols | {target for target, _ in self.steps}
        return tuple(sorted({name.removesuffix("+") for name in names} - {W.name, ETA.name}))

    @property
    def steps(self) -> Steps:
        """The equations of one step for one weight, weight decay first; see `of` for a bias."""
        if not self.rate_of_decay:
            return self.rule.steps(G)
        decayed = (DECAYED, add(G, mul(Symbol("lambda"), W)))
        return (decayed, *self.rule.steps(Symbol(DECAYED)))


OPTIMIZER_KEYS = tuple(field.name for field in attrs.fields(Optimizer))
