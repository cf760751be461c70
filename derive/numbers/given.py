"""A number that may be changed later, and knows which one it is."""

from fractions import Fraction


class Given(Fraction):
    """A number that is given and may be changed later; ``key`` says which one it is."""

    key: tuple[str, int]

    def __new__(cls, value: Fraction, key: tuple[str, int]) -> "Given":
        """Give the number its key: a name, and the sample that it belongs to, -1 where it belongs to all."""
        given: Given = super().__new__(cls, value.numerator, value.denominator)
        given.key = key
        return given
