"""What the card of an alert costs: CPU, bytes, memory, in several regions and both themes.

    python -m benchmarks.picture [--out FOLDER]

Verifies while it times: each card is under 100 kB, takes under half a second of CPU, and comes out the same twice.
"""

from __future__ import annotations

import argparse
import math
import platform
import resource
import time
from pathlib import Path

import PIL

from receiver.atlas import Atlas
from receiver.watch.alerts import Alert
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern
from receiver.watch.picture import draw_card
from receiver.watch.trail import TrailPoint

PLACES = {
    "Valle de Bravo": (19.15, -100.23, 10.0),
    "Berlin": (52.52, 13.40, 1.0),
    "Aegean": (38.0, 25.5, 8.0),
    "Norway": (62.0, 6.5, 12.0),
    "Fiji, date line": (-16.8, 179.95, 6.0),
    "Svalbard": (78.2, 15.0, 7.0),
    "near the North Pole": (89.6, 0.0, 20.0),
    "Antarctica": (-77.7, 166.0, 6.0),
    "mid Pacific": (5.0, -150.0, 40.0),
}


def alert_at(latitude_deg: float, longitude_deg: float, radius_km: float) -> Alert:
    """Somebody who comes from 200 km away and flies twenty laps."""
    start = 1_755_657_600.0
    stretch = max(0.02, math.cos(math.radians(latitude_deg)))
    trail = [
        TrailPoint(start + 60.0 * k, latitude_deg - (200 - 10 * k) / 111.195, longitude_deg, 20_000.0)
        for k in range(20)
    ]
    for k in range(20 * 45):
        angle = math.radians(8 * k)
        east, north = radius_km * math.sin(angle) + 0.001 * k, radius_km * math.cos(angle)
        lon = longitude_deg + east / 111.195 / stretch
        lat = min(latitude_deg + north / 111.195, 89.99)
        trail.append(TrailPoint(start + 1200 + 15.0 * k, lat, (lon + 180) % 360 - 180, 19_000.0))
    end = trail[-1].time_s
    pattern = Pattern("orbit", start + 1200, end, 20.0, radius_km, 675.0, latitude_deg, longitude_deg, "right")
    text = "TROY701, MQ-9 of US Customs and Border Protection (call-sign prefix TROY), orbiting for 3 h 45 min, 20 laps"
    return Alert(
        "x", "orbiting-notable", "Notable aircraft circling", "", "warning", (), "updated", text, "ae4bd8", None, Identity(),
        pattern, start, end, None, (), True, False, tuple(trail),
    )  # fmt: skip


def main() -> None:
    """Print a line a place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the cards there")
    options = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    draw_card(alert_at(*PLACES["Berlin"]), None)
    alone = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"memory of the process: {before:.0f} MB with everything imported, {alone:.0f} MB after a card without an atlas"
    )
    atlas = Atlas()
    for name, place in PLACES.items():
        alert = alert_at(*place)
        draw_card(alert, atlas)  # the atlas loads what it needs
        for theme in ("light", "dark"):
            began = time.process_time()
            card = draw_card(alert, atlas, theme)
            took = time.process_time() - began
            assert len(card) < 100_000, name
            assert took < 0.5, name
            assert card == draw_card(alert, atlas, theme), name
            print(f"{name:22} {theme:5} {1000 * took:4.0f} ms {len(card) / 1000:5.1f} kB")
            if options.out is not None:
                options.out.mkdir(parents=True, exist_ok=True)
                (options.out / f"{name}-{theme}.png").write_bytes(card)
    print(f"memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB with the atlas")
    print(f"Python {platform.python_version()}, Pillow {PIL.__version__}, {platform.machine()}")


if __name__ == "__main__":
    main()
