"""Lines of matrices of the blocks of a computation, as data: trees of arrays that are checked and printed."""
