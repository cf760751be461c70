"""A sheet as a renderer takes it: the Markdown of one student's sheet, or of its key, its blocks and its figures."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import attrs

from derive.evaluation.evaluation import Evaluation
from derive.lines.blanks import Blank
from derive.story import worksheet
from derive.story.document import Document, Figure
from derive.story.figures import figures
from derive.story.markdown import Markdown
from derive.story.parse import parse
from derive.story.worksheet import SheetOptions
from derive.training.run import Training
from derive.verification import Report, verify


@attrs.frozen(slots=False, repr=False)
class RenderedSheet:
    """One sheet with the name of its files, as `derive.render.rendered.Rendered` describes it.

    ``evaluation`` is the one that is shown, rounded as the sheet asks for; ``blanks`` are those of `blanks_of`.
    """

    evaluation: Evaluation
    blanks: Sequence[Blank]
    options: SheetOptions
    name: str = "worksheet"
    pdf_variant: str | None = None

    @property
    def training(self) -> Training | None:
        """None: a sheet asks for one update."""
        return None

    @cached_property
    def report(self) -> Report:
        """What was checked: every line of the computation."""
        return verify(self.evaluation.in_full)

    @cached_property
    def markdown(self) -> Markdown:
        """The sheet as Markdown with mathematics and blanks."""
        return worksheet.write(self.evaluation, self.blanks, self.options)

    @cached_property
    def document(self) -> Document:
        """The sheet as blocks."""
        return parse(self.markdown)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The figures that the sheet shows, by name."""
        return figures(self.document, self.evaluation, None, self.options.digits, self.options.reader_language)
