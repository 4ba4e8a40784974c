"""What `squitter decode` says at the end: tables, what was taken for granted, and why a recording may be silent."""

from __future__ import annotations

import time
from collections import Counter

from rich.console import Console
from rich.table import Table

from receiver.decode import Message
from receiver.sources.files.iq_reader import Recording
from receiver.tracking.sighting import Sighting
from receiver.wire.frame import Frame

LEAST_SPEED_S = 1.0  # less signal tells how long a start takes, and nothing of speed


class Summary:
    """What the table at the end says."""

    def __init__(self) -> None:
        self.demodulated = False
        self.level_dbfs: float | None = None  # noise, at the end
        self.copies = self.untimed = 0
        self._notes: list[str] = []
        self._began_s: float | None = None
        self.signal_s = 0.0
        self.frames = 0
        self.found: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.undecoded = 0
        self.aircraft: dict[str, Sighting] = {}

    def start(self) -> None:
        """The first sample is about to be read: what went before is no throughput."""
        if self._began_s is None:
            self._began_s = time.perf_counter()

    def note(self, text: str) -> None:
        """What the reader should know, told once."""
        if text not in self._notes:
            self._notes.append(text)

    def add(self, frame: Frame, message: Message | None, sighting: Sighting | None) -> None:
        """Count one frame."""
        self.frames += 1
        self.found[frame.found] += 1
        self.kinds["Mode A/C" if len(frame.data) == 2 else _KINDS[frame.data[0] >> 3]] += 1
        if message is None:
            self.undecoded += 1
        if sighting is not None:
            self.aircraft[sighting.icao] = sighting

    def show(self, console: Console) -> None:
        """Print the tables."""
        elapsed_s = 0.0 if self._began_s is None else time.perf_counter() - self._began_s
        if self.aircraft:
            table = Table(title=f"{len(self.aircraft)} aircraft", title_justify="left")
            for column in ("address", "call sign", "squawk", "alt ft", "kt", "lat °", "lon °", "frames"):
                table.add_column(
                    column, justify="left" if column in ("address", "call sign") else "right", no_wrap=True
                )
            for sighting in sorted(self.aircraft.values(), key=lambda sighting: -sighting.messages)[:40]:
                table.add_row(*row(sighting))
            console.print(table)
            if len(self.aircraft) > 40:
                console.print(f"… and {len(self.aircraft) - 40} more")
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.kinds.most_common())
        found = ", ".join(f"{name} {count:,}" for name, count in self.found.most_common())
        told = f"{self.frames:,} frames ({found}); {kinds}" if self.frames else "no frames"
        console.print(told, highlight=False, soft_wrap=not console.is_terminal)
        if self.copies:
            console.print(f"{self.copies:,} exact copies of frames were dropped", highlight=False)
        if self.untimed:
            console.print(
                f"times unknown: {self.untimed:,} frames came without one, and only their order counts "
                "(--rate-hint N gives them N a second)", highlight=False, soft_wrap=not console.is_terminal,
            )  # fmt: skip
        if not (self.untimed and self.untimed == self.frames):
            tells = elapsed_s > 0 and self.demodulated and self.signal_s >= LEAST_SPEED_S
            speed = f", {self.signal_s / elapsed_s:.1f} × real time" if tells else ""
            console.print(f"{self.signal_s:,.3f} s of signal in {elapsed_s:.1f} s{speed}", highlight=False)
        for note in self._notes:
            console.print(note, highlight=False, soft_wrap=not console.is_terminal)


_KINDS = tuple(f"DF{min(df, 24)}" for df in range(32))


def why_silent(recording: Recording, level_dbfs: float | None) -> str:
    """Why nothing may have been heard in a recording: what was assumed, and what would give frames."""
    from receiver.sources.files.guess import better_guess

    level = "" if level_dbfs is None else f", noise {level_dbfs:.0f} dBFS"
    said = f"{recording.name}: no frames in it, read as {recording.assumed()}{level}"
    data = recording.first_bytes()
    if data is None:
        return f"{said}. Is it 1090 MHz, and are rate and format right?"
    guess = better_guess(data, recording.sample_rate_hz, recording.number_format, sure=recording.has_header)
    if guess is None:
        return f"{said}. Other rates and formats give none either: is it 1090 MHz, and was there traffic?"
    options = [
        *([f"--rate {guess.sample_rate_hz / 1e6:g}M"] if guess.sample_rate_hz != recording.sample_rate_hz else []),
        *([f"--format {guess.number_format.name}"] if guess.number_format is not recording.number_format else []),
    ]
    how = (
        f"{guess.sample_rate_hz / 1e6:g} MS/s {guess.number_format.name}{', I and Q swapped,' if guess.swapped else ''}"
    )
    advice = f": try {' '.join(options)}" if options else ""
    return f"{said}. As {how} its first second gives {guess.frames} squitters{advice}"


def why_undecodable(name: str, rejected: Counter[str]) -> str | None:
    """Why a file of frames holds no message; None when it holds Mode A/C replies, which are none."""
    if not rejected or rejected["mode_ac"]:
        return None
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in rejected.most_common())
    return f"{name}: none of its {rejected.total():,} frames is a message ({reasons}): are they Mode S, and is the file whole?"


def row(sighting: Sighting) -> list[str]:
    """One aircraft as the cells of a table; unknown is a dash."""

    def cell(value: float | str | None, form: str = "") -> str:
        return "–" if value is None else format(value, form)

    altitude = "ground" if sighting.on_ground else cell(sighting.altitude_baro_ft, ",d")
    return [
        sighting.icao,
        cell(sighting.callsign),
        cell(sighting.squawk),
        altitude,
        cell(sighting.ground_speed_kt, ".0f"),
        cell(sighting.latitude_deg, ".4f"),
        cell(sighting.longitude_deg, ".4f"),
        f"{sighting.messages:,}",
    ]
