"""The ports that would be opened: are they free, and who could reach them."""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Iterator

from config.settings import Settings
from receiver.doctor.finding import Finding, good, note, problem, warning
from receiver.doctor.machine import Machine, is_squitter


def ports(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """Setting, address, port of all that is switched on."""
    network = settings.network
    for key in ("beast_out_port", "avr_out_port", "sbs_out_port"):
        port = getattr(network, key)
        if port is not None:
            yield f"[network] {key}", network.address, port
    for key in ("beast_in_ports", "avr_in_ports"):
        for port in getattr(network, key):
            yield f"[network] {key}", network.address, port
    if settings.web.enabled and settings.web.port:
        yield "[web] port", settings.web.host, settings.web.port


def check_ports(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Each one is tried."""
    wanted = list(ports(settings))
    taken = 0
    for key, address, port in wanted:
        error = machine.listen(address, port)
        if error is None:
            continue
        taken += 1
        if error.errno == errno.EADDRINUSE:
            yield _taken(machine, key, address, port)
        elif error.errno == errno.EACCES:
            yield problem(
                "port-denied", f"This user may not listen on port {port} ({key}).", f"Change {key} to above 1023."
            )
        else:
            yield problem(
                "address-foreign",
                f"{address} is no address of this machine ({key}): {error.strerror or error}.",
                "Use 127.0.0.1 for this machine only, 0.0.0.0 for all machines, or one of `ip addr`.",
            )
    if wanted and not taken:
        yield good("ports", f"The ports are free: {', '.join(str(port) for _, _, port in wanted)}.")
    if any(not _loopback(address) for key, address, _ in wanted if key.startswith("[network]")):
        yield warning(
            "ports-open",
            f"The ports of [network] listen on {settings.network.address}: whoever reaches this machine can use them.",
            'Set [network] address = "127.0.0.1" unless other machines are to connect; they have no password.',
        )
    if not settings.web.enabled:
        yield note(
            "map-off",
            "The map is off.",
            '[web] enabled = true serves it on this machine; with host = "0.0.0.0" to other devices, too (or: squitter run --lan).',
        )
    elif not _loopback(settings.web.host) and settings.web.token is None and settings.web.open:
        yield warning(
            "web-open",
            f"The map listens on {settings.web.host} without a token: whoever reaches this machine sees it.",
            "Set [web] open = false: a token is made, and the log shows the link that has it.",
        )


def _taken(machine: Machine, key: str, address: str, port: int) -> Finding:
    """By whom, if that can be seen; by our own running service it is as it should be."""
    pids = set(machine.listeners(port))
    everybody = list(machine.processes())
    owners = [(pid, name, command) for pid, name, command in everybody if pid in pids]
    if any(is_squitter(command) for _, _, command in owners or everybody):
        return note("port-in-service", f"Port {port} is taken, by Squitter itself as it seems ({key}).")
    who = f"{owners[0][1]} (process {owners[0][0]})" if owners else "another program"
    return problem(
        "port-taken",
        f"Port {port} on {address} is taken by {who} ({key}).",
        f"Stop it (`sudo ss -ltnp 'sport = :{port}'` names it), or change {key}.",
    )


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
