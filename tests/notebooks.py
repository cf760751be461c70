"""The notebook of a handout: read, its code, and what running that defines."""

import nbformat


def notebook(handout):
    (content,) = handout.render("ipynb").values()
    return nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT)


def code(cells):
    return [cell.source for cell in cells if cell.cell_type == "code"]


def run(cells):
    """What the cells define, run from top to bottom."""
    defined = {}
    for source in code(cells):
        exec(source, defined)
    return defined
