"""What is said where a formula has no value: of which quantity, what was found, and what is expected."""

from derive.errors import InputError, Text
from derive.numbers.arithmetic import OutsideDomain
from derive.numbers.decimals import nearest_float


def outside_domain(place: Text, outside: OutsideDomain, error: str = "", *, of_layers: bool = True) -> InputError:
    """Return the error for a function asked for outside its domain; ``error`` names the error whose formula it is."""
    if error and not of_layers:
        return InputError(
            "{place}: {error} takes the logarithm of a number that is 0 or negative; use numbers for "
            "which it is defined, such as those that logistic or softmax gives.",
            place=place,
            error=error,
        )
    if error:
        return InputError(
            "{place}: {error} takes the logarithm of a number that is 0 or negative; use outputs for "
            "which it is defined, such as those of logistic or softmax in the last layer.",
            place=place,
            error=error,
        )
    found = f"{nearest_float(outside.value):.6g}".replace("-", "−")
    if outside.function == "sqrt":
        return InputError(
            "{place}: found the square root of {found}; expected one of a number that is not negative.",
            place=place,
            found=found,
        )
    if outside.function == "pow":
        return InputError(
            "{place}: found {found} with an exponent that is no whole number; expected a number that is not negative.",
            place=place,
            found=found,
        )
    return InputError(
        "{place}: found the logarithm of {found}; expected one of a number above 0.", place=place, found=found
    )
