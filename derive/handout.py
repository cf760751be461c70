"""The handout: the article of a derivation, written in the formats that are asked for."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from derive import article, figure
from derive.computations import computation_scene
from derive.derivation import Derivation
from derive.diagrams import network_diagram, path_diagram
from derive.document import Document, Figure, FigureBlock, parse
from derive.errors import InputError, InternalError, Message, Whole, reason, shown
from derive.exact import one_of
from derive.language import Language, language
from derive.notation import value_text
from derive.page import Page
from derive.templating import Templates, broken, user_folder
from derive.typeset.errors import MathError
from derive.verification import Report, verify

USUAL_FORMATS = ("pdf", "html", "tex", "md", "json")
FORMATS = (*USUAL_FORMATS, "ipynb")
DETAILS = ("article", "full")
FORMS = ("scalar", "matrix", "both")
ROUNDINGS = ("exact", "by-hand")
PDF_VARIANTS = ("pdf/ua-1", "pdf/ua-2")
MOST_DIGITS = 1000
CURVE = "training-iterations-error"
CURVE_LABELS = (Message("iterations"), Message("error"))

Progress = Callable[[str], None]


def rounded(derivation: Derivation, rounding: str, digits: int) -> Derivation:
    """Return the derivation with values carried on in full, or rounded to that many decimals each."""
    one_of(rounding, ROUNDINGS, "rounding")
    return derivation.by_hand(digits) if rounding == "by-hand" else replace(derivation, rounding=None)


@dataclass(frozen=True)
class Handout:
    """The article of one derivation; ``write`` makes the files.

    ``detail`` is "article" or "full", ``digits`` the number of decimals (1 to 1,000), ``form`` "scalar", "matrix" or
    "both", ``rounding`` "exact", where only what is printed is rounded, or "by-hand", where every intermediate result
    is rounded to ``digits`` (at most 20 then) and carried on so, ``language`` "en", "pt-BR", "es" or None, the one of
    the environment. ``paper`` is "a4" or "letter", ``notes_margin`` leaves room for notes beside the text, ``author``,
    ``course`` and ``date`` stand under the title, and ``template`` is a folder with templates that take the place of
    the package's. Raises `InputError` for anything else.

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
        one_of(self.detail, DETAILS, "detail")
        one_of(self.form, FORMS, "form")
        one_of(self.rounding, ROUNDINGS, "rounding")
        if not isinstance(self.digits, int) or not 1 <= self.digits <= MOST_DIGITS:
            raise InputError(
                "{place}: found {found}; expected a whole number from {least} to {most}.",
                place="digits",
                found=shown(self.digits),
                least=1,
                most=Whole(MOST_DIGITS),
            )

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
        except (InternalError, MathError) as error:
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

        All files are made before the first is written, and each replaces an older one in one step. ``pdf_variant`` is
        "pdf/ua-1" or "pdf/ua-2" for a PDF that follows that standard of accessibility; it is tagged without it, too.
        ``progress`` is told each format before it is made. Raises `InputError` for an unknown format or variant and a
        folder that cannot be written to.
        """
        wanted = [formats] if isinstance(formats, str) else list(formats)
        for format_ in wanted:
            one_of(format_, FORMATS, "format")
        if pdf_variant is not None:
            one_of(pdf_variant, PDF_VARIANTS, Message("pdf variant"))
        made: dict[str, bytes] = {}
        for format_ in dict.fromkeys(wanted):
            progress(format_)
            made |= self.render(format_, name, pdf_variant)
        return _write_all(Path(folder), made)

    def render(self, format_: str, name: str = "handout", pdf_variant: str | None = None) -> dict[str, bytes]:
        """Return the files of one format: name and content."""
        _ = self.report  # nothing is written that was not verified
        with self._article_blamed():
            return self._rendered(format_, name, pdf_variant)

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


def _write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _replace_all({folder / name: content for name, content in files.items()})
    except OSError as error:
        raise InputError(
            "{folder}: cannot be written to ({reason}); name another folder with -o.",
            folder=folder,
            reason=reason(error),
        ) from None


def _replace_all(files: Mapping[Path, bytes]) -> list[Path]:
    """Write every file beside its place, and only then put them there, so that nobody sees half of anything."""
    written: dict[Path, str] = {}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, written[path] = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(written[path], 0o644)
        for path in files:
            os.replace(written.pop(path), path)
    finally:
        for temporary in written.values():
            os.unlink(temporary)
    return list(files)
