"""The command line, a file a command."""

INTERRUPTED = 130  # the exit code, as shells count signals
