"""The computer as the checks see it: files below a root, programs, sockets, clocks. Nothing is changed by looking."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.folders import existing_part
from receiver.clock import synchronised

PROGRAM_LIMIT_S = 5.0
CONNECT_LIMIT_S = 5.0


@dataclass(slots=True)
class Machine:
    """The real one by default. `root` is where /proc, /sys, /dev and /etc are looked for."""

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def path(self, path: str) -> Path:
        """An absolute path below the root."""
        return self.root / path.lstrip("/")

    def read(self, path: str) -> str | None:
        """The text of a small file, stripped; None when it cannot be read."""
        try:
            with self.path(path).open("rb") as file:
                return file.read(1_000_000).decode("utf-8", "replace").strip()
        except OSError:
            return None

    def names(self, path: str) -> list[str]:
        """The names in a folder, sorted; none when it cannot be read."""
        try:
            return sorted(os.listdir(self.path(path)))
        except OSError:
            return []

    def link(self, path: str) -> str | None:
        """Where a symbolic link points to; None when it is none, or may not be read."""
        try:
            return os.readlink(self.path(path))
        except OSError:
            return None

    def may_write(self, path: Path) -> bool:
        """Whether this user may read and write a file or folder."""
        return os.access(path, os.R_OK | os.W_OK)

    def run(self, *command: str) -> str | None:
        """What a program writes to standard output; None when it is not there, fails or takes too long."""
        try:
            done = subprocess.run(command, capture_output=True, timeout=PROGRAM_LIMIT_S, check=False, text=True)
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            return None
        return done.stdout if done.returncode == 0 else None

    def free_bytes(self, folder: Path) -> int | None:
        """Room on the disk that holds a folder (or will hold it); None when that cannot be told."""
        try:
            return shutil.disk_usage(existing_part(folder)).free
        except OSError:
            return None

    def listen(self, address: str, port: int) -> OSError | None:
        """What happens to who listens there: None is well."""
        try:
            infos = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, kind, protocol, _, place = infos[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                probe.listen(1)
        except OSError as error:
            return error
        return None

    def connect(self, host: str, port: int) -> OSError | None:
        """What happens to who connects there: None is well."""
        try:
            socket.create_connection((host, port), CONNECT_LIMIT_S).close()
        except OSError as error:
            return error
        return None

    def speaks_tls(self, host: str, port: int) -> bool:
        """Whether a TLS greeting is answered there, whoever has signed the certificate."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = (
            False,
            ssl.CERT_NONE,
        )  # nothing is told to it: it is only looked at
        try:
            with (
                socket.create_connection((host, port), CONNECT_LIMIT_S) as plain,
                context.wrap_socket(plain, server_hostname=host),
            ):
                return True
        except ssl.SSLError as error:  # a server that wants a certificate of ours, or another version, speaks it too
            return error.reason not in (None, "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
        except OSError:
            return False

    def processes(self) -> Iterator[tuple[int, str, str]]:
        """Number, name and command line (arguments separated by spaces) of everything that runs."""
        for name in self.names("/proc"):
            if name.isdigit():
                command = self.read(f"/proc/{name}/cmdline") or ""
                yield int(name), self.read(f"/proc/{name}/comm") or "?", command.replace("\0", " ").strip()

    def holders(self, target: str) -> Iterator[int]:
        """Processes that have a file or socket open, as far as this user may see."""
        for name in self.names("/proc"):
            if name.isdigit() and any(
                self.link(f"/proc/{name}/fd/{number}") == target for number in self.names(f"/proc/{name}/fd")
            ):
                yield int(name)

    def listeners(self, port: int) -> Iterator[int]:
        """Processes that listen on a TCP port, as far as this user may see. Source: proc(5), /proc/net/tcp."""
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in (self.read(table) or "").splitlines()[1:]:
                fields = line.split()
                if len(fields) > 9 and fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    yield from self.holders(f"socket:[{fields[9]}]")

    def clock_synchronised(self) -> bool | None:
        """Whether the kernel holds its clock for synchronised; None when it does not tell."""
        return synchronised()

    def now_utc_s(self) -> float:
        """The clock on the wall."""
        return time.time()


def is_squitter(command: str) -> bool:
    """Whether a command line is our own service or the process of its dongle."""
    words = command.split()
    return "receiver.sources.dongle.rtlsdr_child" in words or any(
        word.rsplit("/", 1)[-1] == "squitter" and following in ("run", "demo", "replay", "record")
        for word, following in itertools.pairwise(words)
    )
