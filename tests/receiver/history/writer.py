"""A process that writes history as fast as it can and says on standard output how far it has got; it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from receiver.history.day_file import IdentityRow, PositionRow
from receiver.history.store import HistoryStore

START_MS = 1_764_115_140_000  # a minute before midnight: both days are written
BATCH = 50


def batch(number: int) -> tuple[list[PositionRow], list[IdentityRow]]:
    """The rows of one commit."""
    time_ms = START_MS + number * 1000
    positions = [PositionRow(time_ms + k, k, number, k, 1000, None, 2500, 900, None, 0) for k in range(BATCH)]
    return positions, [IdentityRow(time_ms, number, "adsb_icao", f"K{number}", None, None, None, None, None)]


def main() -> None:
    """Write batches from a number on, for ever."""
    store = HistoryStore(Path(sys.argv[1]))
    number = int(sys.argv[2])
    while True:
        store.append(*batch(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main()
