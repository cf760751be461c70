"""What several tests look at, made once in a run for all of its processes."""

import os
from pathlib import Path

import derive


def ready_pdf(name):
    """The PDF of a ready network's handout, with all options as they are by themselves: the file."""
    folder = Path(os.environ["DERIVE_TESTS_KEPT"], "pdf")
    path = folder / f"{name}.pdf"
    if not path.exists():
        (content,) = derive.load(name).derive().handout().render("pdf").values()
        folder.mkdir(exist_ok=True)
        # In one step: another process may be making or reading the same file.
        own = folder / f"{name}-{os.getpid()}.tmp"
        own.write_bytes(content)
        own.replace(path)
    return path
