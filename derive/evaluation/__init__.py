"""Values: every quantity and partial with certain digits, one update, rounding by hand."""
