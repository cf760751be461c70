"""Training as a user holds it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from derive.errors import InputError, Message
from derive.figure.curve import LOG_ITERATIONS, LOG_RATIO
from derive.language.language import language
from derive.render.jupyter import training_html
from derive.story.figures import CURVE_LABELS
from derive.training import certified, run

INSTALL = "pip install matplotlib"


@dataclass(frozen=True, repr=False)
class Training(run.Training):
    __doc__ = run.Training.__doc__

    def certified(self, digits: int = 9, *, progress: Callable[[int], None] | None = None) -> certified.Certified:
        """Return the same training as it is printed, with so many decimals: no digit that is neither sure nor marked.

        The errors of the rows, the last outs and the last parameters are calculated anew in ball arithmetic when this
        is asked for; ``progress`` is told the steps done at each precision. Raises `InputError` for digits outside
        1 to 1,000.

        >>> import derive
        >>> training = derive.load("article").derive().train(10)
        >>> training.certified(20).errors[-1]
        Reading(text='0.22091859205390406322', sure='certain')
        """
        return certified.certified(self, digits, progress=progress)

    def plot(self, axes: Any = None) -> Any:
        """Draw the error over the iterations with matplotlib, into ``axes`` or new ones, and return them.

        The axes are logarithmic where those of the handout's curve are. Raises `InputError` where there are no axes to
        draw into and matplotlib is not installed.
        """
        found = _pyplot().subplots()[1] if axes is None else axes
        iterations, errors = zip(*self.curve, strict=True)
        found.plot(iterations, errors)
        if iterations[-1] >= LOG_ITERATIONS:
            found.set_xscale("symlog")
        if min(errors) > 0 and max(errors) / min(errors) > LOG_RATIO:
            found.set_yscale("log")
        words = language()
        x_label, y_label = map(words.say, CURVE_LABELS)
        found.set(xlabel=x_label, ylabel=y_label, title=words.say(Message(self.evaluation.computation.title)))
        return found

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": training_html(self)}

    @classmethod
    def of(cls, training: run.Training) -> "Training":
        """Return the training with its doors."""
        return cls(**{field.name: getattr(training, field.name) for field in fields(training)})


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot
    except ImportError:
        raise InputError(
            "{place}: needs {library}, which is not installed; install it with: {command}",
            place="plot",
            library="matplotlib",
            command=INSTALL,
        ) from None
    return matplotlib.pyplot
