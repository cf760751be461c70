"""What a renderer may need of a handout."""

from collections.abc import Mapping
from typing import Protocol

from derive.evaluation.evaluation import Evaluation
from derive.story.document import Document, Figure
from derive.story.handout_options import HandoutOptions
from derive.story.markdown import Markdown
from derive.training.run import Training
from derive.verification import Report


class Rendered(Protocol):
    """A handout as a renderer takes it; the article, its blocks and its figures are made when they are asked for."""

    @property
    def name(self) -> str:
        """What the names of its files begin with."""

    @property
    def pdf_variant(self) -> str | None:
        """The standard of accessibility that a PDF shall follow, such as "pdf/ua-2"; None for none."""

    @property
    def options(self) -> HandoutOptions:
        """Digits, form, language, page, templates and the like."""

    @property
    def evaluation(self) -> Evaluation:
        """The numbers that are printed; ``evaluation.computation`` has the equations and the title."""

    @property
    def training(self) -> Training | None:
        """The training that is shown, None where there is none."""

    @property
    def report(self) -> Report:
        """What was checked: every line held."""

    @property
    def markdown(self) -> Markdown:
        """The article as Markdown with mathematics; figures are ``figure:NAME``."""

    @property
    def document(self) -> Document:
        """The article as blocks."""

    @property
    def figures(self) -> Mapping[str, Figure]:
        """The figures that the article shows, by name."""
