"""A computer that is as broken as a test wants it: files below a folder, answers of programs and sockets."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path

from receiver.doctor.machine import Machine


@dataclass(slots=True)
class BrokenMachine(Machine):
    """Healthy until something is broken."""

    programs: dict[str, str] = field(default_factory=dict)  # first word of a command → what it prints
    taken: dict[int, OSError] = field(default_factory=dict)  # port → what listening there gives
    away: dict[int, OSError] = field(default_factory=dict)  # port → what connecting there gives
    denied: set[Path] = field(default_factory=set)
    free: int = 10_000_000_000
    synchronised: bool | None = True
    now: float = 1_800_000_000.0

    def run(self, *command: str) -> str | None:
        return self.programs.get(command[0])

    def listen(self, address: str, port: int) -> OSError | None:
        return self.taken.get(port)

    def connect(self, host: str, port: int) -> OSError | None:
        return self.away.get(port)

    def may_write(self, path: Path) -> bool:
        return path not in self.denied

    def free_bytes(self, folder: Path) -> int | None:
        return self.free

    def clock_synchronised(self) -> bool | None:
        return self.synchronised

    def now_utc_s(self) -> float:
        return self.now

    def write(self, path: str, text: str = "") -> Path:
        """Put a file there."""
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def point(self, path: str, to: str) -> None:
        """Put a symbolic link there."""
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(to, target)

    def plug_in(
        self, name: str = "1-1.4", *, number: int = 4, serial: str = "00000001", speed: str = "480", driver: str = ""
    ) -> Path:
        """A dongle on the bus; the result is its device file."""
        base = f"/sys/bus/usb/devices/{name}"
        known = {"idVendor": "0bda", "idProduct": "2838", "busnum": "1", "devnum": str(number), "speed": speed}
        for key, value in {**known, "serial": serial, "product": "RTL2838UHIDIR"}.items():
            self.write(f"{base}/{key}", value + "\n")
        if driver:
            self.point(f"{base}/{name}:1.0/driver", f"../../../bus/usb/drivers/{driver}")
        return self.write(f"/dev/bus/usb/001/{number:03d}")

    def start(self, pid: int, name: str, command: str = "", opens: str = "") -> None:
        """A process."""
        self.write(f"/proc/{pid}/comm", name + "\n")
        self.write(f"/proc/{pid}/cmdline", (command or name).replace(" ", "\0") + "\0")
        if opens:
            self.point(f"/proc/{pid}/fd/7", opens)


def healthy(folder: Path) -> BrokenMachine:
    """One with nothing wrong, and a dongle."""
    machine = BrokenMachine(folder, {}, programs={"dmesg": "[1.0] usb 1-1.4: new high-speed USB device\n"})
    machine.plug_in()
    machine.write("/proc/modules", "snd_usb_audio 1 0 - Live\n")
    machine.write("/proc/net/tcp", "  sl  local_address rem_address   st\n")
    machine.write("/sys/devices/platform/soc/soc:firmware/get_throttled", "0\n")
    machine.write("/sys/class/thermal/thermal_zone0/temp", "48000\n")
    machine.start(1, "systemd")
    return machine


TAKEN = OSError(errno.EADDRINUSE, "Address already in use")
