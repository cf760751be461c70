"""``derive worksheet``: a sheet with blanks and its key, or other numbers for each student of a class."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli import progress
from derive.cli.files import wrote
from derive.cli.help import N_
from derive.cli.notes import say_notes
from derive.cli.options import COUNT, LANGUAGE, NETWORK, WHOLE, meant, word
from derive.errors import InputError, Message, counted
from derive.language.language import Language
from derive.story.options import PAPERS

if TYPE_CHECKING:
    from derive.api.worksheet import Worksheet

BLANKS = ("values", "formulas", "both")
ROUNDINGS = ("by-hand", "significant")
FORMATS = ("pdf", "html", "tex", "md", "docx", "ipynb", "moodle", "gift", "qti")
SECRET = "DERIVE_SECRET"
FAILED, WRONG_INPUT = 1, 2


@click.command(
    help=N_(
        "Write a worksheet for NETWORK: its derivation with numbered blanks, the key, and key.json, with which derive "
        "grade grades it.\n\n"
        "With --roster every student gets other numbers, drawn from the secret, the course and the student's id: "
        "sheets and keys in folders of their own, one PDF for the printer, and key.json. A run that was stopped goes "
        "on where it was. Exits with 1 if the sheet of a student could not be made, and with 2 if a row of the roster "
        "could not be read; the others are made."
    )
)
@NETWORK
@click.option("-o", "--output", default="worksheet", metavar=N_("FOLDER"), show_default=True, help=N_("Output folder."))
@word(
    "--format",
    "formats",
    among=FORMATS,
    multiple=True,
    callback=lambda context, parameter, given: meant([name for part in given for name in part.split(",")], FORMATS),
    help=N_("Several with commas, or repeated. Default: pdf."),
)
@word("--blanks", among=BLANKS, help=N_("What is asked for: numbers, formulas or both [default: values]."))
@click.option(
    "--hints",
    type=WHOLE,
    metavar="0..3",
    help=N_("1: the chain rule; 2: the formula as well; 3: with the numbers put in; 0: nothing [default: 1]."),
)
@click.option("--digits", type=WHOLE, metavar="N", help=N_("Number of decimals of each answer [default: 6]."))
@word("--rounding", among=ROUNDINGS, help=N_("significant: so many significant digits, not decimals."))
@click.option(
    "--vary",
    metavar=N_("NAMES"),
    help=N_("Which numbers are drawn: weights, biases, inputs, targets or names, with commas."),
)
@click.option("--preview", type=COUNT, metavar="N", help=N_("Show the numbers of N draws, and write nothing."))
@click.option("--roster", type=click.Path(), metavar=N_("FILE"), help=N_("The class as CSV, with id and name."))
@click.option("--course", default="", metavar=N_("TEXT"), help=N_("Printed below the title; numbers depend on it."))
@click.option(
    "--secret",
    default="",
    envvar=SECRET,
    metavar=N_("TEXT"),
    help=N_("What numbers are drawn from; better in the environment variable DERIVE_SECRET, which nobody else sees."),
)
@click.option("--jobs", type=COUNT, default=1, metavar="N", show_default=True, help=N_("Number of processes."))
@click.option(
    "--engine", default="", metavar="dask:ADDRESS|ray|spark", help=N_("Make the sheets on machines of a cluster.")
)
@word("--paper", among=PAPERS, default="a4", help=N_("Paper size."))
@click.option("--author", default="", metavar=N_("TEXT"), help=N_("Printed below the title."))
@click.option("--date", default="", metavar=N_("TEXT"), help=N_("Printed below the title, exactly as given."))
@LANGUAGE
def worksheet(
    network: str,
    output: str,
    formats: tuple[str, ...],
    preview: int | None,
    roster: str | None,
    jobs: int,
    engine: str,
    vary: str | None,
    language: Language,
    **settings: Any,
) -> None:
    """Write a worksheet, or those of a class, and say where."""
    from derive.api.class_sheets import format_name, write_sheet
    from derive.api.worksheet import Worksheet
    from derive.reading.files import base_of, folder_path
    from derive.reading.network_file import network_file

    given = {name: value for name, value in settings.items() if value is not None}
    if vary is not None:
        given["vary"] = tuple(filter(None, map(str.strip, vary.split(","))))
    wanted = tuple(dict.fromkeys(map(format_name, formats or ("pdf",))))
    made = Worksheet.from_file(network, language=language.code, **given)
    say_notes(made.network, language)
    if preview is not None:
        _preview(made, preview, language)
        return
    name, folder = base_of(network_file(network)), folder_path(output)
    if roster is None:
        if engine:
            raise InputError("--engine: a single sheet needs none; expected a class with --roster beside it.")
        wrote(language, write_sheet(made, wanted, folder, name, partial(_note, language)))
        return
    _class(made, wanted, Path(roster), folder, name, jobs, engine, language)


def _class(
    made: "Worksheet",
    formats: tuple[str, ...],
    roster: Path,
    folder: Path,
    name: str,
    jobs: int,
    engine: str,
    language: Language,
) -> None:
    from derive.api.class_engine import engine_of
    from derive.api.class_sheets import write_class
    from derive.reading.files import readable
    from derive.reading.roster import read_roster

    if not made.secret:
        raise InputError(
            "--secret: found none; expected a text that only you know, from which the numbers are drawn. Write it into "
            "the environment variable {variable}, or give it with --secret.",
            variable=SECRET,
        )
    found, where = read_roster(roster), engine_of(engine)
    for message in found.refused:
        _note(language, message)
    with progress.students(len(found.students), language) as step:
        run, paths = write_class(
            made,
            formats,
            found.students,
            folder,
            name,
            jobs=jobs,
            engine=where,
            progress=step,
            note=partial(_note, language),
        )
    for student, message in run.failed.items():
        click.echo(f"derive: {student}: {language.say(message)}", err=True)
    wrote(language, paths)
    done = counted(
        "{number} sheet with its key in {folder}",
        "{number} sheets with their keys in {folder}",
        len(run.done),
        folder=readable(str(folder)),
    )
    click.echo(language.say(done))
    if found.refused or run.failed:
        sys.exit(WRONG_INPUT if found.refused else FAILED)


def _note(language: Language, message: Message) -> None:
    click.echo(f"derive: {language.say(message)}", err=True)


def _preview(made: "Worksheet", count: int, language: Language) -> None:
    """Print the numbers of some draws, and why others were refused."""
    from derive.comparison.draws import REASONS

    refused: Counter[str] = Counter()
    for number, draw in enumerate(made.preview(count), start=1):
        refused.update(draw.refused)
        several = len(draw.numbers) > 1
        values = [
            f"{name}{f'@{place}' if several else ''} = {language.number(_decimal(value))}"
            for place, sample in enumerate(draw.numbers, start=1)
            for name, value in sample.items()
            if name in made.names and (place == 1 or value != draw.numbers[0][name])
        ]
        click.echo(f"{number}: {', '.join(values)}")
    fair = counted("{number} fair draw.", "{number} fair draws.", count)
    click.echo(language.say(fair))
    for reason, times in refused.most_common():
        message = counted(
            "{number} draw was refused: {reason}.",
            "{number} draws were refused: {reason}.",
            times,
            reason=REASONS[reason],
        )
        click.echo(language.say(message))


def _decimal(value: Any) -> str:
    from derive.numbers.decimals import decimal

    return decimal(value, 12)
