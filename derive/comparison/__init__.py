"""Numbers of others held against the derivation: gradients, slips, published values."""
