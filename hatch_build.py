"""The README as a package index can show it, where the files that it links to are not there.

A picture of the checkout is left out, and a link to a file of the checkout becomes its words. Where ``[project.urls]``
has a ``Repository``, both lead there instead.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Code is found, too, and left as it is.
LINK = re.compile(
    r"^```.*?^```$|`[^`\n]+`|(?P<picture>!?)\[(?P<words>[^\]]*)\]\((?!https?:|#)(?P<file>[^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)


def on_an_index(text: str, repository: str = "") -> str:
    """Return the text of the README without links to files that are only in the checkout.

    >>> on_an_index("![A page](output/page.png) See [the guide](docs/index.md), and `a[0](b)`.")
    ' See the guide, and `a[0](b)`.'
    >>> on_an_index("[the guide](docs/index.md)", "https://example.org/derive/")
    '[the guide](https://example.org/derive/blob/HEAD/docs/index.md)'
    """

    def shown(link: re.Match[str]) -> str:
        if not link["file"]:
            return link[0]
        if repository:
            kind = "raw" if link["picture"] else "blob"
            return f"{link['picture']}[{link['words']}]({repository.rstrip('/')}/{kind}/HEAD/{link['file']})"
        return "" if link["picture"] else link["words"]

    return re.sub(r"\n{3,}", "\n\n", LINK.sub(shown, text))


class Readme(MetadataHookInterface):
    """Gives the metadata its description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the README into the metadata."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository = metadata.get("urls", {}).get("Repository", "")
        metadata["readme"] = {"content-type": "text/markdown", "text": on_an_index(text, repository)}
