"""Home Assistant's own core in this process, asked through standard input: one JSON a line in, one a line out.

Runs in an environment of its own (scripts/test-home-assistant.sh), not in ours: it pins hundreds of packages.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from homeassistant import bootstrap, runner
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry, entity_registry

STAMP = "2026-01-01T00:00:00+00:00"


def prepare(directory: Path, broker_port: int, http_port: int) -> None:
    """A configuration with the MQTT integration set up, as its dialogue writes it."""
    (directory / ".storage").mkdir(parents=True, exist_ok=True)
    (directory / "configuration.yaml").write_text(
        f"http:\n  server_host: 127.0.0.1\n  server_port: {http_port}\n"
        "homeassistant:\n  name: Test\n  latitude: 19.0\n  longitude: -99.0\n  unit_system: metric\n"
        "  time_zone: UTC\n  country: MX\n  currency: MXN\n"
        "automation: !include automations.yaml\n"
    )
    automations = directory / "automations.yaml"
    if not automations.exists():
        automations.write_text("[]\n")
    entries = directory / ".storage" / "core.config_entries"
    if entries.exists():
        return
    entry: dict[str, Any] = {
        "created_at": STAMP,
        "modified_at": STAMP,
        "data": {"broker": "127.0.0.1", "port": broker_port},
        "disabled_by": None,
        "discovery_keys": {},
        "domain": "mqtt",
        "entry_id": "0123456789abcdef0123456789abcdef",
        "minor_version": 1,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [],
        "title": "mqtt",
        "unique_id": None,
        "version": 1,
    }
    entries.write_text(
        json.dumps({"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}})
    )


class Questions:
    """What can be asked."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass

    async def states(self) -> dict[str, Any]:
        """State and attributes of all our entities."""
        return {
            state.entity_id: {
                "state": state.state,
                "attributes": json.loads(json.dumps(dict(state.attributes), default=str)),
            }
            for state in self.hass.states.async_all()
            if ".squitter_home_" in state.entity_id
        }

    async def registry(self) -> dict[str, Any]:
        """Unique ids by entity id, and the names of our devices."""
        entities = entity_registry.async_get(self.hass)
        devices = device_registry.async_get(self.hass)
        return {
            "entities": {
                entity.entity_id: entity.unique_id for entity in entities.entities.values() if entity.platform == "mqtt"
            },
            "devices": [device.name for device in devices.devices.values() if "Squitter" in str(device.name)],
        }

    async def image(self, entity_id: str) -> str:
        """The picture of an image entity, base64."""
        component = self.hass.data["entity_components"]["image"]
        entity = component.get_entity(entity_id)
        picture = await entity.async_image()
        return base64.b64encode(picture or b"").decode()

    async def notifications(self) -> list[str]:
        """Titles and texts of the persistent notifications."""
        return [f"{one['title']}: {one['message']}" for one in self.hass.data["persistent_notification"].values()]


async def main(directory: Path, broker_port: int, http_port: int) -> None:
    """Start, answer until the input ends or says stop."""
    prepare(directory, broker_port, http_port)
    # the protocol's own stream: whatever else prints must not disturb it
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    hass = await bootstrap.async_setup_hass(
        runner.RuntimeConfig(config_dir=str(directory), skip_pip=True, log_no_color=True)
    )
    assert hass is not None
    await hass.async_start()
    assert hass.state is CoreState.running
    questions = Questions(hass)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line or json.loads(line) == ["stop"]:
            break
        name, *arguments = json.loads(line)
        await hass.async_block_till_done(wait_background_tasks=False)
        answer = await getattr(questions, name)(*arguments)
        print(json.dumps(answer), file=answers, flush=True)
    await hass.async_stop()
    print(json.dumps({"stopped": True}), file=answers, flush=True)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(runner.HassEventLoopPolicy(False))
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
