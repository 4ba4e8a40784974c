"""The root of the errors that a person gets to read. A bad frame from the air is no error: it is counted."""


class SquitterError(Exception):
    """Something failed. The message is one line: what, where, got, expected, what to do next. Exit status 1."""


class UsageError(SquitterError):
    """The command line or the configuration asks for something that cannot be. Exit status 2."""
