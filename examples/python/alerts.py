#!/usr/bin/env python3
"""Print every alert of every station as it comes, and save its picture: alerts.py [HOST [PORT]]."""

import asyncio
import json
import sys
from pathlib import Path

import aiomqtt


async def main(host: str = "127.0.0.1", port: str = "1883") -> None:
    told = set()
    async with aiomqtt.Client(host, int(port)) as client:
        await client.subscribe("squitter/+/alerts/#", qos=1)
        print("listening", flush=True)
        async for message in client.messages:
            if not message.payload:
                continue  # the alert is over
            topic = str(message.topic).split("/")
            if topic[-1] == "picture":
                await asyncio.to_thread(Path(f"{topic[-2]}.png").write_bytes, message.payload)
                continue
            alert = json.loads(message.payload)
            # an alert may come twice, after a broker's restart for example
            key = (alert["id"], alert["state"], alert["updated_at"])
            if key not in told:
                told.add(key)
                print(f"{alert['severity']:8} {alert['state']:8} {alert['text']}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
