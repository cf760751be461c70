"""One figure by itself, by the name under which a person asks for it: network, path:w5, computation, training."""

from derive.checks import unknown
from derive.errors import InputError, Message, shown, similar, suggestion
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language
from derive.story.document import Document, Figure, FigureBlock
from derive.story.figures import CURVE, computation_scene, figures
from derive.training.run import Training

NAMES = ("network", "path", "computation", "training")
DESCRIPTIONS = {
    "network": Message("The network with its numbers."),
    "path": Message("The paths by which the error reaches one parameter."),
    "computation": Message("The computational graph, with every value, gradient and local derivative."),
    "training": Message("The error over the iterations."),
}


def split(name: str) -> tuple[str, str]:
    """Return the kind of a figure and the parameter that it is about; raises `InputError` for what is no figure.

    >>> split("Path: w5"), split("network")
    (('path', 'w5'), ('network', ''))
    """
    kind, _, parameter = (part.strip() for part in name.partition(":")) if isinstance(name, str) else ("", "", "")
    kind = kind.casefold()
    meant = "" if kind in NAMES else similar(kind, NAMES)
    if kind not in NAMES or bool(parameter) != (kind == "path"):
        raise InputError(
            "figure: found {found}; expected network, computation, training or path:NAME, where NAME is a weight or "
            "bias, such as path:w5.{hint}",
            found=shown(name),
            hint=suggestion("path:w5" if meant == "path" else meant),
        )
    return kind, parameter


def single_figure(
    evaluation: Evaluation, training: Training | None, name: str, digits: int, language: Language
) -> Figure:
    """Return the figure of that name; raises `InputError` where there is none, or it would not be readable."""
    kind, parameter = split(name)
    computation = evaluation.computation
    if computation.layers is None and kind == "network":
        kind = "computation"  # what is drawn of a network by its layers is this graph
    named = computation.parameters if computation.layers else tuple(computation.kinds)
    if parameter and parameter not in named:
        raise unknown(parameter, named)
    if kind == "path" and not computation.objective:
        raise InputError("figure: found only a forward pass, without an error for paths to lead to.")
    is_graph = kind == "computation" or (kind == "path" and computation.layers is None)
    if is_graph and computation_scene(evaluation, digits, language) is None:
        raise InputError(
            "figure: the computation has no gradient, or more quantities than one drawing can show; choose another "
            "figure, such as network."
        )
    if kind == "training" and training is None:
        raise InputError("figure: the network asks for no training; add iterations below [training].")
    key = {"training": CURVE, "path": f"path-{parameter}"}.get(kind, kind)
    block = FigureBlock(key, language.say(DESCRIPTIONS[kind]), "")
    return figures(Document(computation.title, (block,)), evaluation, training, digits, language)[key]
