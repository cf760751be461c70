"""How the site is built: `make docs`, without the network."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from gallery import table  # noqa: E402

import derive  # noqa: E402

EXTRA = HERE.parent / "build" / "docs" / "extra"  # what gallery.py writes

project = "derive"
author = copyright = "The derive authors"
release = derive.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
default_role = "code"
add_module_names = False
autodoc_default_options = {
    "members": True,
    "inherited-members": "float,Exception,Mapping,dict",
    "member-order": "bysource",
}
autodoc_typehints_format = "short"
html_theme = "alabaster"
html_theme_options = {
    "description": "A network's gradients, step by step",
    "page_width": "1320px",
    "body_max_width": "auto",
    "show_powered_by": False,
}
html_extra_path = [str(EXTRA)] if EXTRA.is_dir() else []
html_show_sourcelink = False
html_copy_source = False


def with_gallery(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the table of what the gallery has in its place."""
    source[0] = re.sub(r"^% gallery$", lambda _: table(EXTRA / "gallery"), source[0], flags=re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Register what is done with each page."""
    app.connect("source-read", with_gallery)
