"""The command line: ``derive handout``, ``show``, ``train``, ``check``, ``new`` and ``networks``.

Exit codes: 0 done, 1 a check of derive's own failed, 2 wrong input, 3 training left the range of numbers.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError, InputError, nearest
from derive.files import MAX_BYTES
from derive.handout import DETAILS, FORMATS, FORMS, PDF_VARIANTS, ROUNDINGS, USUAL_FORMATS, rounded
from derive.spec import MAX_PARAMETERS, example, load, ready_networks

if TYPE_CHECKING:
    from derive.derivation import Derivation

WAYS = ("numpy", "finite-differences", "torch", "jax")
DEFAULT_WAYS = "numpy,finite-differences"
PATIENCE = 1.0  # seconds before a progress bar appears
STEPS = 10_000
DIVERGED = 3


class Commands(click.Group):
    """A group that names the nearest command for a misspelt one."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command, or say which one was probably meant."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            ctx.fail(f"no such command {args[0]!r}; expected one of {', '.join(names)}.{nearest(args[0], names)}")
        return super().resolve_command(ctx, args)


def _limits(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that raise the limits on what is read."""
    bytes_option = click.option(
        "--max-bytes", type=click.IntRange(1), default=MAX_BYTES, show_default=True, help="Largest file that is read."
    )
    parameters_option = click.option(
        "--max-parameters",
        type=click.IntRange(1),
        default=MAX_PARAMETERS,
        show_default=True,
        help="Most weights and biases that are derived.",
    )
    return bytes_option(parameters_option(command))


ROUNDING = click.option(
    "--rounding",
    default="exact",
    show_default=True,
    metavar="|".join(ROUNDINGS),
    help="by-hand: round every intermediate result to the digits shown, and carry that on.",
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="derive")
def commands() -> None:
    """Derive a neural network's gradient, line by line, with its numbers.

    \b
    derive handout                  the handout of the classic article, in ./output
    derive handout my.toml          the handout of your own network
    derive show w5                  one derivative in the terminal
    derive train xor                the error over the iterations, the last weights and outputs
    derive check my.toml            numeric gradients against the symbolic ones
    derive check --against my.toml  the numbers of a book or a blog against the true ones
    derive new my.toml              a network file to start from
    """


@commands.command()
@click.argument("network", default="article")
@click.option("-o", "--output", "folder", default="output", show_default=True, help="Folder to write to.")
@click.option(
    "--format", "formats", multiple=True, metavar="|".join(FORMATS), help="May be repeated; all but ipynb by default."
)
@click.option("--detail", default="article", show_default=True, metavar="|".join(DETAILS), help="full: every weight.")
@click.option("--form", default="scalar", show_default=True, metavar="|".join(FORMS), help="matrix: a line a layer.")
@click.option("--digits", type=int, default=9, show_default=True, help="Decimals that are shown.")
@ROUNDING
@click.option("--pdf-variant", metavar="|".join(PDF_VARIANTS), help="A standard of accessibility for the PDF.")
@_limits
def handout(
    network: str,
    folder: str,
    formats: tuple[str, ...],
    detail: str,
    form: str,
    digits: int,
    rounding: str,
    pdf_variant: str | None,
    max_bytes: int,
    max_parameters: int,
) -> None:
    """Write the handout of NETWORK: a TOML or JSON file, or a ready one ("article" by default)."""
    loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
    wanted = formats or USUAL_FORMATS
    document = loaded.derive().handout(detail=detail, digits=digits, form=form, rounding=rounding)
    with _progress(len(wanted)) as progress:
        paths = document.write(folder, wanted, name=Path(network).stem, pdf_variant=pdf_variant, progress=progress)
    for path in paths:
        click.echo(f"wrote {path}")


@commands.command()
@click.argument("words", nargs=-1, required=True, metavar="[NETWORK] NAME")
@click.option("--latex", is_flag=True, help="LaTeX in place of text.")
@click.option("--digits", type=int, default=9, show_default=True, help="Decimals that are shown.")
@ROUNDING
@_limits
def show(words: tuple[str, ...], latex: bool, digits: int, rounding: str, max_bytes: int, max_parameters: int) -> None:
    """Show one quantity and its derivative: w5, out_h1, delta_o1, E_total.

    NETWORK is a file or a ready one, "article" by default.
    """
    if len(words) > 2:
        raise InputError(f"found {len(words)} words; expected at most two: a network and a name.")
    from derive.render import terminal

    *source, name = words
    loaded = load(source[0] if source else "article", max_bytes=max_bytes, max_parameters=max_parameters)
    derivation = rounded(loaded.derive(), rounding, digits)
    click.echo(terminal.render(derivation, name, digits=digits, latex=latex), nl=False)


@commands.command()
@click.argument("network", default="article")
@click.option("--iterations", type=int, help="Steps of training; what the file says by default, else 10,000.")
@click.option("--every", type=int, help="A row of the table every so many steps; at 1, 10, 100, … by default.")
@click.option("--digits", type=int, default=9, show_default=True, help="Decimals that are shown.")
@_limits
def train(
    network: str, iterations: int | None, every: int | None, digits: int, max_bytes: int, max_parameters: int
) -> None:
    """Train NETWORK and show the error, the last weights and biases, and the outputs beside their targets.

    An interrupt (Ctrl-C) keeps what is done so far.
    """
    from derive.certified import check_digits
    from derive.render import terminal

    check_digits(digits)
    loaded = load(network, max_bytes=max_bytes, max_parameters=max_parameters)
    steps = (loaded.iterations or STEPS) if iterations is None else iterations
    with _counting(steps) as progress:
        derivation = loaded.derive()
        training = derivation.train(steps, every=loaded.every if every is None else every, progress=progress)
    with _counting(steps) as progress:
        certified = training.certified(digits, progress=progress)
    click.echo(terminal.training(derivation, training, certified, wanted=steps, digits=digits), nl=False)
    if training.divergence:
        sys.exit(DIVERGED)


@commands.command()
@click.argument("network", default="article")
@click.option(
    "--with",
    "ways",
    metavar=",".join(WAYS),
    help=f"Ways to the numeric gradient.  [default: {DEFAULT_WAYS}, where there is no --against]",
)
@click.option(
    "--against",
    "published",
    metavar="FILE",
    help='Published numbers: a TOML or JSON file, or "article", which is ready.',
)
@click.option("--digits", type=int, default=9, show_default=True, help="Decimals that gradients are shown with.")
@_limits
def check(
    network: str, ways: str | None, published: str | None, digits: int, max_bytes: int, max_parameters: int
) -> None:
    """Hold numbers against the derivation of NETWORK: numeric gradients, or published numbers.

    --with compares gradients, parameter by parameter; torch and jax take part where they are installed. --against
    compares the numbers of a book or a blog, each by its name: right, rounded differently in the last digit, or wrong,
    with the true digits and what explains the wrong ones. Both together do both. Exit code 1 where a gradient differs
    or a published number is wrong.

    \b
    A file of published numbers, each with the digits that are printed:
      source = "A book"
      [values]                     before any update, of the first sample
      out_h1 = 0.593269992
      dE_total_dw5 = 0.082167041   also delta_o1, dout_o1_dnet_o1, dE_o1_dout_h1
      [after.1]                    after so many updates
      w5 = 0.35891648
    Of further samples under [sample.2] and [after.1.sample.2]; the error of all samples
    is E_mean or E_sum, its gradient dE_mean_dw5 or dE_sum_dw5.
    """
    derivation = load(network, max_bytes=max_bytes, max_parameters=max_parameters).derive()
    done = []
    if published is not None:
        done.append(_check_published(derivation, published, max_bytes))
    if published is None or ways is not None:
        done.append(_check_gradients(derivation, ways or DEFAULT_WAYS, digits))
    click.echo("\n".join(text for text, _ in done), nl=False)
    if not all(agrees for _, agrees in done):
        sys.exit(1)


def _check_published(derivation: "Derivation", published: str, max_bytes: int) -> tuple[str, bool]:
    from derive.published import compare_published
    from derive.render import terminal

    found = compare_published(derivation, published, max_bytes=max_bytes)
    return terminal.published(derivation, found), not found.wrong


def _check_gradients(derivation: "Derivation", ways: str, digits: int) -> tuple[str, bool]:
    from derive.render import terminal

    return terminal.check(derivation, [way.strip() for way in ways.split(",")], digits=digits)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Write a commented network FILE (TOML) to start from."""
    if file.suffix != ".toml":
        raise InputError(f"{file}: found the ending {file.suffix!r}; expected .toml.")
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(example())
    except FileExistsError:
        raise InputError(f"{file}: exists already; name another file, this one is left as it is.") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror}); name another place.") from None
    click.echo(f"wrote {file}")


@commands.command()
def networks() -> None:
    """List the ready networks."""
    for name, sentence in ready_networks().items():
        click.echo(f"{name}: {sentence}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr once the work takes longer than a second, and only on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    started: list[str] = []
    patient = threading.Timer(PATIENCE, lambda: _draw(started, total))
    patient.daemon = True
    patient.start()

    def step(name: str) -> None:
        started.append(name)
        if not patient.is_alive():
            _draw(started, total)

    try:
        yield step
    finally:
        patient.cancel()
        click.echo("\r\033[K", nl=False, err=True)


def _draw(started: list[str], total: int) -> None:
    done = len(started) - 1
    _bar(done, total, total, started[-1])


def _bar(done: int, total: int, width: int, label: str) -> None:
    full = width * done // total
    bar = "█" * full + "░" * (width - full)
    click.echo(f"\r\033[K{bar} {100 * done // total:3d} %  {label}", nl=False, err=True)


@contextmanager
def _counting(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr for work that counts its steps, once it takes longer than a second, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    start = time.monotonic()

    def step(done: int) -> None:
        if time.monotonic() - start > PATIENCE:
            _bar(done, total, 20, f"{done:,} of {total:,} iterations")

    try:
        yield step
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def main() -> None:
    """Run the command line; a user's mistake ends in one message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        commands(standalone_mode=False)
    except InputError as error:
        _stop(str(error), 2)
    except DeriveError as error:
        _stop(str(error), 1)
    except click.ClickException as error:
        _stop(error.format_message(), 2)
    except click.Abort:
        _stop("interrupted", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(message: str, code: int) -> None:
    click.echo(f"derive: {message}", err=True)
    sys.exit(code)
