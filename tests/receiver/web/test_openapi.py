"""The description of the HTTP addresses: complete, as written, and true of a running server."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import yaml

from receiver.web.openapi import PATHS, document
from tests.receiver.web.airs import DRONE, START_S, FakeAlert, air, serving, web_sink

DOCS = Path(__file__).parents[3] / "docs"
ALERT = "drone-ae4bd7-20251125T084000"
VALUES = {"hex": DRONE, "id": ALERT, "number": "0", "name": "main.js"}
WITH_HISTORY = re.compile(r"/data/traces|/globe_history")
WITH_MAP = re.compile(r"/map/")


def test_the_file_is_what_the_code_says() -> None:
    written = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    assert written == document(), "run `python -m receiver.web.openapi > docs/openapi.yaml`"


def test_every_address_of_the_server_is_described() -> None:
    served = set()
    for route in web_sink(history=WholeHistory()).application().router.routes():
        if route.method == "GET" and route.resource is not None:
            served.add(route.resource.canonical)
    assert served == {path.template for path in PATHS}


async def test_each_answers_as_described() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    sink.alert(FakeAlert(), b"\x89PNG")
    async with serving(sink) as url, aiohttp.ClientSession() as client:
        for path in PATHS:
            if WITH_HISTORY.match(path.template) or WITH_MAP.match(path.template):
                continue
            address = url.rstrip("/") + re.sub(r"\{(\w+)\}", lambda found: VALUES[found[1]], path.template)
            async with client.get(address) as answer:
                assert answer.status in {200, *path.errors}, path.template
                if answer.status == 200 and path.kind != "application/octet-stream":
                    assert answer.content_type == path.kind, path.template


class WholeHistory:
    """A history that has days, for the addresses that exist only then."""

    def span(self) -> None:
        return None

    def identities_by_address(self) -> dict[str, str]:
        return {}
