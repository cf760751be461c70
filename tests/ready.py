"""The built-in examples by name: all of them, networks of layers, and computations that have none."""

import derive

ALL = tuple(derive.ready_networks())
LAYERED = tuple(name for name in ALL if isinstance(derive.load(name), derive.Network))
UNLAYERED = tuple(name for name in ALL if name not in LAYERED)
