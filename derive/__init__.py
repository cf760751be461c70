"""Turns a neural network with its numbers into a derivation that a person can read.

>>> import derive
>>> derivation = derive.load("article").derive()
>>> print(derivation["w5"])
∂E_total/∂w5 = −(target_o1 − out_o1)·out_o1(1 − out_o1)·out_h1
>>> derivation["w5"].decimal(9)
'0.082167041'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.api.handout import Handout
    from derive.calculus.chain import Derivation
    from derive.calculus.partials import LocalDerivative, Partial, Path
    from derive.comparison.gradients import Comparison, compare_gradients
    from derive.comparison.published import PublishedComparison, PublishedRow, compare_published
    from derive.computation.equations import ComputationGraph, Equation
    from derive.errors import DeriveError, InputError, InternalError, UnsupportedError, VerificationError
    from derive.evaluation.evaluation import Evaluation, Number
    from derive.functions.activations import ACTIVATIONS
    from derive.functions.losses import ERRORS
    from derive.functions.optimizers import OPTIMIZERS, Optimizer
    from derive.network.layers import Layer, Sample
    from derive.network.network import Network
    from derive.reading.network_file import example, load, ready_networks

    __version__: str

__all__ = [
    "ACTIVATIONS",
    "ERRORS",
    "OPTIMIZERS",
    "Comparison",
    "ComputationGraph",
    "Derivation",
    "DeriveError",
    "Equation",
    "Evaluation",
    "Handout",
    "InputError",
    "InternalError",
    "Layer",
    "LocalDerivative",
    "Network",
    "Number",
    "Optimizer",
    "Partial",
    "Path",
    "PublishedComparison",
    "PublishedRow",
    "Sample",
    "UnsupportedError",
    "VerificationError",
    "compare_gradients",
    "compare_published",
    "example",
    "load",
    "ready_networks",
]

# Names load on first use, each from its module: SymPy and the rest take longer to load than most of what they do. Those
# who check types read the same in the imports above.
_NAMES = {
    "derive.api.handout": ("Handout",),
    "derive.calculus.chain": ("Derivation",),
    "derive.calculus.partials": ("LocalDerivative", "Partial", "Path"),
    "derive.comparison.gradients": ("Comparison", "compare_gradients"),
    "derive.comparison.published": ("PublishedComparison", "PublishedRow", "compare_published"),
    "derive.computation.equations": ("ComputationGraph", "Equation"),
    "derive.errors": ("DeriveError", "InputError", "InternalError", "UnsupportedError", "VerificationError"),
    "derive.evaluation.evaluation": ("Evaluation", "Number"),
    "derive.functions.activations": ("ACTIVATIONS",),
    "derive.functions.losses": ("ERRORS",),
    "derive.functions.optimizers": ("OPTIMIZERS", "Optimizer"),
    "derive.network.layers": ("Layer", "Sample"),
    "derive.network.network": ("Network",),
    "derive.reading.network_file": ("example", "load", "ready_networks"),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # it would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            found = _version()
        elif name in _MODULES:
            found = getattr(import_module(_MODULES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})


def _version() -> str:
    """Return the version that pyproject.toml gives the installed package; in a checkout alone there is none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("derive")
    except PackageNotFoundError:
        return "0+unknown"
