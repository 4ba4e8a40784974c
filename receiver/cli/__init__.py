"""The command line: one file a command."""


def main() -> int:
    """Run the command that the arguments name; the result is the exit status."""
    raise NotImplementedError
