"""What libraries that differentiate by themselves call the activations, the losses and the functions of formulas.

All are element by element, but for the joint activations, which take the net inputs of a layer side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from derive.errors import InputError
from derive.notation.elementary import entries

F = TypeVar("F")


@dataclass(frozen=True)
class Library:
    """The functions of a library by their names here.

    ``activations`` are called with the net inputs, (samples, neurons), and a constant, ``losses`` with the targets, the
    outputs and a constant; ``functions`` by the names that generated code has for them. ``tensor`` makes an array of
    doubles.
    """

    way: str
    tensor: Callable[[Any], Any]
    stack: Callable[[list[Any]], Any]
    activations: Mapping[str, Callable[[Any, float], Any]]
    losses: Mapping[str, Callable[[Any, Any, float], Any]]
    functions: Mapping[str, Any]
    formulas: dict[Any, Callable[..., Any]] = field(default_factory=dict)  # those that were compiled, by their shape

    def activation(self, name: str) -> Callable[[Any, float], Any]:
        """Return the library's own activation; raises `InputError` for one that it is not told."""
        return _told(self.activations, name, self.way)

    def loss(self, name: str) -> Callable[[Any, Any, float], Any]:
        """Return the library's own loss; raises `InputError` for one that it is not told."""
        return _told(self.losses, name, self.way)


def torch_library() -> Library:
    """Return PyTorch's functions; needs torch."""
    import torch

    f = torch.nn.functional

    def tensor(values: Any) -> Any:
        return torch.as_tensor(values, dtype=torch.float64)

    return Library(
        "torch",
        tensor,
        lambda columns: torch.stack(columns, dim=1),
        {
            "identity": lambda net, _: net,
            "logistic": lambda net, _: torch.sigmoid(net),
            "tanh": lambda net, _: torch.tanh(net),
            "relu": lambda net, _: torch.relu(net),
            "leaky_relu": lambda net, slope: f.leaky_relu(net, slope),
            "elu": lambda net, alpha: f.elu(net, alpha),
            "softplus": lambda net, _: f.softplus(net, threshold=1e9),
            "softsign": lambda net, _: f.softsign(net),
            "gelu": lambda net, _: f.gelu(net),
            "silu": lambda net, _: f.silu(net),
            "hard_tanh": lambda net, _: f.hardtanh(net),
            "softmax": lambda net, _: torch.softmax(net, dim=1),
        },
        {
            "half_squared_error": lambda t, o, _: (t - o) ** 2 / 2,
            "squared_error": lambda t, o, _: (t - o) ** 2,
            "mean_squared_error": lambda t, o, count: (t - o) ** 2 / (count or 1.0),
            "absolute_error": lambda t, o, _: f.l1_loss(o, t, reduction="none"),
            "huber": lambda t, o, delta: f.huber_loss(o, t, reduction="none", delta=delta),
            "binary_cross_entropy": lambda t, o, _: -(torch.xlogy(t, o) + torch.xlogy(1 - t, 1 - o)),
            "cross_entropy": lambda t, o, _: -torch.xlogy(t, o),
            "hinge": lambda t, o, _: torch.relu(1 - t * o),
        },
        _functions(torch, torch.special, tensor),
    )


def jax_library() -> Library:
    """Return JAX's functions, in double precision; needs jax."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    xlogy = jax.scipy.special.xlogy
    return Library(
        "jax",
        jnp.asarray,
        lambda columns: jnp.stack(columns, axis=1),
        {
            "identity": lambda net, _: net,
            "logistic": lambda net, _: jax.nn.sigmoid(net),
            "tanh": lambda net, _: jnp.tanh(net),
            "relu": lambda net, _: jax.nn.relu(net),
            "leaky_relu": lambda net, slope: jnp.where(net > 0, net, slope * net),
            "elu": lambda net, alpha: jax.nn.elu(net, alpha),
            "softplus": lambda net, _: jax.nn.softplus(net),
            "softsign": lambda net, _: jax.nn.soft_sign(net),
            "gelu": lambda net, _: jax.nn.gelu(net, approximate=False),
            "silu": lambda net, _: jax.nn.silu(net),
            "hard_tanh": lambda net, _: jax.nn.hard_tanh(net),
            "softmax": lambda net, _: jax.nn.softmax(net, axis=1),
        },
        {
            "half_squared_error": lambda t, o, _: (t - o) ** 2 / 2,
            "squared_error": lambda t, o, _: (t - o) ** 2,
            "mean_squared_error": lambda t, o, count: (t - o) ** 2 / (count or 1.0),
            "absolute_error": lambda t, o, _: jnp.abs(t - o),
            "huber": lambda t, o, delta: jnp.where(
                jnp.abs(t - o) <= delta, (t - o) ** 2 / 2, delta * (jnp.abs(t - o) - delta / 2)
            ),
            "binary_cross_entropy": lambda t, o, _: -(xlogy(t, o) + xlogy(1 - t, 1 - o)),
            "cross_entropy": lambda t, o, _: -xlogy(t, o),
            "hinge": lambda t, o, _: jax.nn.relu(1 - t * o),
        },
        _functions(jnp, jax.scipy.special, jnp.asarray),
    )


def _functions(library: Any, special: Any, tensor: Callable[[Any], Any]) -> dict[str, Any]:
    """Return what generated code may call; a function that the library has under no such name is not there."""
    known = ((entry.code, entry.numpy or entry.code) for entry in entries())
    found = {code: getattr(library, name, None) or getattr(special, name, None) for code, name in known}
    return {
        **{code: _of_arrays(function, tensor) for code, function in found.items() if function is not None},
        "inf": np.inf,
        "square": lambda values: values * values,
        "where": lambda condition, then, otherwise: library.where(condition, tensor(then), tensor(otherwise)),
        "max": lambda *values: reduce(library.maximum, map(tensor, values)),
        "min": lambda *values: reduce(library.minimum, map(tensor, values)),
    }


def _of_arrays(function: Callable[[Any], Any], tensor: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: function(tensor(value))


def _told(functions: Mapping[str, F], name: str, way: str) -> F:
    """Return the library's own function of that name; one that is new in derive is told to it here, or not at all."""
    if name not in functions:
        raise InputError("with: {way} has no function {name} to compare with; leave {way} out.", way=way, name=name)
    return functions[name]
