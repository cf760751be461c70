"""Training as a user holds it."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from derive.render.jupyter import training_html
from derive.training import certified, run


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

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": training_html(self)}

    @classmethod
    def of(cls, training: run.Training) -> "Training":
        """Return the training with its doors."""
        return cls(**{field.name: getattr(training, field.name) for field in fields(training)})
