"""Under which addresses and names the map can be opened, from here and from other devices."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

SIOCGIFADDR = 0x8915  # netdevice(7): the IPv4 address of an interface
NOBODY_V4, NOBODY_V6 = (
    "192.0.2.1",
    "2001:db8::1",
)  # for documentation (RFC 5737, RFC 3849): routed like any, never asked
INNER = ("lo", "docker", "br-", "veth", "virbr", "cni", "podman")  # interfaces that no other device is on
MDNS_RESPONDERS = (Path("/run/avahi-daemon/pid"),)
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def links(host: str, port: int, token: str | None = None, names: Iterable[str] = ()) -> list[str]:
    """Addresses to type, the likeliest to work first.

    Parameters
    ----------
    host
        What is listened on; all addresses: those of this machine, and the names that others find it by.
    token
        Goes into each link that another device would open.
    names
        Names that the owner has allowed; in a container these are all that is known of the world outside.
    """
    query = "" if token is None else f"?token={quote(token, safe='')}"
    if not is_everything(host):
        return [_link(host, port, "" if is_loopback(host) else query)]
    named = [name for name in names if name != "*"]
    if in_container():  # its own addresses are of a network that no other device is on
        return [_link(name, port, query) for name in named] or [_link("localhost", port, query)]
    outside = [*addresses(), *mdns_names(), *named]
    return [_link(name, port, query) for name in outside] or [_link("127.0.0.1", port, query)]


def is_everything(host: str) -> bool:
    """Whether it stands for all addresses of this machine."""
    return host in ("", "0.0.0.0", "::")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def addresses() -> list[str]:
    """This machine's addresses on networks with other devices: the one on the way out first, then by interface."""
    found = [address for address in (_way_out(socket.AF_INET, NOBODY_V4),) if address]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            if name.startswith(INNER):
                continue
            request = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(asking.fileno(), SIOCGIFADDR, request)
            except OSError:  # it has no IPv4 address
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    if not found and (address := _way_out(socket.AF_INET6, NOBODY_V6)):
        found.append(address)
    return [one for one in dict.fromkeys(found) if not is_loopback(one)]


def _way_out(family: socket.AddressFamily, nobody: str) -> str | None:
    """The own address that would be used to reach the internet; nothing is sent."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((nobody, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


def mdns_names() -> list[str]:
    """`raspberrypi.local`, where something on this machine answers for it."""
    if not any(mark.exists() for mark in MDNS_RESPONDERS):
        return []
    name = socket.gethostname().partition(".")[0].lower()
    return [f"{name}.local"] if name not in ("", "localhost") else []


def in_container() -> bool:
    """Whether this is a container: its host name and addresses are not those that other devices know."""
    return any(mark.exists() for mark in CONTAINER_MARKS)


def _link(host: str, port: int, query: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/{query}"
