"""The clock on the wall. Inside, time is counted in samples; but what is told and kept carries UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from config.settings import Settings
from receiver.clock import EARLIEST
from receiver.doctor.finding import Finding, good, note, problem, warning
from receiver.doctor.machine import Machine

LATEST = datetime(2060, 1, 1, tzinfo=UTC).timestamp()
FIX = "sudo timedatectl set-ntp true; or install chrony. A computer without a battery for its clock needs the network."


def check_clock(machine: Machine, _settings: Settings) -> Iterator[Finding]:
    """Set, and kept right by somebody."""
    now = machine.now_utc_s()
    if not EARLIEST <= now <= LATEST:
        shown = (
            f"{now:.0f} s after 1970"
            if abs(now) > 1e11
            else datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M")
        )
        yield problem("clock-wrong", f"The clock says {shown} UTC, which cannot be.", FIX)
        return
    synchronised = machine.clock_synchronised()
    told = (machine.run("timedatectl", "show", "--property=NTPSynchronized", "--value") or "").strip()
    if synchronised or (synchronised is None and told == "yes"):
        yield good("clock", "The clock is synchronised.")
    elif synchronised is False and told != "yes":
        yield warning(
            "clock-unsynchronised",
            "Nothing keeps the clock right: times in alerts, history and MLAT will drift.",
            FIX,
        )
    elif told == "yes":
        yield good("clock", "The clock is synchronised.")
    else:
        yield note("clock-unknown", "Whether the clock is synchronised is unknown on this system.")
