"""Turns a neural network with its numbers into a derivation that a person can read.

>>> import derive
>>> derivation = derive.load("article").derive()
>>> print(derivation["w5"])
∂E_total/∂w5 = −(target_o1 − out_o1)·out_o1(1 − out_o1)·out_h1
>>> derivation["w5"].decimal(9)
'0.082167041'
"""

from derive.activations import ACTIVATIONS
from derive.compare import Comparison, compare_gradients
from derive.derivation import Derivation
from derive.error_functions import ERRORS
from derive.errors import DeriveError, InputError, InternalError, UnsupportedError, VerificationError
from derive.evaluation import Evaluation, Number
from derive.graph import ComputationGraph, Equation
from derive.handout import Handout
from derive.layers import Layer, Sample
from derive.network import Network
from derive.optimizers import OPTIMIZERS, Optimizer
from derive.partials import LocalDerivative, Partial, Path
from derive.published import PublishedComparison, PublishedRow, compare_published
from derive.spec import example, load, ready_networks

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
