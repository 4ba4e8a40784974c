"""`squitter completion`: what a shell needs to complete commands, options and their values."""

from __future__ import annotations

import argparse
import importlib

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to complete")
    parser.epilog = (
        "bash: squitter completion bash > ~/.local/share/bash-completion/completions/squitter. "
        "zsh: squitter completion zsh > a file _squitter in a folder of $fpath. "
        "fish: squitter completion fish > ~/.config/fish/completions/squitter.fish"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    print({"bash": bash, "zsh": zsh, "fish": fish}[arguments.shell](words()), end="")
    return 0


def words() -> dict[str, tuple[str, dict[str, list[str]]]]:
    """By command: what it does, and its subcommands and options with the values that each may have."""
    from receiver.cli import COMMANDS

    found = {}
    for name, does in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"squitter {name}")
        importlib.import_module(f"receiver.cli.{name.replace('-', '_')}").add_arguments(parser)
        found[name] = (does, dict(_options(parser)))
    return found


def _options(parser: argparse.ArgumentParser) -> list[tuple[str, list[str]]]:
    out: list[tuple[str, list[str]]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                out += [(name, []), *_options(below)]
        elif action.option_strings:
            values = [str(choice) for choice in action.choices or ()]
            out += [(option, values) for option in action.option_strings if option.startswith("--")]
        elif action.choices:
            out += [(str(choice), []) for choice in action.choices]
    return out


def bash(commands: dict[str, tuple[str, dict[str, list[str]]]]) -> str:
    """A function for bash; files where nothing else is known."""
    cases = []
    for name, (_, options) in commands.items():
        values = [f'        "{name} {option}") words="{" ".join(v)}" ;;' for option, v in options.items() if v]
        cases.append((f'        {name}) words="{" ".join(options)}" ;;', values))
    return "\n".join(
        (
            "_squitter() {",
            '    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=""',
            '    if [ "$COMP_CWORD" -eq 1 ]; then',
            f'        COMPREPLY=($(compgen -W "{" ".join(commands)} --help --version" -- "$current"))',
            "        return",
            "    fi",
            '    case "${COMP_WORDS[1]} $before" in',
            *(line for _, values in cases for line in values),
            "    esac",
            '    if [ -z "$words" ]; then case "${COMP_WORDS[1]}" in',
            *(line for line, _ in cases),
            "    esac; fi",
            '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            "complete -o default -F _squitter squitter",
            "",
        )
    )


def zsh(commands: dict[str, tuple[str, dict[str, list[str]]]]) -> str:
    """A function for zsh."""
    listed = " ".join(_quoted(f"{name}:{does}") for name, (does, _) in commands.items())
    cases = [f"    {name}) options=({' '.join(options)}) ;;" for name, (_, options) in commands.items()]
    values = [
        f"    '{name} {option}') compadd -- {' '.join(v)}; return ;;"
        for name, (_, options) in commands.items()
        for option, v in options.items()
        if v
    ]
    return "\n".join(
        (
            "#compdef squitter",
            f"local -a commands options; commands=({listed})",
            "if (( CURRENT == 2 )); then _describe command commands; return; fi",
            'case "${words[2]} ${words[CURRENT-1]}" in',
            *values,
            "esac",
            'case "${words[2]}" in',
            *cases,
            "esac",
            "compadd -- $options; _files",
            "",
        )
    )


def fish(commands: dict[str, tuple[str, dict[str, list[str]]]]) -> str:
    """Lines for fish."""
    lines = ["complete -c squitter -n __fish_use_subcommand -f"]
    for name, (does, options) in commands.items():
        lines.append(f"complete -c squitter -n __fish_use_subcommand -a {name} -d {_quoted(does)}")
        for option, values in options.items():
            seen = f"-n '__fish_seen_subcommand_from {name}'"
            if option.startswith("--"):
                more = f" -xa {_quoted(' '.join(values))}" if values else ""
                lines.append(f"complete -c squitter {seen} -l {option[2:]}{more}")
            else:
                lines.append(f"complete -c squitter {seen} -a {option}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
