"""Formulas as a user writes them: text to trees, nothing evaluated."""
