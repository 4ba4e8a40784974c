"""The dongle as the kernel sees it: is it there, may we, who else has it, and how does it do on the bus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from receiver.doctor.finding import Finding, good, note, problem, warning
from receiver.doctor.machine import Machine, is_squitter

DEVICES = "/sys/bus/usb/devices"
# Vendor and product of dongles that librtlsdr knows and that are about. Source: the table in librtlsdr.c
DONGLES = {
    "0bda:2832", "0bda:2838", "0413:6680", "0413:6f0f", "0458:707f", "0ccd:00a9", "0ccd:00b3", "0ccd:00b4", "0ccd:00b5",
    "0ccd:00b7", "0ccd:00b8", "0ccd:00b9", "0ccd:00c0", "0ccd:00c6", "0ccd:00d3", "0ccd:00d7", "0ccd:00e0", "1554:5020",
    "15f4:0131", "15f4:0133", "185b:0620", "185b:0650", "185b:0680", "1b80:d393", "1b80:d394", "1b80:d395", "1b80:d397",
    "1b80:d398", "1b80:d39d", "1b80:d3a4", "1b80:d3a8", "1b80:d3af", "1b80:d3b0", "1d19:1101", "1d19:1102", "1d19:1103",
    "1d19:1104", "1f4d:a803", "1f4d:b803", "1f4d:c803", "1f4d:d286", "1f4d:d803",
}  # fmt: skip
DRIVERS = ("dvb_usb_rtl28xxu", "rtl2832_sdr", "rtl2832", "rtl2830")
OTHERS = (
    "readsb", "dump1090", "dump1090-fa", "dump1090-mutability", "dump978", "dump978-fa", "rtl_tcp", "rtl_433",
    "rtl_adsb", "rtl_test", "rtl_fm", "rtl_sdr", "rtl_airband", "AIS-catcher", "sdrpp", "gqrx", "stream1090",
)  # fmt: skip
FILES = Path(__file__).with_name("files")
INSTALL_RULE = (
    f"sudo cp {FILES / '60-squitter-rtlsdr.rules'} /etc/udev/rules.d/ && sudo udevadm control --reload && "
    "sudo udevadm trigger; join the group: sudo usermod -aG plugdev $USER; then log in again and plug the dongle in again."
)
BLACKLIST = f"sudo cp {FILES / 'blacklist-squitter-rtlsdr.conf'} /etc/modprobe.d/ && sudo modprobe -r"
# What the kernel writes when a dongle's power or cable is bad
COMPLAINT = re.compile(
    r"usb [\d.-]+: (?:.*error -(?:32|71|110|62)|reset high-speed|USB disconnect|device not accepting)|over-current",
    re.IGNORECASE,
)
COMPLAINTS_MANY = 3
OURS = "squitter"


@dataclass(frozen=True, slots=True)
class Dongle:
    """One that is plugged in."""

    name: str  # the kernel's: "1-1.4"
    serial: str
    product: str
    node: str  # /dev/bus/usb/001/004
    speed_mbps: float
    driver: str  # of its first interface, "" for none


def plugged_in(machine: Machine) -> list[Dongle]:
    """The dongles on the bus."""
    found = []
    for name in machine.names(DEVICES):
        base = f"{DEVICES}/{name}"
        if f"{machine.read(f'{base}/idVendor')}:{machine.read(f'{base}/idProduct')}" not in DONGLES:
            continue
        bus, number = machine.read(f"{base}/busnum") or "0", machine.read(f"{base}/devnum") or "0"
        speed = machine.read(f"{base}/speed") or "0"
        driver = machine.link(f"{base}/{name}:1.0/driver") or ""
        found.append(
            Dongle(
                name,
                machine.read(f"{base}/serial") or "",
                machine.read(f"{base}/product") or "RTL2832U",
                f"/dev/bus/usb/{int(bus):03d}/{int(number):03d}",
                float(speed),
                driver.rsplit("/", 1)[-1],
            )
        )
    return found


def check_usb(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Present, chosen, free, allowed, fast."""
    if settings.receiver.source != "rtlsdr":
        return
    dongles = plugged_in(machine)
    if not dongles:
        if machine.names(DEVICES):
            yield problem(
                "dongle-absent",
                "No RTL-SDR dongle is on the USB bus.",
                "Plug it in (directly, or into a powered hub); `lsusb` should show 0bda:2838 or a relative of it.",
            )
        else:
            yield problem(
                "usb-invisible",
                "This system shows no USB bus at all.",
                "In a container, pass on the whole USB bus, as docker-compose.yml does: the volume /dev/bus/usb and the device rule "
                "`c 189:* rwm` (docs/docker-usb.md). A virtual machine must be given the dongle by its host.",
            )
        yield from _driver_loaded(machine)
        return
    for dongle in dongles:
        called = f"serial {dongle.serial}" if dongle.serial else "no serial"
        yield good("dongle-present", f"{dongle.product} on USB {dongle.name}, {called}.")
    yield from _choice(settings, dongles)
    for dongle in dongles:
        yield from _one(machine, dongle)
    yield from _complaints(machine)


def _choice(settings: Settings, dongles: list[Dongle]) -> Iterator[Finding]:
    wanted = settings.receiver.device
    serials = [dongle.serial for dongle in dongles]
    listed = ", ".join(repr(serial) for serial in serials)
    if isinstance(wanted, str) and wanted not in serials:
        yield problem(
            "dongle-other",
            f"The settings ask for the dongle with serial {wanted!r}, but there is {listed}.",
            f'Set [receiver] device = "{serials[0]}", or plug the other dongle in.',
        )
    elif isinstance(wanted, int) and wanted >= len(dongles):
        yield problem(
            "dongle-index",
            f"The settings ask for dongle number {wanted}, but there are only {len(dongles)}, counted from 0.",
            f'Set [receiver] device = "{serials[0]}".',
        )
    if len(dongles) > 1 and wanted is None:
        yield warning(
            "dongle-ambiguous",
            f"There are {len(dongles)} dongles ({listed}) and the settings do not say which.",
            f'Set [receiver] device = "{serials[0]}" (or another serial).',
        )
    twice = sorted({serial for serial in serials if serials.count(serial) > 1})
    if twice:
        yield warning(
            "dongle-serial-twice",
            f"Two dongles have the same serial {twice[0]!r}, so they cannot be distinguished.",
            "Give one another serial: unplug the other, then `rtl_eeprom -s 1090` and plug it in again.",
        )


def _one(machine: Machine, dongle: Dongle) -> Iterator[Finding]:
    if dongle.driver and dongle.driver != "usbfs":
        yield problem(
            "dvb-driver",
            f"The kernel's television driver {dongle.driver} holds the dongle.",
            f"{BLACKLIST} {dongle.driver}; then plug the dongle in again.",
        )
    else:
        yield from _driver_loaded(machine)
    node = machine.path(dongle.node)
    holders = list(_holders(machine, dongle.node))
    if not node.exists():
        yield problem(
            "dongle-not-passed-on",
            f"The dongle is on the USB bus, but {dongle.node} is missing here.",
            "In a container, map all of /dev/bus/usb (the number changes when it is plugged in again): docs/docker-usb.md.",
        )
    elif not machine.may_write(node):
        yield problem("dongle-denied", f"This user may not use {dongle.node}.", INSTALL_RULE)
    if any(name == OURS for _, name in holders):
        yield note(
            "dongle-in-service", "Squitter itself is running and has the dongle; its statistics say how it does."
        )
    elif holders:
        who = ", ".join(f"{name} (process {pid})" for pid, name in holders)
        yield problem(
            "dongle-held",
            f"Another program has the dongle open: {who}.",
            f"Stop it (`sudo systemctl disable --now {holders[0][1]}` if it is a service), or give each its own dongle.",
        )
    elif dongle.driver == "usbfs":
        running = _running(machine)
        maybe = f" Running: {', '.join(running)}." if running else ""
        yield problem(
            "dongle-held",
            f"Another program has the dongle open; whose it is this user may not see.{maybe}",
            f"Find it with `sudo lsof {dongle.node}` and stop it.",
        )
    else:
        running = _running(machine)
        if running:
            yield warning(
                "dongle-contested",
                f"{', '.join(running)} is running, and may take the dongle.",
                f"Stop it: sudo systemctl disable --now {running[0]}.",
            )
    if 0 < dongle.speed_mbps < 480:
        yield problem(
            "usb-slow",
            f"The dongle runs at {dongle.speed_mbps:g} Mbit/s; it needs 480.",
            "Use another cable, port or hub: this one only makes USB 1.1.",
        )


def _driver_loaded(machine: Machine) -> Iterator[Finding]:
    modules = {line.split(" ", 1)[0] for line in (machine.read("/proc/modules") or "").splitlines()}
    loaded = [name for name in DRIVERS if name in modules]
    if loaded:
        yield warning(
            "dvb-driver-loaded",
            f"The kernel's television driver is loaded ({', '.join(loaded)}) and takes the dongle when it is plugged in.",
            f"sudo cp packaging/blacklist-squitter-rtlsdr.conf /etc/modprobe.d/ && sudo modprobe -r {' '.join(loaded)}",
        )


def _holders(machine: Machine, node: str) -> Iterator[tuple[int, str]]:
    """Number and name of who has the node open; our own service by its own name."""
    pids = set(machine.holders(node))
    for pid, name, command in machine.processes():
        if pid in pids:
            yield pid, OURS if is_squitter(command) else name


def _running(machine: Machine) -> list[str]:
    """Other programs for dongles that run now."""
    short = {name[:15]: name for name in OTHERS}  # the kernel cuts names there
    return sorted({short[name] for _, name, _ in machine.processes() if name in short})


def _complaints(machine: Machine) -> Iterator[Finding]:
    log = machine.run("dmesg") or machine.run("journalctl", "-k", "-b", "--no-pager", "-q")
    if log is None:
        yield note(
            "kernel-log", "The kernel's log may not be read, so USB errors cannot be counted.", "sudo squitter doctor"
        )
        return
    lines = [line for line in log.splitlines() if COMPLAINT.search(line)]
    if len(lines) >= COMPLAINTS_MANY:
        yield warning(
            "usb-errors",
            f"The kernel has complained {len(lines)} times about USB since it started, last: {lines[-1][-120:].strip()}",
            "Mostly power or cable: a powered hub, a shorter or better cable, another port; on a Pi 4 a USB 2 port.",
        )
