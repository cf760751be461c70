"""The page in which numbers can be changed, as a user holds it: written to a file, or shown in Jupyter."""

import os
from html import escape
from pathlib import Path

import attrs

from derive.api.handout import Handout

HEIGHT = 820  # px, in Jupyter


@attrs.frozen(repr=False)
class ExplorablePage:
    """One handout as a page whose given numbers can be changed; ``html`` is the whole of it.

    In Jupyter it shows itself in a frame of its own, from which nothing reaches the notebook.

    >>> import derive
    >>> page = derive.load("circuit").explore(language="en")
    >>> page.html[:15], page
    ('<!DOCTYPE html>', <Explorable page of f: 2 equations, 3 parameters, 1 sample>)
    """

    handout: Handout

    @property
    def html(self) -> str:
        """The page: one file that needs no other and no network."""
        (content,) = self.handout.render("explore").values()
        return content.decode()

    def write(self, folder: str | os.PathLike[str] = "output", *, name: str = "handout") -> Path:
        """Write the page as ``folder/name.explore.html`` and return the path; see `Handout.write`."""
        (path,) = self.handout.write(folder, ["explore"], name=name)
        return path

    def __repr__(self) -> str:
        return f"<Explorable page of {self.handout.derivation.evaluation.summary}>"

    def _repr_html_(self) -> str:
        title = escape(self.handout.document.title)
        return (
            f'<iframe title="{title}" sandbox="allow-scripts" srcdoc="{escape(self.html)}" '
            f'style="width: 100%; height: {HEIGHT}px; border: 1px solid #ccc;"></iframe>'
        )
