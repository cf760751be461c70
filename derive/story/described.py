"""What a figure shows, in words for those who do not see it: the neurons, the weights with their values, and so on.

A number that may change stands in the words as `derive.notation.slots.spoken` has it.
"""

from collections.abc import Callable, Iterable, Iterator

from derive.errors import Message, counted
from derive.figure import Computation, Diagram, Graph, Node, Quantity
from derive.notation import value_text
from derive.notation.names import name_text
from derive.notation.slots import drawn_relation, spoken

MOST_SAID = 40  # weights or quantities: of more, the tables are the place to look them up
Say = Callable[[object], str]


def network(diagram: Diagram, say: Say) -> str:
    """Return what a network's figure shows; of a compact one, what is marked in it."""
    return _joined(_marked(diagram) if diagram.compact else _network(diagram), say)


def computation(picture: Computation, say: Say) -> str:
    """Return every quantity of the figure with its value and its gradient."""
    return _values([quantity for column in picture.columns for quantity in column], say, has_relations=False)


def graph(picture: Graph, say: Say) -> str:
    """Return every quantity of a graph with its value and, where there is an objective, its gradient; or its blocks."""
    if picture.is_of_blocks:
        shown = (", ".join(filter(None, (each.value, each.gradient))) for each in picture.quantities)
        named = (f"{name_text(each.id)} ({what})" for each, what in zip(picture.quantities, shown, strict=True) if what)
        return say(Message("Blocks: {names}.", {"names": _listed(named)}))
    if picture.objective:
        return _values(picture.quantities, say, has_relations=True)
    values = (f"{name_text(each.id)} {_relation(each)} {spoken(each.value)}" for each in picture.quantities)
    return ", ".join(values) + "."


def _relation(quantity: Quantity) -> str:
    """Return the sign before a value, which follows the value where the graph tells whether that is exact."""
    return "=" if quantity.is_exact is None else spoken(drawn_relation(quantity.is_exact, quantity.value))


def path(picture: Graph, say: Say) -> str:
    """Return the quantities that are lit up, in the order in which the forward pass has them."""
    names = _listed(name_text(each.id) for each in picture.quantities if each.id in picture.marked)
    return say(Message("Marked quantities: {names}.", {"names": names}))


def _values(every: Iterable[Quantity], say: Say, *, has_relations: bool) -> str:
    """Return quantities with their values; with ≈ before those that are rounded where the drawing has that, too."""
    quantities = list(every)
    if len(quantities) > MOST_SAID:
        return ""
    return "; ".join(_value(quantity, say, has_relations) for quantity in quantities) + "."


def _value(quantity: Quantity, say: Say, has_relation: bool) -> str:
    value, gradient = spoken(quantity.value), spoken(quantity.gradient)
    fields = {"name": name_text(quantity.id), "value": value, "gradient": gradient}
    if quantity.is_exact is not False:
        text = say(Message("{name} = {value}, gradient {gradient}", fields))
    else:
        text = say(Message("{name} ≈ {value}, gradient {gradient}", fields))
    sign = "≈" if quantity.is_exact is False else "="
    return text.replace(f"{sign} {value}", f"{_relation(quantity)} {value}", 1) if has_relation else text


def curve(points: tuple[tuple[int, float], ...], number: Callable[[str], str], say: Say) -> str:
    """Return the first and the last error of the curve."""
    if not points:
        return ""
    (start, first), (end, last) = points[0], points[-1]
    words = Message(
        "From {first} at iteration {start} to {last} at iteration {end}.",
        {
            "first": number(_error_text(first)),
            "start": number(f"{start:,}"),
            "last": number(_error_text(last)),
            "end": number(f"{end:,}"),
        },
    )
    return say(words)


def _error_text(error: float) -> str:
    mantissa, _, power = f"{error:.4g}".partition("e")
    return value_text(f"{mantissa}e{int(power)}" if power else mantissa)  # e-5 where Python writes e-05


def _joined(messages: Iterable[Message], say: Say) -> str:
    return " ".join(map(say, messages))


def _network(diagram: Diagram) -> Iterator[Message]:
    nodes = [node for column in diagram.columns for node in column]
    layers = [[node.label for node in column if node.kind in ("hidden", "output")] for column in diagram.columns]
    yield Message("Inputs: {names}.", {"names": _listed(_with_value(node) for node in nodes if node.kind == "input")})
    yield Message(
        "Neurons, layer by layer: {names}.",
        {"names": "; ".join(_listed(map(name_text, layer)) for layer in layers if layer)},
    )
    weights = [edge for edge in diagram.edges if edge.label]
    if len(weights) <= MOST_SAID:
        named = (f"{name_text(edge.label)} = {spoken(edge.value)}" for edge in weights)
        yield Message("Weights: {names}.", {"names": _listed(named)})
    else:
        yield counted("{number} weight.", "{number} weights.", len(weights))
    biases = [_with_value(node) for node in nodes if node.kind == "bias"]
    if biases:
        yield Message("Biases: {names}.", {"names": _listed(biases)})
    targets = [f"{name_text(node.label)} = {spoken(node.target)}" for node in nodes if node.target]
    if targets:
        yield Message("Targets: {names}.", {"names": _listed(targets)})


def _marked(diagram: Diagram) -> Iterator[Message]:
    weights = [edge.label for edge in diagram.edges if edge.on_path and edge.label]
    neurons = [node.label for column in diagram.columns for node in column if node.id in diagram.highlighted]
    if weights and len(weights) <= MOST_SAID:
        yield Message("Marked arrows: {names}.", {"names": _listed(map(name_text, weights))})
    if neurons:
        yield Message("Marked neurons: {names}.", {"names": _listed(map(name_text, neurons))})


def _with_value(node: Node) -> str:
    return f"{name_text(node.label)} = {spoken(node.value)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
