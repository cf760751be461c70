"""Lines as data: what is derived, written and calculated, before it is printed."""
