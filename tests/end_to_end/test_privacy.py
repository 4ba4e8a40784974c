"""A planted place of the station, and everything that leaves the process: bus, log, files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from receiver.wire.beast import frame_to_beast
from tests.mosquitto import Listener, running_mosquitto
from tests.receiver.sinks.sky import flight

# the place, its halves to two decimals, and its altitude
CANARY = re.compile(rb"19\.12|19\.13|99\.98|99\.99|2281")


def test_a_planted_place_is_in_no_topic_no_log_line_and_no_file(tmp_path: Path) -> None:
    frames = []
    for i in range(40):
        icao, t = f"0d0a{i % 4:02x}", 2.0 * i
        heard = flight(icao, t, callsign="N12345", latitude_deg=20.5 + 0.002 * i, longitude_deg=-98.7 + 0.002 * i)
        frames += [replace(one, counter_12mhz=round(one.time_s * 12e6)) for one in heard]
    (tmp_path / "air.beast").write_bytes(b"".join(frame_to_beast(one) for one in frames))
    (tmp_path / "squitter.toml").write_text(
        "[station]\nlatitude = 19.123456\nlongitude = -99.987654\naltitude_m = 2281.5\n[log]\nlevel = 'debug'\n"
        f"[mqtt]\nframes = true\n[outbox]\nfile = '{tmp_path}/outbox'\n[json_files]\ndir = '{tmp_path}/json'\n"
        f"[metrics]\ntextfile = '{tmp_path}/squitter.prom'\n[history]\nenabled = false\n[web]\nenabled = false\n"
    )
    with running_mosquitto(tmp_path) as broker, Listener(broker.port) as listener:
        done = subprocess.run(
            [
                sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())", "replay", "air.beast",
                "--speed", "max", "--config", "squitter.toml", "--set", f"mqtt.port={broker.port}",
                "--set", "json_files.interval_s=1", "--set", "metrics.interval_s=15",
            ],
            cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        listener.wait_for(
            lambda messages: messages[-1].topic.endswith("/status") and messages[-1].payload == b"offline"
        )
    topics = {message.topic.split("/")[2] for message in listener.messages if message.topic.startswith("squitter/home")}
    assert topics >= {"aircraft", "station", "stats", "summary", "events"}
    everything = {f"bus {message.topic}": message.payload for message in listener.messages}
    everything |= {"stdout": done.stdout, "stderr": done.stderr}
    everything |= {f"file {path.name}": path.read_bytes() for path in (tmp_path / "json").iterdir()}
    everything["metrics"] = (tmp_path / "squitter.prom").read_bytes()
    # where an aircraft is says nothing of the station, and frames are what the aircraft have sent
    told = {
        name: found.group()
        for name, payload in everything.items()
        if not name.endswith("/frames") and (found := CANARY.search(payload))
    }
    assert told == {}
    assert b'"lat":19.1,"lon":-100.0' in everything["bus squitter/home/station"]
