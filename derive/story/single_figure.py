"""One figure by itself, by the name under which a person asks for it: network, path:w5, computation, training."""

from derive.checks import unknown
from derive.errors import InputError, Message, Whole, shown, similar, suggestion
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language
from derive.story.document import Document, Figure, FigureBlock
from derive.story.figures import CURVE, computation_scene, figures
from derive.story.graph_figures import path_picture
from derive.training.run import Training

NAMES = ("network", "path", "computation", "training")
DESCRIPTIONS = {
    "network": Message("The network with its numbers."),
    "path": Message("The paths by which the error reaches one parameter."),
    "computation": Message("The computational graph, with every value, gradient and local derivative."),
    "training": Message("The error over the iterations."),
}
GRAPH_DESCRIPTIONS = {
    **DESCRIPTIONS,
    "computation": Message("The computational graph, with every value and gradient."),
    "path": Message("The paths by which one quantity changes the result."),
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
    if computation.layers is None:
        return _of_a_graph(evaluation, training, kind, parameter, digits, language)
    named = computation.parameters
    if parameter and parameter not in named:
        raise unknown(parameter, named)
    if kind == "path" and not computation.objective:
        raise InputError("figure: found only a forward pass, without an error for paths to lead to.")
    if kind == "computation" and computation_scene(evaluation, digits, language) is None:
        raise InputError(
            "figure: the computation has no gradient, or more quantities than one drawing can show; choose another "
            "figure, such as network."
        )
    if kind == "training" and training is None:
        raise InputError("figure: the network asks for no training; add iterations below [training].")
    return _drawn(evaluation, training, kind, parameter, DESCRIPTIONS[kind], digits, language)


def _of_a_graph(
    evaluation: Evaluation, training: Training | None, kind: str, parameter: str, digits: int, language: Language
) -> Figure:
    """Return the figure of a computation that no layers describe: what else shows a network is its graph here."""
    computation = evaluation.computation
    if parameter and parameter not in computation.kinds:
        raise unknown(parameter, tuple(computation.kinds))
    if kind == "path" and not computation.objective:
        raise InputError("figure: nothing is differentiated here, so no path leads anywhere; choose computation.")
    if kind == "training" and training is None:
        raise InputError("figure: no training is asked for; add iterations below [training].")
    is_drawn = kind == "training" or (
        path_picture(computation, parameter, language.say)
        if parameter
        else computation_scene(evaluation, digits, language)
    )
    if not is_drawn:
        raise InputError(
            "figure: the computation has {found} quantities, which one drawing has no room for; derive show prints "
            "each.",
            found=Whole(len(computation.kinds)),
        )
    kind = "computation" if kind == "network" else kind
    return _drawn(evaluation, training, kind, parameter, GRAPH_DESCRIPTIONS[kind], digits, language)


def _drawn(
    evaluation: Evaluation,
    training: Training | None,
    kind: str,
    parameter: str,
    description: Message,
    digits: int,
    language: Language,
) -> Figure:
    key = {"training": CURVE, "path": f"path-{parameter}"}.get(kind, kind)
    block = FigureBlock(key, language.say(description), "")
    return figures(Document(evaluation.computation.title, (block,)), evaluation, training, digits, language)[key]
