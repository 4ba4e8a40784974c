"""Undervoltage, throttling, heat: what makes a Raspberry Pi lose samples without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.settings import Settings
from receiver.doctor.finding import Finding, good, problem, warning
from receiver.doctor.machine import Machine

HOT_C = 80.0
SUPPLY = (
    "Use the board's own power supply (5.1 V, 3 A or more) and a short thick cable; let a powered hub feed the dongle."
)
COOL = "Give it a heat sink or a fan, or a place out of the sun."
# Source: Raspberry Pi documentation, vcgencmd get_throttled
UNDERVOLTAGE, CAPPED, THROTTLED, TOO_HOT = 0x1, 0x2, 0x4, 0x8
SINCE_START = 16


def check_power(machine: Machine, _settings: Settings) -> Iterator[Finding]:
    """Only a Raspberry Pi tells; heat is told by most."""
    flags = _flags(machine)
    if flags is not None:
        if flags & UNDERVOLTAGE:
            yield problem("undervoltage", "The supply voltage is too low right now.", SUPPLY)
        elif flags & UNDERVOLTAGE << SINCE_START:
            yield warning("undervoltage-past", "The supply voltage has been too low since the start.", SUPPLY)
        if flags & (THROTTLED | CAPPED | TOO_HOT):
            yield problem("throttled", "The processor is slowed down right now.", f"{COOL} {SUPPLY}")
        elif flags & (THROTTLED | CAPPED | TOO_HOT) << SINCE_START:
            yield warning("throttled-past", "The processor has been slowed down since the start.", f"{COOL} {SUPPLY}")
        if not flags:
            yield good("power", "The supply voltage has been high enough since the start.")
    else:
        for name in machine.names("/sys/class/hwmon"):
            base = f"/sys/class/hwmon/{name}"
            if machine.read(f"{base}/name") == "rpi_volt":
                if machine.read(f"{base}/in0_lcrit_alarm") == "1":
                    yield problem("undervoltage", "The supply voltage has been too low.", SUPPLY)
                else:
                    yield good("power", "The supply voltage is high enough.")
    hottest = max(_temperatures(machine), default=None)
    if hottest is not None and hottest >= HOT_C:
        yield warning("hot", f"The processor is at {hottest:.0f} °C; from 80 °C on it is slowed down.", COOL)


def _flags(machine: Machine) -> int | None:
    text = machine.read("/sys/devices/platform/soc/soc:firmware/get_throttled")
    if text is None:
        told = machine.run("vcgencmd", "get_throttled")
        match = re.search(r"throttled=0x([0-9a-fA-F]+)", told or "")
        text = match[1] if match else None
    try:
        return None if text is None else int(text, 16)
    except ValueError:
        return None


def _temperatures(machine: Machine) -> Iterator[float]:
    for name in machine.names("/sys/class/thermal"):
        text = machine.read(f"/sys/class/thermal/{name}/temp") or ""
        if re.fullmatch(r"\d{4,6}", text):
            yield int(text) / 1000
