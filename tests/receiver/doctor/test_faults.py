"""Faults seeded into a healthy machine or healthy settings, one at a time: each is named right, with its fix."""

from __future__ import annotations

import ast
import errno
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import receiver.doctor
from config.errors import ConfigError
from config.load import load
from config.settings import Settings
from receiver.doctor.broker import unreachable
from receiver.doctor.clock import check_clock
from receiver.doctor.disk import check_disk
from receiver.doctor.finding import Finding, Verdict
from receiver.doctor.hearing import check_server
from receiver.doctor.ports import check_ports
from receiver.doctor.power import check_power
from receiver.doctor.settings import check_file, check_settings, mistakes
from receiver.doctor.usb import check_usb
from tests.receiver.doctor.broken_machine import TAKEN, BrokenMachine, healthy

CHECKS = (check_settings, check_usb, check_server, check_power, check_clock, check_disk, check_ports)
HOME: dict[str, Any] = {"station": {"latitude": 52.1, "longitude": 4.2}}


def settings_of(folder: Path, **sections: dict[str, Any]) -> Settings:
    """Good settings whose folders are in `folder`, but for what is given."""
    known: dict[str, Any] = {
        "station": {"latitude": 52.1, "longitude": 4.2},
        "history": {"dir": folder / "history"},
        "alerts": {"dir": folder / "alerts"},
        "watch": {"state_file": folder / "state" / "watch.json"},
        "outbox": {"file": folder / "state" / "outbox"},
        "web": {"enabled": True, "port": 8080},
        "network": {"beast_out_port": 30005},
    }
    for name, section in sections.items():
        known[name] = {**known.get(name, {}), **section}
    return Settings.model_validate(known)


def findings(machine: BrokenMachine, settings: Settings) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(machine, settings)]


def bad(machine: BrokenMachine, settings: Settings) -> list[Finding]:
    return [one for one in findings(machine, settings) if one.verdict in (Verdict.PROBLEM, Verdict.WARNING)]


def test_a_healthy_machine_has_nothing(tmp_path: Path) -> None:
    assert bad(healthy(tmp_path), settings_of(tmp_path)) == []
    names = {finding.name for finding in findings(healthy(tmp_path / "other"), settings_of(tmp_path))}
    assert {"settings", "dongle-present", "power", "clock", "disk", "ports"} <= names


def unplug(machine: BrokenMachine) -> None:
    for file in machine.path("/sys/bus/usb/devices/1-1.4").iterdir():
        file.unlink()
    machine.write("/sys/bus/usb/devices/usb1/idVendor", "1d6b")


def hide_bus(machine: BrokenMachine) -> None:
    unplug(machine)
    machine.path("/sys/bus/usb/devices").rename(machine.path("/sys/bus/usb/gone"))


def rewrite(path: str, text: str) -> Callable[[BrokenMachine], object]:
    return lambda machine: machine.write(path, text)


def change(**attributes: Any) -> Callable[[BrokenMachine], object]:
    def apply(machine: BrokenMachine) -> None:
        for name, value in attributes.items():
            setattr(machine, name, value)

    return apply


THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"
NODE = "/dev/bus/usb/001/004"
DMESG = "\n".join(f"[{n}.1] usb 1-1.4: device descriptor read/64, error -71" for n in range(9))
LISTENING = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n"
)

# name of the finding, what is broken, and words that its text and fix must have
MACHINE_FAULTS: list[tuple[str, Verdict, Callable[[BrokenMachine], object], str, str]] = [
    ("dongle-absent", Verdict.PROBLEM, unplug, "on the USB bus", "Plug it in"),
    ("usb-invisible", Verdict.PROBLEM, hide_bus, "no USB bus", "/dev/bus/usb"),
    ("dongle-not-passed-on", Verdict.PROBLEM, lambda m: m.path(NODE).unlink(), NODE, "container"),
    ("dongle-denied", Verdict.PROBLEM, lambda m: m.denied.add(m.path(NODE)), NODE, "udevadm control --reload"),
    ("dvb-driver", Verdict.PROBLEM, lambda m: m.plug_in(driver="dvb_usb_rtl28xxu"), "dvb_usb_rtl28xxu", "modprobe -r"),
    ("dvb-driver-loaded", Verdict.WARNING,
     rewrite("/proc/modules", "rtl2832 1 0 - Live\ndvb_usb_rtl28xxu 2 0 - Live\n"), "dvb_usb_rtl28xxu", "blacklist"),
    ("dongle-held", Verdict.PROBLEM, lambda m: m.start(77, "readsb", opens=NODE), "readsb (process 77)", "Stop it"),
    ("dongle-held", Verdict.PROBLEM, lambda m: m.plug_in(driver="usbfs"), "may not see", f"lsof {NODE}"),
    ("dongle-contested", Verdict.WARNING, lambda m: m.start(78, "dump1090-mutabi"), "dump1090-mutability", "Stop it"),
    ("usb-slow", Verdict.PROBLEM, lambda m: m.plug_in(speed="12"), "12 Mbit/s", "cable"),
    ("usb-errors", Verdict.WARNING, change(programs={"dmesg": DMESG}), "9 times", "powered hub"),
    ("dongle-ambiguous", Verdict.WARNING, lambda m: m.plug_in("1-1.3", number=5, serial="00000978"), "2 dongles", "device ="),
    ("dongle-serial-twice", Verdict.WARNING, lambda m: m.plug_in("1-1.3", number=5), "'00000001'", "rtl_eeprom"),
    ("undervoltage", Verdict.PROBLEM, rewrite(THROTTLED, "50005"), "right now", "power supply"),
    ("undervoltage-past", Verdict.WARNING, rewrite(THROTTLED, "10000"), "since the start", "power supply"),
    ("throttled", Verdict.PROBLEM, rewrite(THROTTLED, "4"), "slowed down right now", "heat sink"),
    ("throttled-past", Verdict.WARNING, rewrite(THROTTLED, "80000"), "since the start", "heat sink"),
    ("hot", Verdict.WARNING, rewrite("/sys/class/thermal/thermal_zone0/temp", "83400\n"), "83 °C", "fan"),
    ("clock-unsynchronised", Verdict.WARNING, change(synchronised=False), "keeps the clock right", "set-ntp true"),
    ("clock-wrong", Verdict.PROBLEM, change(now=1000.0), "1970-01-01", "set-ntp true"),
    ("disk-full", Verdict.PROBLEM, change(free=20_000_000), "20 MB", "Delete"),
    ("disk-tight", Verdict.WARNING, change(free=300_000_000), "300 MB", "max_size_mb"),
    ("port-taken", Verdict.PROBLEM, change(taken={8080: TAKEN}), "8080", "ss -ltnp"),
    ("port-denied", Verdict.PROBLEM, change(taken={30005: OSError(errno.EACCES, "x")}), "30005", "1023"),
    ("address-foreign", Verdict.PROBLEM, change(taken={8080: OSError(errno.EADDRNOTAVAIL, "Cannot assign")}),
     "no address of this machine", "127.0.0.1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "verdict", "break_it", "text", "fix"), MACHINE_FAULTS)
def test_a_fault_of_the_machine_is_named(
    name: str, verdict: Verdict, break_it: Callable[[BrokenMachine], object], text: str, fix: str, tmp_path: Path
) -> None:
    machine = healthy(tmp_path)
    break_it(machine)
    found = {finding.name: finding for finding in bad(machine, settings_of(tmp_path))}
    assert name in found
    assert found[name].verdict is verdict
    assert text in found[name].text
    assert fix in found[name].fix
    # nothing else is blamed, but for what the fault brings with it
    brought = {"dongle-serial-twice": {"dongle-ambiguous"}, "undervoltage": {"throttled"}}.get(name, set())
    assert set(found) - {name} <= brought


SETTINGS_FAULTS: list[tuple[str, Verdict, dict[str, dict[str, Any]], str, str]] = [
    ("dongle-other", Verdict.PROBLEM, {"receiver": {"device": "1090"}}, "'00000001'", "device ="),
    ("dongle-index", Verdict.PROBLEM, {"receiver": {"device": 3}}, "number 3", "device ="),
    ("place-zero", Verdict.WARNING, {"station": {"latitude": 0.0, "longitude": 0.0}}, "Atlantic", "latitude"),
    ("place-exact", Verdict.WARNING, {"station": {"location_accuracy": 5}}, "5 decimals", "location_accuracy"),
    ("rate-high", Verdict.WARNING, {"receiver": {"sample_rate_hz": 3_200_000}}, "3.2 MS/s", "2400000"),
    ("digital-agc", Verdict.WARNING, {"receiver": {"rtl_agc": True}}, "digital gain", "rtl_agc"),
    ("gain-low", Verdict.WARNING, {"receiver": {"gain": 7.7}}, "7.7 dB", "auto"),
    ("ppm-large", Verdict.WARNING, {"receiver": {"ppm": 150}}, "150 ppm", "rtl_test"),
    ("rules-wrong", Verdict.PROBLEM, {"watch": {"rules_file": "/nowhere/rules.toml"}}, "rules.toml", "rule"),
    ("password-in-clear", Verdict.WARNING,
     {"mqtt": {"host": "broker.example.org", "username": "u", "password": "p"}}, "in clear", "tls"),
    ("ports-open", Verdict.WARNING, {"network": {"address": "0.0.0.0"}}, "0.0.0.0", "127.0.0.1"),
    ("web-open", Verdict.WARNING, {"web": {"host": "0.0.0.0", "open": True}}, "without a token", "token"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "verdict", "sections", "text", "fix"), SETTINGS_FAULTS)
def test_a_fault_of_the_settings_is_named(
    name: str, verdict: Verdict, sections: dict[str, dict[str, Any]], text: str, fix: str, tmp_path: Path
) -> None:
    (found,) = bad(healthy(tmp_path), settings_of(tmp_path, **sections))
    assert (found.name, found.verdict) == (name, verdict)
    assert text in found.text
    assert fix in found.fix


def test_folders_that_may_not_be_written_are_named(tmp_path: Path) -> None:
    machine = healthy(tmp_path / "machine")
    locked = tmp_path / "locked"
    locked.mkdir()
    machine.denied.add(locked)
    (found,) = bad(machine, settings_of(tmp_path, history={"dir": locked / "history"}))
    assert found.name == "folder-denied"
    assert "[history] dir" in found.text
    assert "chown" in found.fix
    (tmp_path / "file").write_text("")
    (found,) = bad(machine, settings_of(tmp_path, history={"dir": tmp_path / "file" / "history"}))
    assert found.name == "folder-is-file"


def test_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    machine = healthy(tmp_path)
    machine.away = {1234: ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")}
    (found,) = bad(machine, settings_of(tmp_path, receiver={"source": "rtl_tcp", "host": "attic"}))
    assert found.name == "server-absent"
    assert "attic:1234" in found.text


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (socket.gaierror(-2, "Name or service not known"), "broker-unknown"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "broker-absent"),
        (TimeoutError("timed out"), "broker-unreachable"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "broker-unreachable"),
    ],
)
def test_a_broker_that_cannot_be_reached_is_named(error: OSError, name: str) -> None:
    finding = unreachable("broker:1883", "broker", error)
    assert finding.name == name
    assert finding.fix


def test_every_mistake_in_the_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "squitter.toml"
    file.write_text('[receiver]\ngain = "loud"\n[mqtt]\nhots = "x"\n')
    with pytest.raises(ConfigError) as caught:
        load(file)
    found = list(mistakes(caught.value))
    assert len(found) == 2
    assert all(one.verdict is Verdict.PROBLEM for one in found)
    assert any("line 2" in one.text and "gain" in one.text for one in found)
    assert any("line 4" in one.text and "hots" in one.text for one in found)


def test_a_readable_file_with_a_password_is_named(tmp_path: Path) -> None:
    file = tmp_path / "squitter.toml"
    file.write_text('[mqtt]\npassword = "x"\n')
    file.chmod(0o644)
    (found,) = check_file(load(file))
    assert found.name == "settings-readable"
    assert "chmod 600" in found.fix
    file.chmod(0o600)
    assert list(check_file(load(file))) == []


def test_variables_that_are_no_settings_are_named() -> None:
    (found,) = check_file(load(None, {"SQUITTER_FOO": "1"}))
    assert found.name == "variables-strange"
    assert "SQUITTER_FOO" in found.text


def test_our_own_running_service_is_no_fault(tmp_path: Path) -> None:
    machine = healthy(tmp_path)
    machine.start(90, "python3", "/opt/venv/bin/python3 /opt/venv/bin/squitter run --config x", opens="socket:[4711]")
    machine.start(91, "python3", "python3 -P -m receiver.sources.dongle.rtlsdr_child {}", opens=NODE)
    machine.write("/proc/net/tcp", LISTENING)
    machine.taken = {8080: TAKEN, 30005: TAKEN}
    assert bad(machine, settings_of(tmp_path)) == []
    names = [finding.name for finding in findings(machine, settings_of(tmp_path))]
    assert names.count("port-in-service") == 2
    assert "dongle-in-service" in names


def test_who_has_a_port_is_told_where_it_can_be_seen(tmp_path: Path) -> None:
    machine = healthy(tmp_path)
    machine.start(92, "lighttpd", opens="socket:[4711]")
    machine.write("/proc/net/tcp", LISTENING)
    machine.taken = {8080: TAKEN}
    (found,) = bad(machine, settings_of(tmp_path))
    assert "lighttpd (process 92)" in found.text


def test_a_pi_that_only_has_vcgencmd_is_read_too(tmp_path: Path) -> None:
    machine = healthy(tmp_path)
    machine.path(THROTTLED).unlink()
    machine.programs["vcgencmd"] = "throttled=0x50000\n"
    (found, other) = bad(machine, settings_of(tmp_path))
    assert (found.name, other.name) == ("undervoltage-past", "throttled-past")
    machine.programs["vcgencmd"] = "error\n"
    assert bad(machine, settings_of(tmp_path)) == []
    machine.write("/sys/class/hwmon/hwmon1/name", "rpi_volt")
    machine.write("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1")
    (found,) = bad(machine, settings_of(tmp_path))
    assert found.name == "undervoltage"


def test_a_log_that_may_not_be_read_is_only_noted(tmp_path: Path) -> None:
    machine = healthy(tmp_path)
    machine.programs.clear()
    assert bad(machine, settings_of(tmp_path)) == []
    assert "kernel-log" in [finding.name for finding in findings(machine, settings_of(tmp_path))]


def test_another_source_needs_no_dongle(tmp_path: Path) -> None:
    machine = healthy(tmp_path)
    unplug(machine)
    assert bad(machine, settings_of(tmp_path, receiver={"source": "beast"})) == []


def told_names() -> set[str]:
    """Every name that the code gives a note, a warning or a problem."""
    names = set()
    for file in Path(receiver.doctor.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called in ("note", "warning", "problem") and isinstance(node, ast.Call):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    names.add(first.value)
    return names


def test_every_name_is_in_the_document_and_the_document_invents_none() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "doctor.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row.split("|", 2)[2])}
    assert len(told_names()) > 50
    assert told_names() - {"check-failed"} == documented
