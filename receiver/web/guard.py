"""Who may ask for what: the checks before every answer, and the headers on it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Middleware

from receiver.web.connections import ANSWERING_S, Connection, connection_of
from receiver.web.failures import Failures

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
COOKIE = "squitter"
OPEN_PATH = "/healthz"  # tells only whether the service lives
LOCAL_ZONES = (".local", ".home.arpa", ".internal")  # RFC 6762, RFC 8375, ICANN board 2024: never in the public DNS
MAX_AT_ONCE = 64  # answers being made
UNBOUNDED = frozenset({"/api/stream", OPEN_PATH})  # the one is bounded by itself, the other is always answered


def content_security_policy(tiles_origin: str | None, frame_ancestors: Iterable[str] = ()) -> str:
    """Everything from here and nowhere else; no inline script, no plug-in, in no frame but those of the given origins."""
    images = "'self' data:" + (f" {tiles_origin}" if tiles_origin else "")
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {images}",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors " + (" ".join(frame_ancestors) or "'none'"),
        )
    )


def own_names() -> frozenset[str]:
    """Names under which this machine may be known, without asking anybody."""
    name = socket.gethostname().lower()
    return frozenset({"localhost", name, f"{name.partition('.')[0]}.local"} - {""})


def is_local_name(host: str) -> bool:
    """Whether it is a name that only the local network can give: nobody outside can have it point anywhere."""
    return host.endswith(LOCAL_ZONES)


def host_of(header: str) -> str:
    """The host of a Host header, without its port and brackets, lower case."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower().rstrip(".")


def is_address(host: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def same(given: str, wanted: str) -> bool:
    """Whether two texts are the same, in a time that does not tell how much of them is; headers may be no UTF-8."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), wanted.encode())


class Guard:
    """The checks as an aiohttp middleware.

    Parameters
    ----------
    allowed_hosts
        Names besides addresses and this machine's own. An address cannot be rebound, a foreign name can: a page of
        somebody else's, whose name is suddenly 127.0.0.1, would read along.
    token
        None: everybody who can connect may read.
    tiles_origin
        Where tiles may come from.
    frame_ancestors
        Origins whose pages may show the map in a frame.
    only_from
        Networks that may connect; none: all.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str],
        token: str | None,
        tiles_origin: str | None,
        frame_ancestors: Iterable[str] = (),
        only_from: Iterable[str] = (),
    ) -> None:
        self._only_from = tuple(ipaddress.ip_network(network) for network in only_from)
        self._names = own_names() | {name.lower() for name in allowed_hosts}
        self._any_name = "*" in self._names
        self._token = token
        self._cookie = hashlib.sha256(f"squitter:{token}".encode()).hexdigest()
        self._failures = Failures()
        self._at_once = 0
        self.answered = self.refused = 0
        ancestors = tuple(frame_ancestors)
        self._headers = {
            "Content-Security-Policy": content_security_policy(tiles_origin, ancestors),
            "X-Content-Type-Options": "nosniff",
            **({} if ancestors else {"X-Frame-Options": "DENY"}),  # it knows no list
            "Cross-Origin-Resource-Policy": "same-origin",
            # tile servers ask who comes; without tiles nobody is asked for anything
            "Referrer-Policy": "strict-origin" if tiles_origin else "no-referrer",
            "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
            "Server": "squitter",
        }

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler: every answer has them, errors and streams as well."""
        response.headers.update(self._headers)
        response.headers.setdefault("Cache-Control", "no-store")

    @property
    def middleware(self) -> Middleware:
        """For `web.Application(middlewares=…)`."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = connection_of(request)
            if connection is not None:
                connection.enter("answering", ANSWERING_S)
            try:
                self._check(request)
                if request.path != OPEN_PATH:
                    await self._check_room(request, connection)
            except web.HTTPError:
                self.refused += 1
                raise
            self.answered += 1
            if request.path in UNBOUNDED:
                return await handler(request)
            self._at_once += 1
            try:
                return await handler(request)
            finally:
                self._at_once -= 1

        return check

    async def _check_room(self, request: web.Request, connection: Connection | None) -> None:
        """Refuse what there is no room for, and who has no token."""
        if connection is not None and not connection.come_in():
            answer = web.HTTPServiceUnavailable(text="too many connections\n", headers={"Retry-After": "5"})
            answer.force_close()
            raise answer
        if self._token is not None:
            await self._check_token(request, self._token, connection.source if connection else request.remote or "")
        if request.path not in UNBOUNDED and self._at_once >= MAX_AT_ONCE:
            raise web.HTTPServiceUnavailable(text="too many requests at once\n", headers={"Retry-After": "2"})

    def _check(self, request: web.Request) -> None:
        if request.method not in ("GET", "HEAD"):
            refusal = web.HTTPMethodNotAllowed(request.method, ("GET", "HEAD"), text="there is nothing to write here\n")
            refusal.force_close()
            raise refusal
        if request.body_exists:  # nothing here reads one, and nobody waits for the rest of it
            too_much = web.HTTPRequestEntityTooLarge(0, 1, text="a request has no body here\n")
            too_much.force_close()
            raise too_much
        if self._only_from and request.path != OPEN_PATH and not self._may_connect(request.remote):
            raise web.HTTPForbidden(text="this address is not among those of [web] only_from in squitter.toml\n")
        host = host_of(request.headers.get("Host", ""))
        if not (self._any_name or host in self._names or is_local_name(host) or is_address(host)):
            raise web.HTTPMisdirectedRequest(
                text="this name is not one of the map's: add it to [web] allowed_hosts in squitter.toml, "
                "or open the map by its IP address\n"
            )
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.path != "/":
            raise web.HTTPForbidden(text="only the map itself may ask for this\n")

    def _may_connect(self, remote: str | None) -> bool:
        try:
            address = ipaddress.ip_address((remote or "").partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._only_from)

    async def _check_token(self, request: web.Request, token: str, source: str) -> None:
        if same(request.cookies.get(COOKIE, ""), self._cookie):
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        bearer = given.strip() if scheme.lower() == "bearer" else ""
        asked = request.query.get("token", "") if request.path == "/" else ""
        if (bearer or asked) and self._failures.waits(source):
            raise web.HTTPTooManyRequests(text="too many wrong tokens: wait a minute\n", headers={"Retry-After": "60"})
        if bearer and same(bearer, token):
            return
        if asked and same(asked, token):
            answer = web.HTTPSeeOther("./")
            # Lax: a link on somebody's dashboard opens the map; what is asked for besides the page stays same-site only
            answer.set_cookie(COOKIE, self._cookie, max_age=365 * 86_400, httponly=True, samesite="Lax", path="/")
            raise answer
        if bearer or asked:
            self._failures.add(source)
        await asyncio.sleep(0.3)  # guessing takes time
        raise web.HTTPUnauthorized(
            text="this map asks for its token: open /?token=… once, or send Authorization: Bearer …\n",
            headers={"WWW-Authenticate": "Bearer"},
        )
