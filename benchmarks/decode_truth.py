"""What decoder and tracker say of real messages, held to what other decoders said of the same.

    python -m benchmarks.decode_truth [--truth ../shared/truth] [--disagreements]

Sources: `flight_393322` (jet1090), `ulss7` (dump1090's text and SBS), three samples of pyModeS (addresses, labels of
registers and their values). Each value that the other decoder gives for a message is compared with what the tracker says right after that
message, if that message set it. A second decoder is an opinion: what differs is sorted by named, checkable reasons
(docs/decisions/0045-the-second-decoder.md), and anything without a reason is printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.truth.flight import flight
from benchmarks.truth.pymodes_samples import adsb_sample, comm_b_sample, ehs_sample
from benchmarks.truth.tally import Comparison
from benchmarks.truth.ulss7 import ulss7

GOAL = 0.999
COMM_B_GOAL = 0.95

SOURCES: dict[str, Callable[[Path], Comparison]] = {
    "flight_393322": flight,
    "ulss7": ulss7,
    "pyModeS, ADS-B": adsb_sample,
    "pyModeS, Comm-B": comm_b_sample,
    "pyModeS, EHS of 2016": ehs_sample,
}


def main(argv: Iterable[str] | None = None) -> None:
    """Compare and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--truth", type=Path, default=Path("../shared/truth"))
    parser.add_argument("--disagreements", action="store_true", help="print every one that has no reason")
    arguments = parser.parse_args(None if argv is None else list(argv))
    for title, compare in SOURCES.items():
        print(f"\n| {title} | compared | agree | | differ, explained | without a reason |\n|---|---|---|---|---|---|")
        left = []
        for name, tally in compare(arguments.truth).tallies.items():
            reasons = "; ".join(f"{reason} {count:,}" for reason, count in tally.explained.items())
            print(
                f"| {name} | {tally.compared:,} | {tally.agreed:,} | {100 * tally.share:.2f} % | {reasons} | {len(tally.unexplained)} |"
            )
            left += [f"{name}: {what}" for what in tally.unexplained]
        if arguments.disagreements and left:
            print("\n" + "\n".join(left))


if __name__ == "__main__":
    main()
