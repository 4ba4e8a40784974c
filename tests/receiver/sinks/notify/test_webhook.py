"""Webhooks against real servers: what arrives, and where nothing must ever arrive."""

from __future__ import annotations

import asyncio
import base64
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from receiver.sinks.notify import webhook
from receiver.sinks.notify.webhook import NotNowError, RefusedError, may_connect, post


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


class Server:
    """Counts what it is asked, answers as it is told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.requests = 0
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b""
        self.patience = asyncio.Event()
        self.patience.set()
        self.port = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self.got.append(await request.json() if request.method == "POST" else {})
        await self.patience.wait()
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None, everywhere: tuple[str, ...] = ()) -> AsyncIterator[Server]:
    server = Server()
    app = web.Application(client_max_size=2**22)
    app.router.add_route("*", "/{any:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    server.port = runner.addresses[0][1]
    for host in everywhere:
        await web.TCPSite(runner, host, server.port, ssl_context=tls).start()
    try:
        yield server
    finally:
        server.patience.set()
        await runner.cleanup()


def server_tls(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def client_tls(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


def test_an_alert_arrives_over_https_with_its_picture(certificate: Path) -> None:
    async def main() -> None:
        async with serving(server_tls(certificate)) as server:
            url = f"https://localhost:{server.port}/hook"
            await post(url, {"id": "x", "text": "Ä “quoted”"}, b"\x89PNG", True, client_tls(certificate))
            assert server.got == [
                {"alert": {"id": "x", "text": "Ä “quoted”"}, "picture": base64.b64encode(b"\x89PNG").decode()}
            ]

    asyncio.run(main())


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate: Path) -> None:
    async def main() -> None:
        async with serving(server_tls(certificate)) as server:
            with pytest.raises(NotNowError):
                await post(f"https://localhost:{server.port}/", {}, None, True)
            assert server.requests == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, None), (204, None), (301, RefusedError), (307, RefusedError), (400, RefusedError), (404, RefusedError),
     (408, NotNowError), (429, NotNowError), (500, NotNowError), (503, NotNowError)],
)  # fmt: skip
def test_the_answer_decides_whether_to_try_again(status: int, error: type[Exception] | None) -> None:
    async def main() -> None:
        async with serving() as server:
            server.status = status
            work = post(f"http://127.0.0.1:{server.port}/", {}, None, True)
            if error is None:
                await work
            else:
                with pytest.raises(error):
                    await work

    asyncio.run(main())


def test_a_redirect_is_not_followed() -> None:
    async def main() -> None:
        async with serving() as inner, serving() as outer:
            outer.status, outer.headers = 302, {"Location": f"http://127.0.0.1:{inner.port}/"}
            with pytest.raises(RefusedError, match="302"):
                await post(f"http://127.0.0.1:{outer.port}/", {}, None, True)
            assert (outer.requests, inner.requests) == (1, 0)

    asyncio.run(main())


def test_a_server_that_does_not_answer_is_left_alone_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.2)

    async def main() -> None:
        async with serving() as server:
            server.patience.clear()
            with pytest.raises(NotNowError, match="Timeout"):
                await post(f"http://127.0.0.1:{server.port}/", {}, None, True)

    asyncio.run(main())


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async def main() -> None:
        async with serving() as server:
            server.status, server.body = 500, b"x" * 8_000_000
            with pytest.raises(NotNowError):
                await post(f"http://127.0.0.1:{server.port}/", {}, None, True)

    asyncio.run(main())


def test_plain_http_is_for_the_local_network_only() -> None:
    with pytest.raises(RefusedError, match="https"):
        asyncio.run(post("http://example.org/", {}, None))


# Ways to write the machine itself, or a cloud's metadata, so that a careless check lets them pass.
BYPASSES = [
    "127.0.0.1", "localhost", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1",
    "0", "0.0.0.0", "127.127.127.127", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127。0。0。1", "①②⑦.⓪.⓪.①", "user@127.0.0.1", "example.org@127.0.0.1",
    "LOCALHOST", "localhost.", "127.0.0.1.",
]  # fmt: skip


def careless(folder: Path) -> ssl.SSLContext:
    """Takes the test server for anybody: only the guard stands between it and a request."""
    context = client_tls(folder)
    context.check_hostname = False
    return context


# Also the addresses behind the spellings that are not 127.0.0.1
OTHERS = ("127.127.127.127", "::1")


def test_the_server_of_the_next_test_can_be_reached(certificate: Path) -> None:
    async def main() -> None:
        async with serving(server_tls(certificate), OTHERS) as server:
            for host in ("127.0.0.1", "localhost", "127.127.127.127", "[::1]", "127。0。0。1", "x@127.0.0.1"):
                await post(f"https://{host}:{server.port}/", {}, None, True, careless(certificate))
            assert server.requests == 6

    asyncio.run(main())


@pytest.mark.parametrize("host", BYPASSES)
def test_no_spelling_of_this_machine_is_talked_to(host: str, certificate: Path) -> None:
    async def main() -> None:
        async with serving(server_tls(certificate), OTHERS) as server:
            with pytest.raises((RefusedError, NotNowError)):
                await post(f"https://{host}:{server.port}/", {}, None, False, careless(certificate))
            assert server.requests == 0

    asyncio.run(main())


def test_a_name_that_leads_to_this_machine_is_refused_for_ever(
    monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        real = loop.getaddrinfo

        async def lying(host: Any, port: Any, **more: Any) -> Any:
            return await real("127.0.0.1" if host == "hooks.example.org" else host, port, **more)

        monkeypatch.setattr(loop, "getaddrinfo", lying)
        async with serving(server_tls(certificate)) as server:
            url = f"https://hooks.example.org:{server.port}/"
            with pytest.raises(RefusedError, match="not to be talked to"):
                await post(url, {}, None, False, careless(certificate))
            assert server.requests == 0
            await post(url, {}, None, True, careless(certificate))
            assert server.requests == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    ("address", "public", "home"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1111", True, True),
        ("64:ff9b::808:808", True, True),
        ("192.168.1.7", False, True),
        ("10.0.0.1", False, True),
        ("172.31.255.255", False, True),
        ("127.0.0.1", False, True),
        ("fd12::1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:a9fe:a9fe::1", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("fd00:ec2::254", False, False),
        ("192.0.0.192", False, False),
        ("168.63.129.16", False, False),
        ("100.100.100.200", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("240.0.0.1", False, False),
        ("nonsense", False, False),
    ],
)
def test_which_addresses_are_talked_to(address: str, public: bool, home: bool) -> None:
    assert may_connect(address, local_network=False) is public
    assert may_connect(address, local_network=True) is home
