"""Bringing the database up to date: over https, from files and folders; the old one is kept on any doubt."""

from __future__ import annotations

import gzip
import http.server
import json
import random
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from receiver.registry import update as module
from receiver.registry.database import Database
from receiver.registry.update import UpdateError, update

HEADER = "$ICAO,$Registration,$Operator,$Type,$ICAO Type,#CMPG,$Tag 1,$#Tag 2,$#Tag 3,Category,$#Link\n"


@pytest.fixture(autouse=True)
def _small_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_ROWS", {"tar1090-db": 100, "plane-alert-db": 10})


def a_list(count: int, start: int = 0x3C0001) -> bytes:
    return "".join(f"{start + i:06x};D-A{i};A320;00;AIRBUS A-320;2001;Somebody;\n" for i in range(count)).encode()


def alerts(count: int) -> bytes:
    return (
        HEADER + "".join(f"AE{i:04X},{i},USAF,C-17,C17,Mil,a,b,c,Zoomies,x\n" for i in range(1, count + 1))
    ).encode()


def known(path: Path, address: int) -> list[str]:
    database = Database(path)
    database.refresh()
    found = [f"{name} {row.registration}" for name, row in database.rows(address)]
    database.close()
    return found


def take(path: Path, origin: object, name: str = "tar1090-db", **options: object) -> module.Update:
    return update(path, name, str(origin), 8, 1_700_000_000, **options)  # type: ignore[arg-type]


def test_a_file_makes_a_database(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(a_list(200) + b"10166;X;B738;00;;;\n")
    done = take(tmp_path / "db" / "aircraft.sqlite", tmp_path / "list")
    assert done == module.Update("tar1090-db", True, 200, (("not an address", 1),))
    assert known(tmp_path / "db" / "aircraft.sqlite", 0x3C0002) == ["tar1090-db D-A1"]
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["aircraft.sqlite"]


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "list.gz").write_bytes(gzip.compress(a_list(200)))
    assert take(tmp_path / "a.sqlite", tmp_path / "list.gz").rows == 200


def test_a_folder_of_shards_is_read_whole(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    folder.mkdir()
    shard = {f"{i:05X}": ["N1", "C172", "10", "CESSNA"] for i in range(1, 151)}
    (folder / "A.js").write_bytes(gzip.compress(json.dumps(shard).encode()))
    (folder / "3C.json").write_text(json.dumps({"0001": ["D-X", "A320", "00", "AIRBUS"], "children": ["3C0"]}))
    (folder / "ranges.js").write_text("{}")
    assert take(tmp_path / "a.sqlite", folder).rows == 151
    assert known(tmp_path / "a.sqlite", 0xA00001) == ["tar1090-db N1"]


def test_one_list_leaves_the_other_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    (tmp_path / "one").write_bytes(a_list(200, 0xAE0001))
    (tmp_path / "two").write_bytes(alerts(20))
    take(path, tmp_path / "one")
    take(path, tmp_path / "two", "plane-alert-db")
    assert known(path, 0xAE0001) == ["plane-alert-db 1", "tar1090-db D-A0"]
    (tmp_path / "one").write_bytes(a_list(220, 0xAE0001))
    take(path, tmp_path / "one")
    assert known(path, 0xAE0001) == ["plane-alert-db 1", "tar1090-db D-A0"]


def test_the_same_list_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(a_list(200))
    take(tmp_path / "a.sqlite", tmp_path / "list")
    before = (tmp_path / "a.sqlite").stat()
    assert take(tmp_path / "a.sqlite", tmp_path / "list") == module.Update("tar1090-db", False, 200)
    assert (tmp_path / "a.sqlite").stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<html>404</html>\n" * 500, "bad rows"),
        (a_list(99), "expected at least"),
        (a_list(150), "expected at least 160"),
        (a_list(180) + b"zz;\n" * 20, "bad rows"),
        (gzip.compress(a_list(300))[:-200], "end-of-stream"),
        (gzip.compress((b"x" * 4000 + b"\n") * 16_001), "too large when unpacked"),
        (gzip.compress(b"x" * 64_000_001), "too large when unpacked"),
        (b"x" * 8_000_001, "larger than 8 MB"),
    ],
)
def test_a_doubtful_list_is_not_taken(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.sqlite"
    (tmp_path / "list").write_bytes(a_list(200))
    take(path, tmp_path / "list")
    before = path.read_bytes()
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(UpdateError, match=message):
        take(path, tmp_path / "list")
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.sqlite", "list"]


def test_trust_takes_a_small_list_but_no_bad_one(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(a_list(5))
    assert take(tmp_path / "a.sqlite", tmp_path / "list", trust=True).rows == 5
    (tmp_path / "list").write_bytes(b"zz;\n" * 20 + a_list(4))
    with pytest.raises(UpdateError, match="bad rows"):
        take(tmp_path / "a.sqlite", tmp_path / "list", trust=True)


def test_a_damaged_database_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"rubbish" * 1000)
    (tmp_path / "list").write_bytes(a_list(200))
    take(path, tmp_path / "list")
    assert known(path, 0x3C0001) == ["tar1090-db D-A0"]


def test_a_full_disk_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sqlite"
    (tmp_path / "list").write_bytes(a_list(200))
    take(path, tmp_path / "list")
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(module, "write", full)
    (tmp_path / "list").write_bytes(a_list(300))
    with pytest.raises(UpdateError, match="disk is full"):
        take(path, tmp_path / "list")
    assert path.read_bytes() == before


@pytest.mark.parametrize("origin", ["http://example.org/list", "ftp://example.org/list", "gopher://x"])
def test_only_https_and_files_are_asked(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UpdateError, match="expected an https address or a file"):
        take(tmp_path / "a.sqlite", origin)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="No such file"):
        take(tmp_path / "a.sqlite", tmp_path / "none")


def test_a_thousand_mutated_lists_leave_a_good_database(tmp_path: Path) -> None:
    """Taken or refused, the database can be read after each, and holds only what a good row can hold."""
    path = tmp_path / "a.sqlite"
    rng = random.Random(1090)
    plain, packed, csv = a_list(120), gzip.compress(a_list(120)), alerts(20)
    (tmp_path / "list").write_bytes(plain)
    take(path, tmp_path / "list")
    taken = refused = 0
    for number in range(1000):
        name, seed = rng.choice((("tar1090-db", plain), ("tar1090-db", packed), ("plane-alert-db", csv)))
        mutated = bytearray(seed)
        for _ in range(rng.randrange(1, 12)):
            at = rng.randrange(len(mutated))
            action = rng.randrange(5)
            if action == 0:
                mutated[at] = rng.randrange(256)
            elif action == 1:
                del mutated[at : at + rng.randrange(1, 200)]
            elif action == 2:
                mutated[at:at] = rng.choice((b'"', b"\x00", b"\n", b";;;", b",", b"\xff\xfe", b"\x1f\x8b"))
            elif action == 3:
                mutated[at:at] = mutated[: rng.randrange(1, 500)]
            else:
                del mutated[at:]
            mutated = mutated or bytearray(b"x")
        (tmp_path / "list").write_bytes(mutated)
        try:
            taken += take(path, tmp_path / "list", name, trust=number % 2 == 0).changed
        except UpdateError:
            refused += 1
    assert taken > 50
    assert refused > 50
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for texts in connection.execute("SELECT registration, type, type_name, operator, category FROM aircraft"):
            assert all(text.isprintable() and len(text) <= 120 for text in texts)
    connection.close()


@dataclass
class Web:
    """An https server that answers as it is told."""

    url: str
    context: ssl.SSLContext
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    return key, cert


@pytest.fixture
def web(certificate: tuple[Path, Path]) -> Iterator[Web]:
    key, cert = certificate
    context = ssl.create_default_context(cafile=str(cert))
    served = Web("", context)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(dict(self.headers))
            self.send_response(served.status)
            for name, value in {"Content-Length": str(len(served.body)), **served.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that hangs up is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"https://localhost:{server.server_port}/aircraft.csv.gz"
    yield served
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_a_list_is_fetched_and_asked_for_again_by_its_etag(tmp_path: Path, web: Web) -> None:
    web.body, web.headers = gzip.compress(a_list(200)), {"ETag": '"v1"'}
    assert take(tmp_path / "a.sqlite", web.url, context=web.context).rows == 200
    web.status, web.body = 304, b""
    assert take(tmp_path / "a.sqlite", web.url, context=web.context) == module.Update("tar1090-db", False, 200)
    assert "If-None-Match" not in web.asked[0]
    assert web.asked[1]["If-None-Match"] == '"v1"'


@pytest.mark.parametrize(("status", "message"), [(404, "the server says 404"), (500, "the server says 500")])
def test_an_error_of_the_server_is_said(tmp_path: Path, web: Web, status: int, message: str) -> None:
    web.status = status
    with pytest.raises(UpdateError, match=message):
        take(tmp_path / "a.sqlite", web.url, context=web.context)


def test_a_redirect_away_from_https_is_refused(tmp_path: Path, web: Web) -> None:
    web.status, web.headers = 302, {"Location": "http://127.0.0.1:9/list"}
    with pytest.raises(UpdateError, match="not https"):
        take(tmp_path / "a.sqlite", web.url, context=web.context)


def test_a_list_without_end_is_cut_off(tmp_path: Path, web: Web) -> None:
    web.body = b"x" * 8_100_000
    with pytest.raises(UpdateError, match="larger than 8 MB"):
        take(tmp_path / "a.sqlite", web.url, context=web.context)


def test_a_list_that_stops_short_is_refused(tmp_path: Path, web: Web) -> None:
    web.body = a_list(200)
    web.headers = {"Content-Length": str(len(web.body) + 100), "Connection": "close"}
    with pytest.raises(UpdateError, match=r"not taken|IncompleteRead"):
        take(tmp_path / "a.sqlite", web.url, context=web.context)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, web: Web) -> None:
    with pytest.raises(UpdateError, match=r"(?i)certificate"):
        take(tmp_path / "a.sqlite", web.url)


def test_nobody_there_is_said(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UpdateError, match="refused"):
        take(tmp_path / "a.sqlite", f"https://127.0.0.1:{port}/list")
