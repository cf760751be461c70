"""What the terminal says of the corners of functions that a network uses."""

from collections.abc import Sequence

from derive.errors import Message
from derive.evaluation.corners import Corner


def corner_sentences(corners: Sequence[Corner], samples: int) -> list[Message]:
    """Return what there is to say of each corner, with the sample where there are several."""
    return [
        Message("Sample {sample}: {sentence}", {"sample": corner.sample + 1, "sentence": corner.sentence})
        if samples > 1
        else corner.sentence
        for corner in corners
    ]
