"""The article as a Jupyter notebook: its text, and behind each line the Python that calculates it.

The code needs NumPy and nothing else. It is made of the network's numbers and of identifiers that were checked; what a
user wrote as text stays text. The notebook is stored without outputs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import nbformat
from nbformat import v4

from derive.errors import InputError, Message
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language
from derive.lines import ids
from derive.render.notebook.arrays import Arrays
from derive.render.notebook.comparison import Comparison
from derive.render.notebook.equations import EquationFunctions, Equations
from derive.render.notebook.functions import Functions
from derive.render.notebook.names import Names
from derive.render.notebook.python import tuple_lines
from derive.render.notebook.scalars import Scalars
from derive.render.notebook.text import Writer, escape
from derive.render.rendered import Rendered
from derive.story.document import Display, Document, Figure, Heading, Place, Rule, Table
from derive.story.markdown import anchor_of, anchor_of_place
from derive.training.run import Training

INTRODUCTION = Message(
    "The code cells compute every step of this handout in plain Python with NumPy. Run them from top to bottom; "
    "the last one compares the results with the digits of the handout."
)
SAMPLES = Message("There are several samples, so each quantity is an array with one value per sample, in order.")
LAYERS = Message("Here one line computes a whole layer; a single number of the handout is an entry of an array.")
BY_HAND = Message("Each value is rounded as in the handout, and the code uses the rounded value from then on.")
NUMBERS = Message("The initial numbers")
FUNCTIONS = Message("The functions of the network")
FUNCTIONS_OF_EQUATIONS = Message("The functions in the equations")
CLOSING = Message("The code and the handout")
INFINITE = Message("Some numbers are beyond the range of floats: for these, inf and nan are not mistakes.")
PRINTING = """\
import numpy as np

np.set_printoptions(precision=16)
if not np.__version__.startswith("1."):
    np.set_printoptions(legacy="1.25")"""
MOST_SHOWN = 80  # a longer tuple of variables says less than nothing
Cell = tuple[str, str, Mapping[str, Any]]  # its kind, its source and its attachments


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the notebook as one file."""
    cells = _cells(handout)
    numbered = [_cell(v4, number, *cell) for number, cell in enumerate(cells, start=1)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = v4.new_notebook(cells=numbered, metadata={**kernel, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return {f"{handout.name}.ipynb": f"{nbformat.writes(notebook)}\n".encode()}


def _cells(handout: Rendered) -> list[Cell]:
    """Return all cells; where a number leaves the range of floats, those of code that goes on with infinity."""
    evaluation, training, options = handout.evaluation, handout.training, handout.options
    language = options.reader_language
    for beyond in (False, True):
        code = _code(evaluation, options.form, language, trains=training is not None, beyond=beyond)
        writer = _Cells(evaluation, training, handout.figures, code, language)
        cells = list(writer.all(handout.document))
        sources = [source for kind, source, _ in cells if kind == "code"]
        try:
            comparison = Comparison(evaluation, training, code.main, language, options.digits, sources, writer.ends)
        except NameError as error:
            if options.templates.folder is None:
                raise
            raise InputError(
                "{place}: the notebook goes on with {name}, which no section of the template calculates; include the "
                "section that does, or leave the format {format} out.",
                place=str(options.templates.folder),
                name=repr(error.name),
                format="ipynb",
            ) from None
        if not comparison.bounds.unknown:
            break
    closing = "\n\n".join(filter(None, [f"## {escape(language.say(CLOSING))}", comparison.limits()]))
    return [*cells, ("markdown", closing, {}), ("code", comparison.code(), {})]


def _cell(v4: Any, number: int, kind: str, source: str, attachments: Mapping[str, Any]) -> Any:
    if kind == "code":
        return v4.new_code_cell(source, id=f"cell-{number}")
    more = {"attachments": attachments} if attachments else {}
    return v4.new_markdown_cell(source, id=f"cell-{number}", **more)


# For each place of the handout, who writes what is calculated there, and what makes it do so.
Labels = dict[str, list[tuple[Scalars | Arrays, Callable[[], list[str]]]]]


@dataclass(frozen=True)
class _Code:
    """What calculates: ``main`` all lines, or those of single quantities, ``matrices`` those of whole layers beside."""

    definitions: tuple[str, ...]
    main: Scalars | Arrays
    matrices: Arrays | None

    def labels(self) -> Labels:
        """Return, for each place of the handout, who calculates what is shown there."""
        found: Labels = defaultdict(list)
        for label, show in self.main.labels():
            found[anchor_of(label)].append((self.main, show))
        for name, show in self.main.places_shown():
            found[anchor_of_place(name)].append((self.main, show))
        if self.matrices:
            for label, show in self.matrices.matrix_labels():
                found[anchor_of(label)].append((self.matrices, show))
        return found


def _code(evaluation: Evaluation, form: str, language: Language, *, trains: bool, beyond: bool) -> _Code:
    computation = evaluation.computation
    names = Names([*computation.kinds, evaluation.plan.learning_rate_name])
    functions = (Functions if computation.layers else EquationFunctions)(evaluation, names)
    in_training = replace(functions, evaluation=evaluation.in_full) if trains else None
    # Made here, as their names come before those of what is calculated.
    definitions = tuple(functions.definitions(lambda message: " ".join(language.say(message).split()), in_training))
    if computation.layers is None:
        return _Code(definitions, Equations(evaluation, names, functions, beyond=beyond), None)
    whole = form == "matrix" or any(layer.is_large for layer in computation.layers.rows)
    main = (Arrays if whole else Scalars)(evaluation, names, functions, beyond=beyond)
    beside = Arrays(evaluation, names, functions) if form == "both" and not whole else None
    return _Code(definitions, main, beside)


@dataclass
class _Cells:
    evaluation: Evaluation
    training: Training | None
    figures: Mapping[str, Figure]
    code: _Code
    language: Language
    ends: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(self.figures)
        self.text: list[str] = []
        self.begun = False

    def all(self, document: Document) -> Iterator[Cell]:
        """Yield each cell: its kind, its source and its attachments."""
        labels = self.code.labels()
        byline = [self.writer.inline(document.byline)] if document.byline else []
        self.text = [f"# {escape(document.title)}", *byline, *self._introduction()]
        waiting: list[str] = []  # a place stands before the tables whose numbers are calculated there
        for block in [*document.blocks, Rule()]:
            if waiting and not isinstance(block, Table | Place):
                yield from self._written()
                yield from (("code", source, {}) for place in waiting for source in self._calculated(place, labels))
                waiting = []
            if isinstance(block, Heading):
                yield from self._written()
            if isinstance(block, Place | Display) and block.id:
                waiting.append(block.id)
            if not isinstance(block, Place):
                self.text.append(self.writer.block(block))
        yield from self._written()

    def _introduction(self) -> Iterator[str]:
        several = len(self.evaluation.computation.samples) > 1
        is_whole = isinstance(self.code.main, Arrays)
        rounded = self.code.main.functions.is_rounded
        said = [(True, INTRODUCTION), (several, SAMPLES), (is_whole, LAYERS), (rounded, BY_HAND)]
        yield " ".join(escape(self.language.say(message)) for holds, message in said if holds)

    def _written(self) -> Iterator[Cell]:
        if self.text:
            yield "markdown", "\n\n".join(self.text), self.writer.attachments
        self.text, self.writer = [], Writer(self.figures)

    def _calculated(self, place: str, labels: Labels) -> Iterator[str]:
        """Yield the code that belongs to a place."""
        if place == anchor_of_place(ids.START):
            yield from self._start()
        elif place == anchor_of_place(ids.TRAINED):
            yield from self._training()
        shown: list[str] = []
        lines: list[str] = []
        for writer, show in labels.get(place, ()):
            if writer is self.code.matrices and isinstance(writer, Arrays) and not self.begun:
                self.begun = True
                lines += [*writer.start(with_constants=False), ""]
            shown += show()
            lines += writer.taken()
        if lines or shown:
            yield "\n".join([*lines, *self._last(list(dict.fromkeys(shown)))])

    @staticmethod
    def _last(shown: list[str]) -> list[str]:
        if len(shown) < 2 or len(shown) > MOST_SHOWN:
            return shown[:1] if len(shown) == 1 else []
        return tuple_lines(shown)

    def _start(self) -> Iterator[str]:
        beyond = [self._comment(INFINITE), 'np.seterr(all="ignore")'] if self.code.main.beyond else []
        yield "\n".join([PRINTING, *beyond, "", self._comment(NUMBERS), *self.code.main.start()])
        if self.code.definitions:
            first, *others = self.code.definitions
            said = FUNCTIONS if self.evaluation.computation.layers else FUNCTIONS_OF_EQUATIONS
            yield "\n\n\n".join([f"{self._comment(said)}\n{first}", *others])

    def _comment(self, message: Message) -> str:
        return f"# {' '.join(self.language.say(message).split())}"

    def _training(self) -> Iterator[str]:
        training = self.training
        if training is not None and not training.divergence:
            lines, self.ends = self.code.main.training()
            yield "\n".join([*lines, self.ends[-1]])
