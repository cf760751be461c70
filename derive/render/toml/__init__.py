"""The file of a network or of another computation, in whose place of a number stands which one it is."""
