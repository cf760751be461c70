"""The work on a class, spread by joblib: over processes of this machine, or over what joblib has a backend for.

There is one `joblib.Parallel` call and no engine of our own. A job is a function of plain data; what does not depend on
a student is prepared once in each process.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from derive.errors import DeriveError, InputError, InternalError, Message, shown
from derive.reading.roster import Student

LARGEST_BATCH = 16  # students of a job: what is sent to and fro costs little beside them
BATCHES_EACH = 4  # at least, for each process, so that all end at about the same time
INSTALL = "pip install 'derive-backprop[class]'"
DASK, RAY, SPARK = "dask", "ray", "spark"
NEEDS = {DASK: ("distributed", "pip install distributed"), RAY: ("ray", "pip install ray")}
NEEDS[SPARK] = ("joblibspark", "pip install joblibspark")


@dataclass(frozen=True)
class Made:
    """What belongs to one student: files by folder and ending, as in "sheets/.pdf", and their part of the key."""

    files: Mapping[str, bytes]
    entry: Any = field(default=None, repr=False)


Maker = Callable[[Student], Made]
Outcome = Made | Message  # a sentence where one student's files could not be made


class Recipe(Protocol):
    """All that the sheets of a class are made of, as plain data that goes to other processes."""

    @property
    def settings(self) -> str:
        """A hash of everything in it."""

    def maker(self) -> Maker:
        """Return what makes one student's files, with all that is the same for every student prepared."""


@dataclass(frozen=True)
class Engine:
    """Where the work is done: joblib's name of the backend, and what it is told."""

    backend: str = "loky"
    told: Mapping[str, str] = field(default_factory=dict)


LOCAL = Engine()  # processes of this machine


def engine_of(text: str) -> Engine:
    """Return the engine of a word; raises `InputError` for none of them, and where its library is not installed.

    >>> engine_of("")
    Engine(backend='loky', told={})
    """
    if not text:
        return LOCAL
    name, _, address = text.partition(":")
    name = name.strip().lower()
    if name not in NEEDS or bool(address) != (name == DASK):
        raise InputError(
            "--engine: found {found}; expected {dask}, {ray} or {spark}.",
            found=shown(text),
            dask="dask:ADDRESS",
            ray=RAY,
            spark=SPARK,
        )
    try:
        _register(name)
    except ImportError:
        library, command = NEEDS[name]
        raise InputError(
            "{place}: needs {library}, which is not installed; install it with: {command}",
            place=f"--engine {name}",
            library=library,
            command=command,
        ) from None
    return Engine(name, {"scheduler_host": address} if address else {})


def _register(name: str) -> None:
    """Make the backend known to joblib, by its library's own means."""
    if name == DASK:
        import distributed  # noqa: F401  (joblib registers it itself)
    elif name == RAY:
        from ray.util.joblib import register_ray

        register_ray()
    else:
        from joblibspark import register_spark

        register_spark()


def outcomes(
    recipe: Recipe, students: Sequence[Student], jobs: int, engine: Engine
) -> Iterator[tuple[Student, Outcome]]:
    """Yield what becomes of each student, in their order, as the work goes on.

    Raises `InputError` where joblib is not installed, or an engine cannot be reached or loses its processes.
    """
    try:
        import joblib
    except ImportError:
        raise InputError(
            "{place}: needs {library}, which is not installed; install it with: {command}",
            place="--roster",
            library="joblib",
            command=INSTALL,
        ) from None
    try:
        with joblib.parallel_config(backend=engine.backend, n_jobs=_count(jobs, engine), **engine.told):
            batches = _batches(students, joblib.effective_n_jobs(_count(jobs, engine)))
            work = (joblib.delayed(made_batch)(recipe, batch) for batch in batches)
            done = chain.from_iterable(_parallel(joblib)(work))
            yield from zip(students, done, strict=True)
    except DeriveError:
        raise
    except Exception as error:  # of the pools and of the network, each library's own; what jobs raise is derive's
        raise InputError(
            "the processes that make the sheets were lost or could not be reached ({reason}). What is done is kept: "
            "run the command again, with fewer --jobs if memory is short.",
            reason=str(error).strip().partition("\n")[0] or type(error).__name__,
        ) from None


def _batches(students: Sequence[Student], processes: int) -> list[Sequence[Student]]:
    size = max(1, min(LARGEST_BATCH, -(-len(students) // (BATCHES_EACH * processes))))
    return [students[start : start + size] for start in range(0, len(students), size)]


def _count(jobs: int, engine: Engine) -> int:
    """Return how many jobs run at a time; an engine that has machines of its own has as many as these take."""
    return jobs if engine == LOCAL or jobs > 1 else -1


def _parallel(joblib: Any) -> Any:
    """Return joblib's way to run jobs, which gives results as they come where the backend can do that."""
    try:
        return joblib.Parallel(batch_size=1, return_as="generator")
    except ValueError:
        return joblib.Parallel(batch_size=1)


_prepared: list[tuple[Recipe, Maker]] = []  # of this process, the last one


def made_batch(recipe: Recipe, students: Sequence[Student]) -> list[Outcome]:
    """Return what becomes of some students; one who fails is no reason for others to."""
    if not _prepared or _prepared[0][0] != recipe:
        _prepared[:] = [(recipe, _maker(recipe))]
    make = _prepared[0][1]
    return [_outcome(make, student) for student in students]


def _maker(recipe: Recipe) -> Maker:
    try:
        return recipe.maker()
    except DeriveError:
        raise
    except Exception as error:
        raise InternalError(f"{type(error).__name__}: {error}") from None


def _outcome(make: Maker, student: Student) -> Outcome:
    try:
        return make(student)
    except DeriveError as error:
        return error.message
    except Exception as error:  # a fault of derive's own, of which the others' sheets know nothing
        return InternalError(f"{type(error).__name__}: {error}").message
