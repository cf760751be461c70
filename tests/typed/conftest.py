"""The mistakes are read by type checkers, and run by nobody."""

collect_ignore = ["mistakes.py"]
