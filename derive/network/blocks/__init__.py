"""Blocks, a file a family: what a convolution, a recurrence or attention comes to in equations."""
