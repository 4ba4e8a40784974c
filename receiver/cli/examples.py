"""What `squitter COMMAND --help` shows at its end: commands as they are typed, and the page that says more."""

from __future__ import annotations

# command -> (examples, page of docs/)
_EXAMPLES: dict[str, tuple[tuple[str, ...], str]] = {
    "setup": (("squitter setup", "squitter setup --print"), "tutorials/first-alert.md"),
    "run": (
        ("squitter run", "squitter run --lan", "squitter run --set mqtt.host=broker.local --set station.name=roof"),
        "configuration.md",
    ),
    "demo": (("squitter demo", "squitter demo --lan --seconds 600"), "tutorials/recording.md"),
    "replay": (
        ("squitter replay air_2400k.cu8 --set web.enabled=true", "squitter replay --speed max log.beast --with-broker"),
        "commands.md",
    ),
    "decode": (
        ("squitter decode air_2400k.cu8", "squitter decode --output jsonl -q air.sigmf-meta > messages.jsonl"),
        "commands.md",
    ),
    "record": (("squitter record evening.sigmf-meta --seconds 60",), "commands.md"),
    "top": (
        ("squitter top", "squitter top --url http://pi.local:8080", "squitter top --once --sort distance"),
        "commands.md",
    ),
    "history": (
        (
            "squitter history list --from 6h",
            "squitter history export 4ca2d1 --format kml -o flight.kml",
            "squitter history passes --near 48.2,16.37 --within 2 --below 3000 -o passes.csv",
        ),
        "history.md",
    ),
    "ha": (("squitter ha remove", "squitter ha show"), "home-assistant.md"),
    "hub": (("squitter hub", "squitter hub --set mqtt.host=broker.local --set fleet.name=club"), "fleet.md"),
    "completion": (("squitter completion bash > ~/.local/share/bash-completion/completions/squitter",), "commands.md"),
    "synth": (("squitter synth valle_de_bravo out_2400k.cu8 --seconds 20",), "scenes.md"),
    "bench": (("squitter bench --quick", "squitter bench --plot detection.png"), "bench.md"),
    "warmup": (("squitter warmup",), "bench.md"),
    "doctor": (("squitter doctor", "squitter doctor --only broker", "squitter doctor --json"), "doctor.md"),
    "service": (("squitter service install --dry-run", "sudo squitter service install"), "tutorials/first-alert.md"),
    "db": (("squitter db update", "squitter db show ae4bd7"), "aircraft-database.md"),
    "watch": (
        ("squitter watch check rules.toml", "squitter watch test default recording.cu8 --pictures cards/"),
        "watch-rules.md",
    ),
    "alerts": (("squitter alerts list", "squitter alerts show 20260131 --picture card.png"), "alerts.md"),
    "config": (("squitter config check", "squitter config show", "squitter config schema"), "configuration.md"),
}


def epilog(command: str) -> str | None:
    """The text after the options, or None for a command without examples."""
    found = _EXAMPLES.get(command)
    if found is None:
        return None
    lines, page = found
    return "examples:\n" + "".join(f"  {line}\n" for line in lines) + f"\nmore: docs/{page}"
