"""The files that are installed outside Python: they agree with the code, and with what systemd thinks of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from receiver.doctor.usb import DONGLES, DRIVERS, FILES, INSTALL_RULE

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
UNIT = PACKAGING / "squitter.service"


def test_the_udev_rule_covers_every_dongle_that_the_doctor_knows() -> None:
    text = (PACKAGING / "60-squitter-rtlsdr.rules").read_text()
    pairs = re.findall(
        r'^ATTR\{idVendor\}=="(\w{4})", ATTR\{idProduct\}=="(\w{4})", MODE="0660", GROUP="plugdev"', text, re.M
    )
    assert {f"{vendor}:{product}" for vendor, product in pairs} == DONGLES
    assert len(pairs) == len(DONGLES)
    assert text.count('GOTO="squitter_end"') == 3
    assert text.rstrip().endswith('LABEL="squitter_end"')


def test_the_blacklist_covers_every_driver_that_the_doctor_complains_of() -> None:
    text = (PACKAGING / "blacklist-squitter-rtlsdr.conf").read_text()
    assert set(re.findall(r"^blacklist (\w+)$", text, re.M)) == set(DRIVERS)


def test_the_unit_starts_the_script_is_watched_and_never_gives_up() -> None:
    lines = UNIT.read_text().splitlines()
    for line in (
        "Type=notify", "ExecStart=/opt/squitter/bin/squitter run", "WatchdogSec=20", "Restart=always",
        "StartLimitIntervalSec=0", "RestartPreventExitStatus=2", "DynamicUser=yes", "DevicePolicy=closed",
        "DeviceAllow=char-usb_device rw", "SupplementaryGroups=plugdev",
    ):  # fmt: skip
        assert line in lines


def test_what_is_compiled_is_compiled_outside_the_limits_of_what_runs() -> None:
    """A limit for the service would kill the first compile, for ever: nothing is kept of one that was killed."""
    kernels = (PACKAGING / "squitter-kernels.service").read_text().splitlines()
    service = UNIT.read_text().splitlines()
    assert "ExecStart=/opt/squitter/bin/squitter warmup" in kernels
    assert not [line for line in kernels if line.startswith("MemoryMax")]
    assert "TimeoutStartSec=1h" in kernels
    assert {"Wants=squitter-kernels.service", "After=squitter-kernels.service"} <= set(service)
    assert not [line for line in service if "warmup" in line]
    for name in ("User", "DynamicUser", "CacheDirectory", "Environment"):  # the one finds what the other has written
        of_both = [[line for line in lines if line.startswith(f"{name}=")] for lines in (kernels, service)]
        assert of_both[0] == of_both[1], name


@pytest.mark.parametrize("unit", ["squitter.service", "squitter-kernels.service"])
def test_systemd_understands_the_units(unit: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(PACKAGING / unit)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    # all it may miss is the program, and the other unit, which is not installed here
    said = [line for line in done.stderr.splitlines() if "squitter" in line and "/opt/squitter/bin" not in line]
    assert not [line for line in said if "Unknown" in line or "ignoring" in line.lower()], said


def test_systemd_finds_the_unit_well_shut() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for squitter.service: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip(f"this systemd-analyze does not judge files: {done.stderr.strip()}")
    assert float(found[1]) <= 2.5


def test_the_files_are_in_the_package_too_where_the_doctor_points_to() -> None:
    assert {path.name for path in FILES.iterdir()} == {path.name for path in PACKAGING.iterdir() if path.is_file()}
    assert all((PACKAGING / path.name).read_bytes() == path.read_bytes() for path in FILES.iterdir())
    assert str(FILES / "60-squitter-rtlsdr.rules") in INSTALL_RULE


def test_the_compose_file_passes_on_the_whole_usb_bus() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for words in ("/dev/bus/usb:/dev/bus/usb", '"c 189:* rwm"', "group_add:"):
        assert words in text
    assert "privileged" not in text


@pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
def test_the_debian_packages_scripts_are_shell(name: str) -> None:
    script = PACKAGING / "debian" / name
    text = script.read_text()
    assert text.startswith("#!/bin/sh\nset -e\n")
    assert text.endswith("exit 0\n")
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_the_debian_package_has_a_place_for_each_value_that_the_script_fills_in() -> None:
    control = (PACKAGING / "debian" / "control.in").read_text()
    script = (ROOT / "scripts" / "build_deb.sh").read_text()
    places = set(re.findall(r"@(\w+)@", control))
    assert places == {"VERSION", "ARCH", "SIZE", "PYTHON", "NEXT"}
    assert all(f"s/@{place}@/" in script for place in places)
    assert "/opt/squitter/bin/squitter|/usr/bin/squitter" in script
