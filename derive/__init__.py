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
    from derive.api.compare import compare_gradients, compare_published
    from derive.api.computation import Computation, derive
    from derive.api.derivation import Derivation
    from derive.api.graph import Graph
    from derive.api.handout import Handout
    from derive.api.network import Network, load
    from derive.api.worksheet import Sheet, Worksheet
    from derive.calculus.partials import LocalDerivative, Partial, Path
    from derive.comparison.gradients import Comparison
    from derive.comparison.published import PublishedComparison, PublishedRow
    from derive.computation import terms
    from derive.computation.equations import Equation, Term
    from derive.computation.notation import Notation
    from derive.computation.plan import Plan
    from derive.errors import DeriveError, InputError, InternalError, UnsupportedError, VerificationError
    from derive.evaluation.evaluation import Evaluation
    from derive.functions.activations import ACTIVATIONS
    from derive.functions.losses import ERRORS
    from derive.functions.optimizers import OPTIMIZERS, Optimizer, WeightDecay
    from derive.network.blocks.table import BLOCKS
    from derive.network.layers import Layer, Sample
    from derive.numbers.number import Number
    from derive.reading.network_file import example, ready_networks

    ComputationGraph = Computation

    __version__: str

__all__ = [
    "ACTIVATIONS",
    "BLOCKS",
    "ERRORS",
    "OPTIMIZERS",
    "Comparison",
    "Computation",
    "ComputationGraph",
    "Derivation",
    "DeriveError",
    "Equation",
    "Evaluation",
    "Graph",
    "Handout",
    "InputError",
    "InternalError",
    "Layer",
    "LocalDerivative",
    "Network",
    "Notation",
    "Number",
    "Optimizer",
    "Partial",
    "Path",
    "Plan",
    "PublishedComparison",
    "PublishedRow",
    "Sample",
    "Sheet",
    "Term",
    "UnsupportedError",
    "VerificationError",
    "WeightDecay",
    "Worksheet",
    "compare_gradients",
    "compare_published",
    "derive",
    "example",
    "load",
    "ready_networks",
    "terms",
]

# Names load on first use, each from its module: SymPy and the rest take longer to load than most of what they do. Those
# who check types read the same in the imports above.
_NAMES = {
    "derive.api.compare": ("compare_gradients", "compare_published"),
    "derive.api.computation": ("Computation", "derive"),
    "derive.api.derivation": ("Derivation",),
    "derive.api.graph": ("Graph",),
    "derive.api.handout": ("Handout",),
    "derive.api.network": ("Network", "load"),
    "derive.api.worksheet": ("Sheet", "Worksheet"),
    "derive.calculus.partials": ("LocalDerivative", "Partial", "Path"),
    "derive.comparison.gradients": ("Comparison",),
    "derive.comparison.published": ("PublishedComparison", "PublishedRow"),
    "derive.computation": ("terms",),
    "derive.computation.equations": ("Equation", "Term"),
    "derive.computation.notation": ("Notation",),
    "derive.computation.plan": ("Plan",),
    "derive.errors": ("DeriveError", "InputError", "InternalError", "UnsupportedError", "VerificationError"),
    "derive.evaluation.evaluation": ("Evaluation",),
    "derive.functions.activations": ("ACTIVATIONS",),
    "derive.functions.losses": ("ERRORS",),
    "derive.functions.optimizers": ("OPTIMIZERS", "Optimizer", "WeightDecay"),
    "derive.network.blocks.table": ("BLOCKS",),
    "derive.network.layers": ("Layer", "Sample"),
    "derive.numbers.number": ("Number",),
    "derive.reading.network_file": ("example", "ready_networks"),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}
_EARLIER = {"ComputationGraph": "Computation"}  # names before 0.2

if not TYPE_CHECKING:  # it would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        known = _EARLIER.get(name, name)
        if name == "__version__":
            found = _version()
        elif known in _MODULES:
            module = import_module(_MODULES[known])
            found = getattr(module, known, None) or import_module(f"{module.__name__}.{known}")
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
        return version("derive-backprop")
    except PackageNotFoundError:
        return "0+unknown"
