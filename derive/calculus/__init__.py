"""Differentiation: rules, local derivatives, partials by the chain rule, and what they compose to."""
