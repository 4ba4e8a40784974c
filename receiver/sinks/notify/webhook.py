"""A webhook: one POST over https to an address that the owner has written down, and to nowhere else.

An address is judged after its name was resolved, and the connection goes to exactly the address that was judged; what
a server answers (a redirect above all) changes nothing. So neither a name that points inwards nor a server that
answers with another address can make this program talk to the machine itself, to the router or to a cloud's metadata.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import socket
import ssl
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

TIMEOUT_S = 5.0
MAX_ANSWER = 65_536
_AGAIN = frozenset({408, 425, 429})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedError(Exception):
    """The message will never be taken, or must not be sent: trying again is of no use."""


class NotNowError(Exception):
    """It may work later."""


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# Private networks of homes, and the machine itself. Not 100.64.0.0/10, not 0.0.0.0/8.
_HOME = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
)
# Where clouds keep what a machine may ask about itself, at addresses that look like anybody's.
_NEVER = tuple(ipaddress.ip_network(text) for text in ("192.0.0.0/24", "168.63.129.16/32", "fd00:ec2::/32"))


def may_connect(text: str, local_network: bool) -> bool:
    """Whether an address (as `getaddrinfo` gives it) may be talked to: public ones, and with `local_network` those of
    home networks. Addresses that carry another inside (IPv4-mapped, 6to4, NAT64, Teredo) are judged by it, too."""
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return False
    return all(_one(inner, local_network) for inner in _layers(address))


def _layers(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    out: list[Address] = [address]
    if address.sixtofour is not None:
        out.append(address.sixtofour)
    if address.teredo is not None:
        out += address.teredo
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64:
        return [low]
    if address in _NAT64_LOCAL or (address in _COMPATIBLE and int(address) > 1):
        out.append(low)
    return out


def _one(address: Address, local_network: bool) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    if local_network and any(address.version == net.version and address in net for net in _HOME):
        return True
    return address.is_global and not address.is_reserved


class GuardedResolver(AbstractResolver):
    """Resolves names; one bad address among a name's addresses is enough to refuse it."""

    def __init__(self, local_network: bool) -> None:
        self._local_network = local_network

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Addresses of a host. Raises OSError, as aiohttp expects it."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        out: list[ResolveResult] = []
        for got_family, _, protocol, _, place in found:
            address = str(place[0])
            if not may_connect(address, self._local_network):
                raise _ForbiddenError(f"{host} is {address}")
            out.append(
                ResolveResult(
                    hostname=host, host=address, port=port, family=got_family, proto=protocol,
                    flags=socket.AI_NUMERICHOST,
                )
            )  # fmt: skip
        return out

    async def close(self) -> None:
        """Nothing to close."""


class _ForbiddenError(OSError):
    pass


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True


async def post(
    url: str,
    payload: dict[str, Any],
    picture: bytes | None,
    local_network: bool = False,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Send an alert.

    The body is `{"alert": …}`, with the card as `picture` (base64 of a PNG) when there is one. `tls`: whom to trust,
    where it is not the usual authorities.

    Raises
    ------
    RefusedError
        The address must not be talked to, or the server does not want the message (4xx, a redirect).
    NotNowError
        No connection, a time-out, a server in trouble (5xx, 408, 425, 429).
    """
    try:
        # yarl as aiohttp does: what one reader takes for a name (127。0。0。1) is an address to another
        target = URL(url)
        host = target.raw_host
    except ValueError:
        raise RefusedError("not an address") from None
    if target.scheme not in ("https", "http") or not host:
        raise RefusedError("not an https address")
    if target.scheme == "http" and not local_network:
        raise RefusedError("https is required")
    # aiohttp asks no resolver where an address is given as such
    if _is_literal(host) and not may_connect(host, local_network):
        raise RefusedError(f"{host} is not an address to send to")
    body: dict[str, Any] = {"alert": payload}
    if picture is not None:
        body["picture"] = base64.b64encode(picture).decode()
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(local_network), use_dns_cache=False, ssl=tls if tls is not None else True,
        force_close=True,
    )  # fmt: skip
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.post(
                target,
                data=json.dumps(body, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json", "User-Agent": "squitter"},
                allow_redirects=False,
            ) as answer,
        ):
            status = answer.status
            if status >= 300:
                await answer.content.read(MAX_ANSWER)
    except aiohttp.ClientConnectorDNSError as error:
        if isinstance(error.os_error, _ForbiddenError):
            raise RefusedError("its name leads to an address that is not to be talked to") from None
        raise NotNowError("its name cannot be resolved") from None
    except aiohttp.InvalidURL:
        raise RefusedError("not an address") from None
    except (TimeoutError, aiohttp.ClientError, OSError, UnicodeError) as error:
        raise NotNowError(type(error).__name__) from None
    if 200 <= status < 300:
        return
    if status >= 500 or status in _AGAIN:
        raise NotNowError(f"the server answers {status}")
    raise RefusedError(f"the server answers {status}")
