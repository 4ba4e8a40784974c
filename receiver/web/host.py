"""How busy and how warm this machine is."""

from __future__ import annotations

import contextlib
from pathlib import Path


class Host:
    """Reads /proc and /sys; what they do not say is None.

    Parameters
    ----------
    root
        Where they are.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._before: tuple[int, int] | None = None

    def cpu_percent(self) -> float | None:
        """Share of all processors' time that was used since the last call."""
        try:
            line = (self._root / "proc/stat").read_text().splitlines()[0].split()
            times = [int(word) for word in line[1:9]]
        except (OSError, ValueError, IndexError):
            return None
        if len(times) < 5 or line[0] != "cpu":
            return None
        idle, whole = times[3] + times[4], sum(times)  # idle, waiting for a disk
        before, self._before = self._before, (idle, whole)
        if before is None or whole <= before[1]:
            return None
        return round(max(0.0, 100.0 * (1.0 - (idle - before[0]) / (whole - before[1]))), 1)

    def temperature_c(self) -> float | None:
        """Of the hottest zone."""
        found = []
        for path in (self._root / "sys/class/thermal").glob("thermal_zone*/temp"):
            with contextlib.suppress(OSError, ValueError):
                found.append(int(path.read_text()) / 1000.0)
        hottest = max(found, default=None)
        return None if hottest is None or not -40.0 < hottest < 150.0 else round(hottest, 1)
