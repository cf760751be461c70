"""``derive`` and ``python -m derive``: the command line."""

import signal
import sys

from derive.cli import INTERRUPTED


def main() -> None:
    """Run the command line; an interrupt while it loads, too, ends in one line."""
    try:
        # Imported here, as loading takes the first second.
        from derive.cli.main import main as run

        run()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is nothing more to stop
        print(f"derive: {_interrupted()}", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _interrupted() -> str:
    """Return the word in the language of the environment."""
    from derive.errors import Message
    from derive.language.language import language

    return language().say(Message("interrupted"))


if __name__ == "__main__":
    main()
