"""``derive train``: the error over the iterations, the last weights and biases, and the outputs."""

import sys

import click

from derive.checks import check_digits
from derive.cli import INTERRUPTED, progress
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import DIGITS, ITERATIONS, JSON, LANGUAGE, NETWORK, WHOLE, limits
from derive.cli.refusal import told_as_json
from derive.cli.source import loaded, plan_of
from derive.cli.streams import on_console
from derive.language.language import Language

STEPS = 10_000
DIVERGED = 3


@click.command(
    help=N_(
        "Train NETWORK and print the error, the final weights and biases, and the outputs next to their targets.\n\n"
        "Ctrl-C stops early and keeps the results so far."
    )
)
@NETWORK
@ITERATIONS
@click.option(
    "--every",
    type=WHOLE,
    metavar="N",
    help=N_("Print a row every N iterations [default: at 1, 10, 100, …]."),
)
@JSON
@DIGITS
@limits
@LANGUAGE
def train(
    network: str,
    iterations: int | None,
    every: int | None,
    as_json: bool,
    digits: int,
    max_bytes: int,
    max_parameters: int,
    language: Language,
) -> None:
    """Train and show the course of the error; an interrupt keeps what is done so far."""
    from derive.api.network import Network
    from derive.render import terminal, training_data

    with told_as_json(as_json, training_data.FORMAT, language):
        check_digits(digits)
        given = loaded(network, Network, max_bytes=max_bytes, max_parameters=max_parameters)
        say_notes(given, language)
        plan = plan_of(given)
        steps = (plan.iterations or STEPS) if iterations is None else iterations
        with progress.steps(steps, language) as step:
            derivation = given.derive()
            training = derivation.train(steps, every=plan.every if every is None else every, progress=step)
        with progress.steps(steps, language) as step:
            certified = training.certified(digits, progress=step)
        evaluation = derivation.evaluation
        if as_json:
            text = training_data.render(evaluation, training, certified, wanted=steps, digits=digits)
        else:
            text = terminal.training(
                evaluation, training, certified, wanted=steps, digits=digits, language=language, spell=on_console
            )
    click.echo(text, nl=False)
    if training.divergence:
        sys.exit(DIVERGED)
    if training.interrupted:
        sys.exit(INTERRUPTED)
