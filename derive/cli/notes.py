"""What a command says beside its result, of how it read the network."""

from typing import TYPE_CHECKING

import click

from derive.language.language import Language

if TYPE_CHECKING:
    from derive.network.network import Network


def say_notes(network: "Network", language: Language) -> None:
    """Say on the stream of errors what the network's words were read as, a line for each synonym."""
    for note in network.notes:
        click.echo(f"derive: {language.say(note)}", err=True)
