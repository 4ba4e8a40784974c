"""How well the patterns are told apart: real labelled tracks and made-up ones, clean and degraded.

    python -m benchmarks.patterns [--tracks ../shared/tracks] [--labels benchmarks/pattern_labels.toml] [--json OUT]

Recorded tracks are held against the chords first: where they cannot be true they are worked out from positions
(`pattern_repair.py`), and both versions are measured. Real tracks are counted by airframe and UTC day, as the labels are; a unit of a set without labels gets its folder's
label, with a remark. A false alarm is one pattern called `orbit` in a unit that is labelled something else. `ambiguous`
units are counted apart. For made-up tracks the laps flown before the first alarm are known and given.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import statistics
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.flights import FAMILIES
from benchmarks.flights.pen import Track
from benchmarks.flights.worse import COARSE, DEGRADATIONS, Worsen
from benchmarks.pattern_repair import repaired
from receiver.watch.patterns import PathPoint, Pattern, PatternDetector

HERE = Path(__file__).resolve().parent
FOLDER_LABELS = {  # what a folder of the sample data is, for tracks that nobody has labelled one by one
    "surveillance": "orbit",
    "tv_relay": "ambiguous",
    "firefighting": "ambiguous",
    "military": "ambiguous",
    "calibration": "ambiguous",
    "surveys": "survey",
    "gliders": "thermalling",
}


@dataclass
class Unit:
    """One airframe on one day."""

    name: str
    label: str
    fixes: list[PathPoint] = field(default_factory=list)

    def hours(self) -> float:
        """Flight time without gaps of more than half an hour."""
        pairs = zip(self.fixes, self.fixes[1:], strict=False)
        return sum(b.time_s - a.time_s for a, b in pairs if b.time_s - a.time_s < 1800) / 3600


def _seconds(stamp: float | str) -> float:
    if isinstance(stamp, str):
        return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
    return stamp / 1000


def load(tracks: Path, labels_file: Path) -> list[Unit]:
    """Every airframe-day below the folder, labelled."""
    labels = tomllib.loads(labels_file.read_text())
    units: list[Unit] = []
    for path in sorted(tracks.glob("*/*.json.gz")):
        name = str(path.relative_to(tracks)).removesuffix(".json.gz")
        rows = json.loads(gzip.decompress(path.read_bytes()))
        aircraft: dict[str, list[PathPoint]] = defaultdict(list)
        for row in rows:
            if row.get("latitude") is None or row.get("longitude") is None:
                continue
            track = row.get("track")
            aircraft[row["icao24"]].append(
                PathPoint(
                    _seconds(row["timestamp"]),
                    row["latitude"],
                    row["longitude"],
                    row.get("altitude"),
                    row.get("groundspeed"),
                    None if track is None else track % 360,
                )
            )
        for address, fixes in aircraft.items():
            fixes.sort(key=lambda f: f.time_s)
            day, unit = "", None
            last = 0.0
            for fix in fixes:
                if fix.time_s - last > 1800 or unit is None:
                    began = datetime.fromtimestamp(fix.time_s, UTC).strftime("%Y-%m-%d")
                    if began != day or unit is None:
                        day = began
                        known = labels.get(name, {}).get(f"{address} {day}")
                        label = known["label"] if known else FOLDER_LABELS.get(name.split("/")[0], "other")
                        unit = Unit(f"{name} {address} {day}{'' if known else ' (folder label)'}", label)
                        units.append(unit)
                unit.fixes.append(fix)
                last = fix.time_s
    return units


def run(fixes: Iterable[PathPoint], field_ft: float | None = None) -> list[tuple[float, Pattern]]:
    """Every pattern begun: when it was first called so, and what it was then."""
    detector = PatternDetector(ground=None if field_ft is None else lambda lat, lon: field_ft)
    found: list[tuple[float, Pattern]] = []
    kind = ""
    for fix in fixes:
        pattern = detector.update(fix)
        if pattern is None:
            kind = ""
        elif pattern.kind != kind:
            kind = pattern.kind
            found.append((fix.time_s, pattern))
    return found


def real(units: list[Unit], worsen: Worsen, seeds: Sequence[int]) -> dict[str, object]:
    """Counts over labelled units, each heard once a seed: what is lost is chance, and one draw proves little."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    missed, false = [], []
    laps = []
    hours = 0.0
    alarms = 0
    for unit, seed in itertools.product(units, seeds):
        rng = random.Random(f"{seed} {unit.name}")
        found = run(worsen(unit.fixes, rng))
        kinds = {p.kind for _, p in found}
        row = table[unit.label]
        row["units"] += 1
        for kind in kinds:
            row[kind] += 1
        orbiting = [p for _, p in found if p.kind == "orbit"]
        if unit.label == "orbit":
            if orbiting:
                laps.append(orbiting[0].laps)
            else:
                missed.append(unit.name if len(seeds) == 1 else f"{unit.name} #{seed}")
        elif unit.label != "ambiguous":
            hours += unit.hours()
            alarms += len(orbiting)
            if orbiting:
                false.append(unit.name if len(seeds) == 1 else f"{unit.name} #{seed}")
    orbits = table["orbit"]
    hits = orbits["orbit"]
    return {
        "table": {label: dict(row) for label, row in sorted(table.items())},
        "recall": hits / max(1, orbits["units"]),
        "precision": hits / max(1, hits + len(false)),
        "false_alarms": alarms,
        "negative_hours": hours,
        "false_per_100_h": 100 * alarms / max(hours, 1e-9),
        "laps_at_first_alarm_median": statistics.median(laps) if laps else None,
        "laps_at_first_alarm_max": max(laps, default=None),
        "missed": missed,
        "false": false,
    }


def synthetic(
    tracks: list[Track], worsen: Callable[[list[PathPoint], random.Random], list[PathPoint]], seed: int
) -> dict[str, object]:
    """Counts by label, and how many laps it took."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    laps: dict[str, list[float]] = defaultdict(list)
    radius_error, wrong_hand, missed, false = [], 0, [], []
    for k, track in enumerate(tracks):
        found = run(worsen(track.fixes, random.Random(f"{seed} {k}")), track.field_ft)
        row = table[track.label]
        row["tracks"] += 1
        for kind in {p.kind for _, p in found}:
            row[kind] += 1
        right = [(t, p) for t, p in found if p.kind == track.label]
        if right and track.start_s is not None and track.period_s:
            laps[track.label].append((right[0][0] - track.start_s) / track.period_s)
        if track.label == "orbit":
            if not right:
                missed.append(track.name)
            elif track.radius_km:
                radius_error.append(abs(right[0][1].radius_km / track.radius_km - 1))
            if right and track.hand and right[0][1].hand != track.hand:
                wrong_hand += 1
        elif any(p.kind == "orbit" for _, p in found):
            false.append(f"{track.label}: {track.name}")
    orbits = table["orbit"]
    return {
        "table": {label: dict(row) for label, row in sorted(table.items())},
        "recall": orbits["orbit"] / max(1, orbits["tracks"]),
        "laps": {k: (round(statistics.median(v), 2), round(max(v), 2)) for k, v in laps.items()},
        "orbit_laps_p95": round(statistics.quantiles(laps["orbit"], n=20)[-1], 2) if len(laps["orbit"]) > 1 else None,
        "radius_error_median": round(statistics.median(radius_error), 3) if radius_error else None,
        "wrong_hand": wrong_hand,
        "missed": missed,
        "false": false,
    }


def show(title: str, result: dict[str, object]) -> None:
    """A plain table."""
    print(f"\n== {title}")
    table = result.pop("table")
    assert isinstance(table, dict)
    for label, row in table.items():
        rest = ", ".join(
            f"{k} {v}" for k, v in sorted(row.items(), key=lambda kv: -kv[1]) if k not in ("units", "tracks")
        )
        print(f"  {label:18s} {row.get('units', row.get('tracks')):4d}   called: {rest or '-'}")
    for key, value in result.items():
        text = f"{value:.3f}" if isinstance(value, float) else str(value)
        print(f"    {key}: {text}")


def main() -> None:
    """Print everything; exit status is always 0: judging is the reader's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=Path, default=HERE.parents[1] / "shared" / "tracks")
    parser.add_argument("--labels", type=Path, default=HERE / "pattern_labels.toml")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=4, help="how often each degraded track is drawn")
    parser.add_argument("--only", choices=("real", "synthetic"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    record: dict[str, object] = {}
    seeds = range(options.seed, options.seed + options.draws)
    if options.only != "synthetic":
        units = load(options.tracks, options.labels)
        fixes = sum(len(u.fixes) for u in units)
        began = time.process_time()
        as_recorded = real(units, DEGRADATIONS["clean"], seeds[:1])
        record["real, as recorded"] = as_recorded
        show("real tracks, as recorded", dict(as_recorded))
        mended = [(unit, *repaired(unit.fixes)) for unit in units]
        for unit, _, share in mended:
            if share > 0.01:
                print(f"    tracks that cannot be true: {100 * share:4.0f} %  {unit.name}")
        units = [replace(unit, fixes=better) for unit, better, _ in mended]
        for name, worsen in DEGRADATIONS.items():
            record[f"real, {name}"] = result = real(units, worsen, seeds if name != "clean" else seeds[:1])
            show(f"real tracks, {name}", dict(result))
            if name == "clean":
                spent = time.process_time() - began
                print(f"    cpu: {1e6 * spent / fixes:.1f} µs a position, {fixes} positions")
    if options.only != "real":
        rng = random.Random(options.seed)
        tracks = [track for family in FAMILIES for track in family(rng)]
        for name, worsen in (DEGRADATIONS | COARSE).items():
            record[f"synthetic, {name}"] = result = synthetic(tracks, worsen, options.seed)
            show(f"synthetic tracks, {name}", dict(result))
    if options.json:
        options.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
