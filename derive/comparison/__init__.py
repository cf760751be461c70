"""Numbers of others held against the evaluation: gradients, slips, published values."""
