"""Turns a neural network with its numbers into a derivation that a person can read.

>>> import derive
>>> derivation = derive.load("article").derive()
>>> print(derivation["w5"])
∂E_total/∂w5 = −(target_o1 − out_o1)·out_o1(1 − out_o1)·out_h1
>>> derivation["w5"].decimal(9)
'0.082167041'
"""

from derive.api.compare import compare_gradients, compare_published
from derive.api.computation import Computation
from derive.api.derivation import Derivation
from derive.api.handout import Handout
from derive.api.network import Network, load
from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.comparison.gradients import Comparison
from derive.comparison.published import PublishedComparison, PublishedRow
from derive.computation import terms
from derive.computation.equations import Equation, Term
from derive.computation.plan import Plan
from derive.errors import DeriveError, InputError, InternalError, UnsupportedError, VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS
from derive.functions.losses import ERRORS
from derive.functions.optimizers import OPTIMIZERS, Optimizer
from derive.network.layers import Layer, Sample
from derive.numbers.number import Number
from derive.reading.network_file import example, ready_networks

ComputationGraph = Computation  # its name before 0.2

__all__ = [
    "ACTIVATIONS",
    "ERRORS",
    "OPTIMIZERS",
    "Comparison",
    "Computation",
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
    "Plan",
    "PublishedComparison",
    "PublishedRow",
    "Sample",
    "Term",
    "UnsupportedError",
    "VerificationError",
    "compare_gradients",
    "compare_published",
    "example",
    "load",
    "ready_networks",
    "terms",
]
