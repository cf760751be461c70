"""The lines of matrices of each kind of block, a file a family."""
