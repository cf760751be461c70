"""The file of an evaluation in pieces: text, and the numbers that a page may change.

It is written as a person would write it, and read again: where it does not say exactly the same, there is none.
"""

from collections.abc import Mapping
from io import BytesIO

import attrs

from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation
from derive.network.compile import compiled, plan_of
from derive.network.network import Network
from derive.reading.equations_file import computation_of, has_equations
from derive.reading.files import MAX_PARAMETERS, parsed_from
from derive.reading.graph_file import graph_of, has_blocks
from derive.reading.network_file import network_of
from derive.render.toml.blocks import blocks_document
from derive.render.toml.equations import equations_document
from derive.render.toml.layers import layers_document
from derive.render.toml.text import Document, Key, Piece, Unwritable, pieces, written

Read = tuple[Computation, Plan]


@attrs.frozen(slots=False, repr=False)
class _Planned(Computation):
    """A computation as a file says it, with its plan."""

    plan: Plan = attrs.field(factory=Plan)


def toml_pieces(evaluation: Evaluation, ids: Mapping[Key, str]) -> list[Piece] | None:
    """Return the file with the ids of the numbers that may change, each in a list; None where no file says the same.

    ``ids`` are by the keys of `derive.evaluation.explored`. A computation without a file has a number such as 1/3,
    a term that no formula makes, or outputs that only its network knows.
    """
    try:
        document = _document(evaluation.computation, evaluation.plan)
        found = pieces(written(document, ids))
        same = _is_same(_read(written(document, {})), (evaluation.computation, evaluation.plan))
    except (Unwritable, InputError):
        return None
    return found if same else None


def _document(computation: Computation, plan: Plan) -> Document:
    if computation.layers is not None:
        return layers_document(computation, computation.layers, plan)
    return blocks_document(computation, plan) if computation.groups else equations_document(computation, plan)


def _read(text: str) -> Read:
    """Return what a file says; raises `InputError` for one that is refused."""
    file = parsed_from(BytesIO(text.encode()))
    if has_blocks(file.data) or has_equations(file.data):
        found = (graph_of if has_blocks(file.data) else computation_of)(file.data, _Planned)
        return found, found.plan
    network = network_of(file, Network, MAX_PARAMETERS)
    return compiled(network), plan_of(network)


def _is_same(found: Read, wanted: Read) -> bool:
    """Whether both are the same; what a user holds may know more of itself than a computation."""
    names = [field.name for field in attrs.fields(Computation)]
    is_equal = all(getattr(found[0], name) == getattr(wanted[0], name) for name in names)
    return is_equal and found[1] == wanted[1]
