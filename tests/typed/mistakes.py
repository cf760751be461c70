"""Mistakes that a type checker must refuse, one a line: each line that is marked, and no other."""

import derive

derive.Layer(weights="abc")  # wrong
derive.Layer(weights=[["a"]])  # wrong
derive.Layer(weights=[0.5])  # wrong
derive.Layer([[1]], bias=["a"])  # wrong
derive.Layer([[1]], activation=3)  # wrong
derive.Layer([[1]], slope="steep")  # wrong
derive.Sample(inputs=1, targets=[1])  # wrong
derive.Sample(inputs=[1], targets=1)  # wrong
derive.Layer([[1]], train="yes")  # wrong
derive.Network(layers=[1], samples=[])  # wrong
derive.Network([], [], learning_rate="fast")  # wrong
derive.Network([], [], optimizer=3)  # wrong
derive.Optimizer("adam", beta1="x")  # wrong
derive.Optimizer(moment=0.9)  # wrong
