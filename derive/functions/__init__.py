"""Functions, an entry each: activations, losses and optimizers."""
