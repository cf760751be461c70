"""What users write, as type checkers read it: `mypy --strict` and pyright find no fault. It also runs."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from sympy import Symbol

import derive
from derive.testing import assert_gradients_match

layers = [
    derive.Layer(weights=[[0.15, 0.20], [0.25, 0.30]], bias=0.35, train_bias=False),
    derive.Layer(np.array([[0.40, 0.45], [0.50, 0.55]]), bias=[0.60, Fraction(1, 3)], activation="tanh"),
    derive.Layer(((1, Decimal("0.5")),), bias=np.array([0.1]), weight_names=[["a", "c"]], neurons=["y"]),
    derive.Layer([np.array([1.0])], slope=0.1, activation="leaky_relu", bias=np.float32(0.5)),
]
samples = [derive.Sample(inputs=[0.05, 0.10], targets=[1]), derive.Sample(np.array([1, 2]), (np.int64(1),))]
network = derive.Network(
    layers=layers,
    samples=samples,
    learning_rate=0.5,
    error="huber",
    delta=1,
    optimizer=derive.Optimizer("adam", beta1=0.9, weight_decay=Decimal("0.01")),
    iterations=3,
    title="Typed",
)
plain = derive.Network(layers, samples, Fraction(1, 10), optimizer="sgd")
lettered = derive.Network(layers, samples, notation={"net": "z"})
same = derive.Network(layers, samples, notation=derive.Notation(net="z", error="J"))
masked = derive.Layer(np.array([[1, 2]]), bias=[1], train=np.array([[True, False]]), train_bias=[True])
answer = derive.Network([masked], [derive.Sample([1, 2])], error=None)
notes: tuple[object, ...] = derive.Network([masked], [derive.Sample([1, 2])], differentiate="out_o1").notes
kept: derive.Network = network.replace(trained=network.trained - {"a"})
exact: tuple[tuple[Fraction, ...], ...] = network.layers[0].weights
rate: Fraction = network.learning_rate
changed: derive.Network = network.replace({"a": 0.5}, learning_rate=0.1)

derivation: derive.Derivation = derive.load("article").derive()
partial: derive.Partial = derivation["w5"]
value: float = partial.value
digits: str = partial.decimal(30)
gradient: derive.Number = derivation.gradients["w5"]
training = derivation.train(10)
rows = training.rows
certified = training.certified(20).errors
published: derive.PublishedComparison = derive.compare_published(derivation, {"values": {"out_h1": "0.593269992"}})
compared: derive.Comparison = derive.compare_gradients(derivation, dict(derivation.gradients), partial=True)
assert_gradients_match(derive.load("article"), dict(derivation.gradients), partial=True)
arrays = network.arrays()
first: float = derivation.gradients.arrays(layout="in_out")[0][0][0, 0]
made: derive.Network = derive.Network.from_arrays(
    [(np.array([[0.1, 0.2]]), np.array([0.3]))],
    inputs=np.array([[1.0, 2.0]]),
    targets=[[0.5]],
    activation=["tanh"],
    error="squared_error",
)
pairs: derive.Network = derive.Network.from_arrays(
    {"W1": np.array([[0.1, 0.2]])}, [([1, 2], [0.5]), derive.Sample([1, 2], [0.5])], layout="out_in"
)
by_layer = made.derive().gradients.arrays()
assert_gradients_match(made, by_layer)
assert_gradients_match(made, [(dw.T, db) for dw, db in by_layer], layout="in_out", rtol=1e-9)
assert_gradients_match(made, {"W1": by_layer[0][0], "b1": by_layer[0][1]}, partial=False)
assert_gradients_match(made, lambda parameters: by_layer)
assert_gradients_match(made, np.concatenate([by_layer[0][0].ravel(), [made.derive().gradients["b_o1"]]]))
looks: str = derive.compare_gradients(made.derive(), by_layer).looks_like
handout: derive.Handout = derivation.handout(detail="full", form="both", language="pt-BR")
circuit = derive.Computation({"q": "x + y", "f": "q*z"}, values={"x": -2, "y": 5, "z": Fraction(-4)}, output="f")
moved: derive.Computation = circuit.replace({"x": 0.5}, learning_rate=0.1, title="Moved")
trained = derive.Computation({"E": "(w*x - t)^2"}, values={"w": 1}, samples=[{"x": 1, "t": 2}], trained="w")
x, y = (Symbol(name) for name in "xy")
ratio = derive.Computation({"f": x / y}, values={x: 1, y: 2}, by=[x], plan=derive.Plan(iterations=3))
slope: derive.Number = derive.derive(x * y, {x: 0.5, "y": 2}, name="g")["x"].value
given = derive.Computation(
    [derive.Equation("E", [derive.terms.product("w", "x")])],
    [{"w": 2, "x": 0.5}],
    {"w": "weight", "x": "input", "E": "error"},
    "E",
)
loaded = derive.load("circuit")
assert isinstance(loaded, derive.Computation)
same_circuit: derive.Computation = loaded
names: list[str] = [*derive.ready_networks(), *derive.ACTIVATIONS, *derive.ERRORS, *derive.OPTIMIZERS]
try:
    derivation["nope"]
except KeyError as error:
    sentence: str = str(error)
