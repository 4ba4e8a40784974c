"""Squitter as a system service under systemd: what is installed, and what is removed again."""

from __future__ import annotations

import sys
from pathlib import Path

from receiver.doctor.usb import DRIVERS, FILES
from receiver.errors import UsageError
from receiver.setup.steps import Step

UNITS = Path("/etc/systemd/system")
UNIT = UNITS / "squitter.service"
KERNELS_UNIT = UNITS / "squitter-kernels.service"
RULE = Path("/etc/udev/rules.d/60-squitter-rtlsdr.rules")
BLACKLIST = Path("/etc/modprobe.d/blacklist-squitter-rtlsdr.conf")
SETTINGS = Path("/etc/squitter/squitter.toml")
USER = "squitter"
PACKAGED_PROGRAM = "/opt/squitter/bin/squitter"
HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"), Path("/tmp"))  # from the service, by ProtectHome, PrivateTmp


def program() -> Path:
    """The `squitter` that runs now.

    Raises
    ------
    UsageError
        It lies where the service could not see it.
    """
    found = Path(sys.prefix) / "bin" / "squitter"
    if any(found.is_relative_to(folder) for folder in HIDDEN):
        raise UsageError(
            f"{found} lies in a home folder, which the service does not see; install Squitter for the whole machine first: "
            "sudo python3 -m venv /opt/squitter && sudo /opt/squitter/bin/pip install squitter "
            "(in a clone: `pip install .`), then sudo /opt/squitter/bin/squitter service install"
        )
    return found


def install_steps(program: Path, settings: Path | None = None, *, start: bool = True) -> list[Step]:
    """User, dongle's rule, settings, units, in this order.

    Parameters
    ----------
    program
        The `squitter` that the service runs.
    settings
        A file that becomes the service's settings; None: those in /etc/squitter, or the defaults.
    start
        Switch it on, too.
    """
    steps = [
        Step("a group for whoever may use dongles", command=("groupadd", "--system", "--force", "plugdev")),
        Step(
            "a user without a password, for the service",
            command=("useradd", "--system", "--user-group", "--groups", "plugdev", "--no-create-home", "--home-dir",
                     "/var/lib/squitter", "--shell", "/usr/sbin/nologin", USER),
            may_fail=True,
        ),
        Step("whoever is in that group may use the dongle", RULE, (FILES / RULE.name).read_bytes()),
        Step("the kernel's television drivers leave the dongle alone", BLACKLIST, (FILES / BLACKLIST.name).read_bytes()),
        Step("both in force now", command=("udevadm", "control", "--reload"), may_fail=True),
        Step("and for what is plugged in", command=("udevadm", "trigger"), may_fail=True),
        Step("drivers that are loaded already", command=("modprobe", "-r", *DRIVERS), may_fail=True),
    ]  # fmt: skip
    if settings is not None:
        steps += [
            Step("the settings", SETTINGS, settings.read_bytes(), mode=0o640),
            Step("readable by the service", command=("chgrp", USER, str(SETTINGS))),
        ]
    for unit in (KERNELS_UNIT, UNIT):
        text = (FILES / unit.name).read_text().replace(PACKAGED_PROGRAM, str(program))
        steps.append(Step("the service", unit, text.encode()))
    steps.append(Step("systemd reads them", command=("systemctl", "daemon-reload")))
    if start:
        steps.append(Step("started now and at each boot", command=("systemctl", "enable", "--now", "squitter")))
    return steps


def remove_steps() -> list[Step]:
    """The opposite. Settings, history and alerts stay: they are the owner's."""
    steps = [
        Step("stopped, and not started again", command=("systemctl", "disable", "--now", "squitter"), may_fail=True)
    ]
    return [
        *steps,
        *(Step("what was installed", path) for path in (UNIT, KERNELS_UNIT, RULE, BLACKLIST)),
        Step("systemd forgets it", command=("systemctl", "daemon-reload"), may_fail=True),
        Step("the dongle's rule is gone", command=("udevadm", "control", "--reload"), may_fail=True),
        Step("the user", command=("userdel", USER), may_fail=True),
    ]
