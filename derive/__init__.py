"""Turns a neural network with its numbers into a derivation that a person can read.

>>> import derive
>>> derivation = derive.load("article").derive()
>>> print(derivation["w5"])
∂E_total/∂w5 = −(target_o1 − out_o1)·out_o1(1 − out_o1)·out_h1
>>> derivation["w5"].decimal(9)
'0.082167041'
"""

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
