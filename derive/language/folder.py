"""Where the templates are, and the catalogues with them: in the package, or beside it in a checkout."""

from pathlib import Path

_PACKAGED = Path(__file__).parent.parent / "templates"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent.parent / "templates"
