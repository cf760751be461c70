"""Equations in order with their values: what every later stage reads."""
