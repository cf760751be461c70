"""What a command says beside its result, of how it read the network."""

from typing import TYPE_CHECKING

import click

from derive.language.language import Language

if TYPE_CHECKING:
    from derive.computation.equations import Computation
    from derive.network.network import Network


def say_notes(network: "Network | Computation", language: Language) -> None:
    """Say on the stream of errors what the network's words were read as, a line for each synonym."""
    for note in getattr(network, "notes", ()):
        click.echo(f"derive: {language.say(note)}", err=True)
