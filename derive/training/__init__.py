"""Training: generated code, the run, and the digits of it that are certain."""
