"""What a network's synonyms, such as sigmoid or mse, are read as, and what is given and not used."""

from collections.abc import Sequence

from derive.checks import Alias
from derive.errors import Message

AVERAGED_ELSEWHERE = ("huber", "binary_cross_entropy", "hinge")  # over the outputs, in PyTorch and in Keras


def note(word: Alias, outputs: int, last: str) -> Message:
    """Return what the synonym is read as, and where others of that name calculate something else.

    ``outputs`` is how many there are, ``last`` the activation of their layer.
    """
    fields = {"given": word.given, "name": str(word)}
    if word in AVERAGED_ELSEWHERE and outputs > 1:
        return Message(
            "{given} is read as {name}, which sums over the {outputs} outputs of a sample; if your library "
            "averages over them, its error and its gradients are these divided by {outputs}.",
            fields | {"outputs": outputs},
        )
    if word == "cross_entropy" and last != "softmax":
        return Message(
            "{given} is read as {name} of the outputs; a function that takes the net inputs, such as PyTorch's "
            "CrossEntropyLoss, is this one with softmax in the last layer.",
            fields,
        )
    return Message("{given} is read as {name}.", fields)


def not_trained(names: Sequence[str]) -> Message:
    """Return that these fields of a network or a layer are not used, as nothing is trained."""
    return Message("There is no error to train for, so these keys are not used: {names}.", {"names": ", ".join(names)})
