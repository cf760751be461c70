"""Numbers: exact fractions, balls, decimals, and whether a digit is certain."""
