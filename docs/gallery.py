"""The gallery of the site: the handouts of all built-in networks, in every format and language, and their table.

python docs/gallery.py FOLDER     writes FOLDER/gallery, a folder a language, and the schemas of the file formats
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from html import escape
from itertools import product
from pathlib import Path

import derive
from derive.language.language import LANGUAGES
from derive.render.formats import OWN
from derive.render.schema import SCHEMAS

OF_LANGUAGES = {"en": "English", "pt-BR": "português", "es": "español"}
OF_FORMATS = {"tex": "LaTeX", "md": "Markdown", "ipynb": "notebook"}
NOTHING = "*This copy of the site has no gallery: `make docs` writes it.*"


def write(folder: Path) -> None:
    """Write all handouts, as many at a time as there are processors, and the schemas."""
    for name, schema in SCHEMAS.items():
        (folder / "schemas").mkdir(parents=True, exist_ok=True)
        (folder / "schemas" / f"{name}.schema.json").write_text(json.dumps(schema(), indent=1) + "\n")
    with ProcessPoolExecutor() as pool:
        made = product(derive.ready_networks(), LANGUAGES, [folder / "gallery"])
        list(pool.map(write_one, *zip(*made, strict=True)))


def write_one(network: str, language: str, folder: Path) -> None:
    """Write the handout of a network in a language, in every format that derive has and that can be made here."""
    handout = derive.load(network).derive().handout(language=language)
    handout.write(folder / language, formats=[name for name in OWN if handout.lacks(name) is None], name=network)


def table(folder: Path) -> str:
    """Return the table of what a gallery has, as HTML in a Markdown page."""
    if not folder.is_dir():
        return NOTHING
    rows = "\n".join(_row(folder, name, sentence) for name, sentence in derive.ready_networks().items())
    heads = "".join(f"<th>{escape(OF_LANGUAGES.get(language, language))}</th>" for language in LANGUAGES)
    return f"<table>\n<thead><tr><th>network</th>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"


def _row(folder: Path, network: str, sentence: str) -> str:
    picture = f'<img src="gallery/en/{network}-figures/network.svg" alt="" width="220"><br>'
    cells = "".join(f"<td>{'<br>'.join(_links(folder, network, language))}</td>" for language in LANGUAGES)
    return f'<tr style="vertical-align: top"><td>{picture}<code>{network}</code><br>{escape(sentence)}</td>{cells}</tr>'


def _links(folder: Path, network: str, language: str) -> Iterator[str]:
    for name, form in OWN.items():
        file = Path(language, f"{network}{form.ending}")
        if (folder / file).exists():
            yield f'<a href="gallery/{file.as_posix()}">{escape(OF_FORMATS.get(name, name.upper()))}</a>'


if __name__ == "__main__":
    write(Path(sys.argv[1]))
