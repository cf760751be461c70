"""The handout: the article of a derivation, written in the formats that are asked for."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Protocol

import attrs

from derive.checks import one_of, sequence
from derive.computation.wellformed import check_step_names
from derive.errors import InputError, InternalError, Message
from derive.evaluation.evaluation import Evaluation
from derive.language.templates import broken
from derive.numbers.brief import settings
from derive.reading.files import base_name, folder_path
from derive.render import files
from derive.render.collector import resting
from derive.render.formats import FORMATS, USUAL_FORMATS, format_name
from derive.stored import Stored
from derive.story import article
from derive.story.document import Document, Figure
from derive.story.figures import figures
from derive.story.handout_options import HandoutOptions
from derive.story.markdown import Markdown
from derive.story.options import PDF_VARIANTS
from derive.story.parse import parse
from derive.training.run import Training
from derive.typeset.errors import MathError
from derive.verification import Report, verify

NAME = Message("the name of the handout")

Progress = Callable[[str], None]


class Derived(Protocol):
    """What a handout is made of: the numbers of a derivation, and the training that its plan asks for."""

    @property
    def evaluation(self) -> Evaluation:
        """The number of every quantity and of every partial."""

    @property
    def training(self) -> Training | None:
        """The training that is shown, None where there is none."""


@attrs.frozen(slots=False, repr=False)
class Handout(Stored, HandoutOptions):
    """The article of one derivation; ``write`` makes the files.

    Its options are those of `derive.story.handout_options.HandoutOptions`, by name. With ``rounding`` "exact" only what
    is printed is rounded, with "by-hand" every intermediate result to ``digits`` (at most 20 then), and carried on so;
    with "significant" as well, and ``digits`` are significant ones. Raises `InputError` for an option that is none.

    >>> import derive
    >>> handout = derive.load("article").derive().handout(digits=4)
    >>> handout.markdown.splitlines()[0]
    '# A step by step example'
    """

    derivation: Derived

    def __attrs_post_init__(self) -> None:
        _ = self.shown  # refuses digits that are too many for rounding by hand
        evaluation = self.derivation.evaluation
        computation, optimizer = evaluation.computation, evaluation.plan.optimizer
        if computation.layers is None and computation.objective and not computation.parameters:
            raise InputError(
                "found no parameter that {objective} depends on; expected at least one, to differentiate by it.",
                objective=computation.objective,
            )
        if computation.layers is None and computation.trained:  # a network has looked at its own names
            check_step_names(computation.kinds, optimizer.name, optimizer.step_names)

    def __repr__(self) -> str:
        options = settings(self, without=("derivation",))
        return f"<Handout of {self.derivation.evaluation.summary}{''.join(f', {option}' for option in options)}>"

    @cached_property
    def shown(self) -> Evaluation:
        """The numbers that are printed."""
        evaluation = self.derivation.evaluation
        if self.rounding == "exact":
            return evaluation.in_full
        return evaluation.by_hand(self.digits, significant=self.rounding == "significant")

    @property
    def training(self) -> Training | None:
        """The training that is shown."""
        return self.derivation.training

    @cached_property
    def report(self) -> Report:
        """What was checked; raises `derive.verification.VerificationError` where a line does not hold."""
        return verify(self.shown.in_full)

    @cached_property
    def markdown(self) -> Markdown:
        """The article as Markdown with mathematics; figures are ``figure:NAME``."""
        return article.write(self.shown, self.training, self, self.report)

    @cached_property
    def document(self) -> Document:
        """The article as blocks, which every renderer reads."""
        with self._article_blamed():
            found = parse(self.markdown)
            if not found.title:
                raise InternalError("the article has no title; one heading has a single #")
        return found

    @contextmanager
    def _article_blamed(self) -> Iterator[None]:
        """Say that a user's article template is wrong, where it is the user's and the article cannot be set."""
        try:
            yield
        except (InternalError, MathError, RecursionError) as error:
            changed = self.templates.changed(article.template_of(self.shown))
            if not changed:
                raise
            reason = str(error.message.fields["what"]) if isinstance(error, InternalError) else str(error)
            raise broken(", ".join(map(str, changed)), reason) from None

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The figures that the article shows, by name."""
        return figures(self.document, self.shown, self.training, self.digits, self.reader_language)

    def write(
        self,
        folder: str | os.PathLike[str] = "output",
        formats: Iterable[str] = USUAL_FORMATS,
        *,
        name: str = "handout",
        pdf_variant: str | None = None,
        progress: Progress = lambda _: None,
    ) -> list[Path]:
        """Write the handout as ``folder/name.format`` for each format and return the paths.

        All files are made before the first is written, and all are written or none: see `derive.writing.write_all` for
        modes, links and what is refused. What an earlier run wrote under other names stays. ``pdf_variant`` is
        "pdf/ua-1" or "pdf/ua-2" for a PDF that follows that standard of accessibility; it is tagged without it, too.
        ``progress`` is told each format before it is made. Raises `InputError` for an unknown format or variant and a
        folder that cannot be written to.
        """
        wanted = _wanted(formats)
        place, base = folder_path(folder), base_name(name, NAME)
        variant = _variant(pdf_variant)
        made: dict[str, bytes] = {}
        for format_ in dict.fromkeys(wanted):
            progress(format_)
            made = files.joined(made, self.render(format_, base, variant), format_)
        return files.write(place, made)

    def write_file(
        self, file: str | os.PathLike[str], format_: str | None = None, *, pdf_variant: str | None = None
    ) -> list[Path]:
        """Write the handout as that very file, in the format that its ending says or that is given; return the paths.

        Drawings that a format keeps in files of their own are written beside it. Raises `InputError` as `write` does,
        and for an ending that is no format's.
        """
        path = folder_path(file)
        named = format_name(path.suffix[1:] if format_ is None else format_)
        made = self.render(named, base_name(path.stem, NAME), _variant(pdf_variant))
        return files.write(path.parent, files.under_name(made, FORMATS[named].ending, path.name))

    def lacks(self, format_: str) -> InputError | None:
        """Return why a format has no way to show this handout's title or the lines under it, None where it has."""
        return FORMATS[format_name(format_)].lacks(_Named(self))

    def render(self, format_: str, name: str = "handout", pdf_variant: str | None = None) -> dict[str, bytes]:
        """Return the files of one format: name and content."""
        wanted = FORMATS[format_name(format_)]
        named = _Named(self, base_name(name, NAME), _variant(pdf_variant))
        with resting():
            _ = self.report  # nothing is written that was not verified
            with self._article_blamed():
                return wanted.render(named)


@attrs.frozen
class _Named:
    """A handout with the name of its files, as `derive.render.rendered.Rendered` describes it."""

    options: Handout
    name: str = "handout"
    pdf_variant: str | None = None

    @property
    def evaluation(self) -> Evaluation:
        return self.options.shown

    @property
    def training(self) -> Training | None:
        return self.options.training

    @property
    def report(self) -> Report:
        return self.options.report

    @property
    def markdown(self) -> Markdown:
        return self.options.markdown

    @property
    def document(self) -> Document:
        return self.options.document

    @property
    def figures(self) -> Mapping[str, Figure]:
        return self.options.figures


def _wanted(formats: Iterable[str]) -> list[str]:
    """Return the formats by their usual names, in the order in which they are given; a set has none."""
    given = [formats] if isinstance(formats, str) else sorted(formats, key=str) if isinstance(formats, Set) else formats
    return [format_name(word) for word in sequence(given, "formats", Message("a list of formats"))]


def _variant(given: str | None) -> str | None:
    return None if given is None else one_of(given, PDF_VARIANTS, Message("pdf variant"))
