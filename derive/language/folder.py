"""Where the templates and the catalogues are: in the package, or beside it in a checkout."""

from pathlib import Path

_PACKAGED = Path(__file__).parent.parent / "templates"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else _PACKAGED.parent.parent / "templates"
