"""The handout: the article of a derivation, written in the formats that are asked for."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from derive import figure
from derive.calculus.chain import Derivation
from derive.errors import InputError, InternalError, Message
from derive.language.language import Language, language
from derive.language.templates import Templates, broken, user_folder
from derive.notation import value_text
from derive.numbers.exact import Synonyms, check_digits, one_of, sequence
from derive.reading.files import base_name, folder_path, readable
from derive.stored import Stored
from derive.story import article
from derive.story.computations import computation_scene
from derive.story.diagrams import network_diagram, path_diagram
from derive.story.document import Document, Figure, FigureBlock, parse
from derive.story.options import DETAILS, FORMATS, FORMS, PDF_VARIANTS, ROUNDINGS, USUAL_FORMATS
from derive.story.page import Page
from derive.typeset.errors import MathError
from derive.verification import Report, verify
from derive.writing import NotWritten, write_all

OTHER_FORMATS = Synonyms(
    same={"htm": "html", "latex": "tex", "markdown": "md", "jupyter": "ipynb", "notebook": "ipynb"}
)
WORDS = {"detail": DETAILS, "form": FORMS, "rounding": ROUNDINGS}
CURVE = "training-iterations-error"
CURVE_LABELS = (Message("iterations"), Message("error"))

NAME = Message("the name of the handout")

Progress = Callable[[str], None]


def rounded(derivation: Derivation, rounding: str, digits: int) -> Derivation:
    """Return the derivation with values carried on in full, or rounded to that many decimals each."""
    by_hand = one_of(rounding, ROUNDINGS, "rounding") == "by-hand"
    return derivation.by_hand(digits) if by_hand else replace(derivation, rounding=None)


@dataclass(frozen=True)
class Handout(Stored):
    """The article of one derivation; ``write`` makes the files.

    ``detail`` is "article" or "full", ``digits`` the number of decimals (1 to 1,000), ``form`` "scalar", "matrix" or
    "both", ``rounding`` "exact", where only what is printed is rounded, or "by-hand", where every intermediate result
    is rounded to ``digits`` (at most 20 then) and carried on so, ``language`` "en", "pt-BR", "es", one with a region
    such as "es-MX", whose numbers are written as there, or None, the one of the environment. ``paper`` is "a4" or
    "letter", ``notes_margin`` leaves room for notes beside the text, ``author``, ``course`` and ``date`` stand under
    the title, and ``template`` is a folder with templates that take the place of the package's. Raises `InputError`
    for anything else.

    >>> import derive
    >>> handout = derive.load("article").derive().handout(digits=4)
    >>> handout.markdown.splitlines()[0]
    '# A step by step example'
    """

    derivation: Derivation
    detail: str = "article"
    digits: int = 9
    form: str = "scalar"
    rounding: str = "exact"
    language: str | None = None
    paper: str = "a4"
    notes_margin: bool = False
    author: str = ""
    course: str = ""
    date: str = ""
    template: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        for place, words in WORDS.items():
            object.__setattr__(self, place, one_of(getattr(self, place), words, place))
        object.__setattr__(self, "digits", check_digits(self.digits))
        # Refuses an unknown language or page, digits that are too many for rounding by hand, and a missing folder.
        _ = (self.reader_language, self.page, self.shown, self.templates)

    @cached_property
    def shown(self) -> Derivation:
        """The derivation with the numbers that are printed."""
        return rounded(self.derivation, self.rounding, self.digits)

    @cached_property
    def reader_language(self) -> Language:
        """The language of the sentences and numbers."""
        return language(self.language)

    @cached_property
    def page(self) -> Page:
        """The paper, the margins, and the lines under the title."""
        return Page(self.paper, self.notes_margin, self.author, self.course, self.date)

    @cached_property
    def templates(self) -> Templates:
        """The templates: the user's where they are there, else the package's."""
        return Templates(user_folder(self.template))

    @cached_property
    def report(self) -> Report:
        """What was checked; raises `derive.verification.VerificationError` where a line does not hold."""
        return verify(self.shown if self.shown.rounding is None else replace(self.shown, rounding=None))

    @cached_property
    def markdown(self) -> article.Markdown:
        """The article as Markdown with mathematics; figures are ``figure:NAME``."""
        return article.write(
            self.shown,
            detail=self.detail,
            digits=self.digits,
            form=self.form,
            report=self.report,
            language=self.reader_language,
            page=self.page,
            templates=self.templates,
        )

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
            if not self.templates.owns(article.ARTICLE):
                raise
            reason = str(error.message.fields["what"]) if isinstance(error, InternalError) else str(error)
            raise broken(str(self.templates.path(article.ARTICLE)), reason) from None

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The figures that the article shows, by name."""
        return {block.name: self._figure(block) for block in self.document.blocks if isinstance(block, FigureBlock)}

    def _figure(self, block: FigureBlock) -> Figure:
        if block.name == CURVE and self.shown.training:
            return self._curve(block)
        if block.name == "computation":
            return self._computation(block)
        _, _, parameter = block.name.partition("path-")
        if block.name != "network" and parameter not in self.shown.parameters:
            raise InternalError(f"the article shows the figure {block.name!r}, which there is not")
        if parameter:
            diagram = path_diagram(self.shown, parameter, self._value)
        else:
            diagram = network_diagram(self.shown, self._value)
        return Figure(figure.svg(diagram, block.description), figure.tikz(diagram), compact=diagram.compact)

    def _computation(self, block: FigureBlock) -> Figure:
        scene = computation_scene(self.shown, self.digits, self.reader_language)
        assert scene is not None  # the article shows the figure only where there is one
        drawn = figure.scene_svg(scene, block.description), figure.scene_tikz(scene)
        return Figure(*drawn, natural=True, sideways=figure.is_wide(scene.width))

    def _curve(self, block: FigureBlock) -> Figure:
        from derive.render.latex_text import escape

        training, words = self.shown.training, self.reader_language
        rows = training.curve if training else ()
        x_label, y_label = map(words.say, CURVE_LABELS)
        points = tuple((row.iteration, row.error) for row in rows)
        curve = figure.Curve(points, x_label, y_label, words.written)
        return Figure(figure.curve_svg(curve, block.description), figure.curve_tikz(curve, escape))

    def _value(self, name: str) -> str:
        decimal = self.shown.evaluation.quantity(name).decimal(min(self.digits, 4))
        return self.reader_language.number(value_text(decimal))

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
            made |= self.render(format_, base, variant)
        return _write_all(place, made)

    def lacks(self, format_: str) -> InputError | None:
        """Return why a format has no way to show this handout's title or the lines under it, None where it has."""
        if format_ != "tex":
            return None
        from derive.render.latex_text import escape

        try:
            for place, text in {"title": self.derivation.network.title, **self.page.named_lines}.items():
                escape(text, place)
        except InputError as error:
            return error
        return None

    def render(self, format_: str, name: str = "handout", pdf_variant: str | None = None) -> dict[str, bytes]:
        """Return the files of one format: name and content."""
        wanted, base = one_of(format_, FORMATS, "format", OTHER_FORMATS), base_name(name, NAME)
        variant = _variant(pdf_variant)
        _ = self.report  # nothing is written that was not verified
        with self._article_blamed():
            return self._rendered(wanted, base, variant)

    def _rendered(self, format_: str, name: str, pdf_variant: str | None) -> dict[str, bytes]:
        page: dict[str, Any] = {"language": self.reader_language, "page": self.page, "templates": self.templates}
        # A renderer is imported when its format is asked for: WeasyPrint takes longer to load than the rest to run.
        if format_ == "json":
            from derive.render import data

            return {f"{name}.json": data.render(self.shown, self.digits, self.report, self.page).encode()}
        if format_ == "md":
            from derive.render import markdown

            text, pictures = markdown.render(self.markdown, self.figures, prefix=name)
            return {f"{name}.md": text.encode()} | {file: picture.encode() for file, picture in pictures.items()}
        if format_ == "tex":
            from derive.render import latex

            return {f"{name}.tex": latex.render(self.document, self.figures, **page).encode()}
        if format_ == "html":
            from derive.render import html

            return {f"{name}.html": html.render(self.document, self.figures, **page).encode()}
        if format_ == "ipynb":
            from derive.render import notebook

            return {
                f"{name}.ipynb": notebook.render(
                    self.document,
                    self.figures,
                    self.shown,
                    form=self.form,
                    digits=self.digits,
                    language=self.reader_language,
                ).encode()
            }
        from derive.render import pdf

        return {f"{name}.pdf": pdf.render(self.document, self.figures, variant=pdf_variant, **page)}


def _wanted(formats: Iterable[str]) -> list[str]:
    """Return the formats by their usual names, in the order in which they are given; a set has none."""
    given = [formats] if isinstance(formats, str) else sorted(formats, key=str) if isinstance(formats, Set) else formats
    found = sequence(given, "formats", Message("a list of formats"))
    return [one_of(format_, FORMATS, "format", OTHER_FORMATS) for format_ in found]


def _variant(given: str | None) -> str | None:
    return None if given is None else one_of(given, PDF_VARIANTS, Message("pdf variant"))


def _write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    try:
        return write_all({folder / name: content for name, content in files.items()})
    except NotWritten as failed:
        raise InputError(
            "{path}: cannot be written ({reason}); name another folder with -o.",
            path=readable(str(failed.path)),
            reason=failed.reason,
        ) from None
