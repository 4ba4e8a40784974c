"""The ways to a broker: versions of MQTT, TLS with certificates of both sides, WebSockets."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.mqtt import MqttSettings
from receiver.broker.address import address_of
from receiver.errors import UsageError
from tests.mosquitto import Mosquitto, free_port, running_mosquitto
from tests.receiver.sinks.mqtt.bus import running, sink_for, until


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def authority(directory: Path, name: str) -> None:
    """A certificate authority: `<name>.pem`, `<name>.key`."""
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
        "-keyout", str(directory / f"{name}.key"), "-out", str(directory / f"{name}.pem"),
    )  # fmt: skip


def certificate(directory: Path, name: str, signer: str, subject: str) -> None:
    """A certificate by that authority, for a host or a client."""
    request, extensions = directory / f"{name}.csr", directory / f"{name}.ext"
    extensions.write_text(
        f"subjectAltName=IP:127.0.0.1,DNS:{subject}\n" if subject != "elsewhere" else "subjectAltName=DNS:elsewhere\n"
    )
    openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={subject}",
        "-keyout", str(directory / f"{name}.key"), "-out", str(request),
    )  # fmt: skip
    openssl(
        "x509", "-req", "-days", "2", "-in", str(request), "-CA", str(directory / f"{signer}.pem"),
        "-CAkey", str(directory / f"{signer}.key"), "-CAcreateserial", "-extfile", str(extensions),
        "-out", str(directory / f"{name}.pem"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our authority, a stranger's, and what they have signed."""
    directory = tmp_path_factory.mktemp("papers")
    for name in ("ours", "strange"):
        authority(directory, name)
    certificate(directory, "broker", "ours", "localhost")
    certificate(directory, "misnamed", "ours", "elsewhere")
    certificate(directory, "client", "ours", "squitter")
    certificate(directory, "impostor", "strange", "squitter")
    return directory


def tls(papers: Path, name: str = "broker", extra: str = "") -> str:
    return f"cafile {papers}/ours.pem\ncertfile {papers}/{name}.pem\nkeyfile {papers}/{name}.key\n{extra}"


def connects(broker: Mosquitto, tmp_path: Path, **settings: Any) -> str | None:
    """The MQTT version that it got a connection with; None when it was refused three times."""

    async def main() -> str | None:
        sink = sink_for(broker.port, tmp_path, **settings)
        publisher = sink.publisher
        async with running(sink):
            await until(lambda: publisher.is_connected or publisher._back_off.failures >= 3, 20.0)
            if publisher.is_connected:
                assert await publisher.drain()
            return publisher.version

    return asyncio.run(main())


@pytest.mark.parametrize(("protocol", "version"), [("auto", "5"), ("5", "5"), ("3.1.1", "3.1.1")])
def test_the_version_that_is_asked_for_is_spoken(tmp_path: Path, protocol: str, version: str) -> None:
    with running_mosquitto(tmp_path) as broker:
        assert connects(broker, tmp_path, protocol=protocol) == version


def test_websockets(tmp_path: Path) -> None:
    # this mosquitto wants a plain listener beside it
    plain = f"listener {free_port()} 127.0.0.1"
    with running_mosquitto(tmp_path, listener="protocol websockets", extra=plain) as broker:
        assert connects(broker, tmp_path, transport="websockets") == "5"


def test_tls_is_taken_from_a_broker_whose_certificate_we_trust(tmp_path: Path, papers: Path) -> None:
    with running_mosquitto(tmp_path, listener=tls(papers)) as broker:
        assert connects(broker, tmp_path, tls=True, ca_file=papers / "ours.pem") == "5"


def test_a_certificate_by_a_stranger_is_refused_and_told(
    tmp_path: Path, papers: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_mosquitto(tmp_path, listener=tls(papers)) as broker:
        assert connects(broker, tmp_path, tls=True, ca_file=papers / "strange.pem") is None
    assert "set [mqtt] ca_file to the PEM file of the authority that has signed it" in caplog.text


def test_a_certificate_for_another_host_is_refused_and_told(
    tmp_path: Path, papers: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_mosquitto(tmp_path, listener=tls(papers, "misnamed")) as broker:
        assert connects(broker, tmp_path, tls=True, ca_file=papers / "ours.pem") is None
    assert "set [mqtt] host to a name that stands in it" in caplog.text
    assert "not valid for '127.0.0.1'" in caplog.text


def test_plain_against_tls_and_tls_against_plain_are_told(
    tmp_path: Path, papers: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_mosquitto(tmp_path, listener=tls(papers)) as broker:
        assert connects(broker, tmp_path) is None
    assert "if this port wants TLS, set [mqtt] tls = true" in caplog.text
    (tmp_path / "plain").mkdir()
    with running_mosquitto(tmp_path / "plain") as broker:
        assert connects(broker, tmp_path, tls=True, ca_file=papers / "ours.pem") is None
    assert "what answers on this port speaks no TLS" in caplog.text


def test_a_broker_that_asks_for_a_client_certificate_takes_ours_and_no_other(
    tmp_path: Path, papers: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_mosquitto(tmp_path, listener=tls(papers, extra="require_certificate true")) as broker:
        for name, version in (("client", "5"), ("impostor", None)):
            found = connects(
                broker,
                tmp_path,
                tls=True,
                ca_file=papers / "ours.pem",
                certificate_file=papers / f"{name}.pem",
                key_file=papers / f"{name}.key",
            )
            assert found == version, name
        assert connects(broker, tmp_path, tls=True, ca_file=papers / "ours.pem") is None
    assert "it may want a client certificate that it trusts: [mqtt] certificate_file" in caplog.text


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"tls": True, "ca_file": "absent.pem"}, "mqtt.ca_file"),
        ({"tls": True, "certificate_file": "absent.pem"}, "mqtt.certificate_file"),
        ({"password_file": "absent"}, "mqtt.password_file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_with_the_key(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(UsageError, match=f"{key}: cannot .*absent") as error:
        address_of(MqttSettings(**settings), "home")
    assert "\n" not in str(error.value)


def test_neither_settings_nor_address_print_the_password() -> None:
    settings = MqttSettings(username="squitter", password=SecretStr("s3cret-word"))
    assert "s3cret-word" not in f"{settings!r} {settings.model_dump_json()} {address_of(settings, 'home')!r}"
