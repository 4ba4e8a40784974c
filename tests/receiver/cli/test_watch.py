"""`squitter watch` and `squitter alerts` as their user types them."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config.rules import load_rules
from dsp.samples import SampleBlock, SampleFormat
from receiver.atlas import Atlas
from receiver.cli import main
from receiver.sinks.alert_log import Store
from receiver.sinks.alert_log import bundle as bundle_module
from receiver.sources.files.iq_writer import IqFile
from receiver.sources.files.saved import saved_recording
from receiver.sources.files.tap import file_name
from receiver.watch import DEFAULT_RULES
from receiver.watch.picture import draw_card
from receiver.wire.beast import COUNTER_HZ, frame_to_beast
from receiver.wire.frame import Frame
from tests.receiver.sinks.alert_log.watched_flights import flights, live

START = "2025-08-20T02:40:00Z"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An orbit of TROY701 among others, as a Beast file."""
    frames = sorted((f for flight in flights() for f in flight.frames()), key=lambda f: f.time_s)
    path = tmp_path_factory.mktemp("recording") / "troy.beast"
    first = frames[0].time_s
    path.write_bytes(
        b"".join(
            frame_to_beast(Frame(f.data, f.time_s, counter_12mhz=round((f.time_s - first) * COUNTER_HZ)))
            for f in frames
        )
    )
    return path


def test_watch_test_says_what_fired_when_and_why(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "test", "default", str(recording), "--start-time", START]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    push = next(k for k, line in enumerate(lines) if "→ phone" in line)
    assert lines[push].startswith("2025-08-20 0")
    assert "orbiting-notable" in lines[push]
    assert lines[push + 1].strip() == "because: pattern orbit (from the track) and address ae4bd8 in ae4bd7-ae4bda"
    assert "TROY701, MQ-9 of US Customs and Border Protection" in lines[push + 2]
    assert err.strip() == "2 alerts, 1 push"


def test_watch_test_with_rules_of_ones_own_as_json_and_with_pictures(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "amx"\npicture = true\nwhen = { callsign = ["AMX*"] }\n')
    arguments = ["watch", "test", str(rules), str(recording), "--json", "--pictures", str(tmp_path / "cards")]
    assert main(arguments) == 0
    alerts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {alert["rule"] for alert in alerts} == {"amx"}
    assert alerts[0]["clause"] == "call sign AMX1 is AMX*"
    (card,) = (tmp_path / "cards").iterdir()
    with Image.open(card) as image:
        assert image.size == (1200, 900)


def test_watch_test_takes_a_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = tmp_path / "short.toml"
    scene.write_text(
        'title = "one"\nstart = 2025-08-09T10:00:00Z\nduration_s = 60\nseed = 1\n'
        '[station]\nname = "x"\nlatitude = 19.3\nlongitude = -99.75\naltitude_m = 2700\nantenna_m = 15\n'
        '[[aircraft]]\nicao = "0d0b01"\ncallsign = "XX1"\nsquawk = "7700"\nstart = [19.4, -99.8]\naltitude_ft = 20000\n'
        "speed_kt = 200\nlegs = [{ to = [19.9, -99.8] }]\n"
    )
    assert main(["watch", "test", "default", str(scene)]) == 0
    assert "squawk 7700" in capsys.readouterr().out


def test_watch_check_names_every_mistake_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\nname = "a"\nwhen = { callsing = ["X"] }\n\n[[rule]]\nname = "B!"\nwhen = { military = 3 }\n'
    )
    assert main(["watch", "check", str(rules)]) == 2
    err = capsys.readouterr().err
    assert "rule a: when.callsing (line 3): no such key" in err
    assert "rule B!" in err


def test_the_default_rules_are_good_and_tell_only_what_a_phone_should_hear(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "check"]) == 0
    out = capsys.readouterr().out
    rules = {rule.name: rule for rule in load_rules(DEFAULT_RULES).rule}
    assert f"{len(rules)} rules are good" in out
    assert {name for name, rule in rules.items() if rule.notify} == {
        "emergency", "lost-link", "orbiting-notable", "gps-loss", "gps-spoofing"
    }  # fmt: skip
    assert rules["orbiting"].severity == "info"
    assert all(rules[name].hold_s >= 10 for name in ("emergency", "lost-link"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alerts")
    live(path)
    return path


def troy(folder: Path) -> str:
    return next(alert.id for alert in Store(folder).alerts() if "ae4bd8" in alert.id)


def test_alerts_are_listed_and_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "list", "--json", "--dir", str(folder)]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {alert["state"] for alert in listed} == {"ended"}
    assert main(["alerts", "show", troy(folder)[:16], "--dir", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "type_name: MQ-9 (aircraft database)" in out
    assert "ended" in out


def test_a_track_is_written_for_other_programs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: tmp_path / f"x.{name}" for name in ("geojson", "kml")}
    arguments = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    assert main(["alerts", "show", troy(folder), "--dir", str(folder), *arguments]) == 0
    line = json.loads(files["geojson"].read_text())["features"][0]
    assert line["properties"]["callsign"] == "TROY701"
    assert len(line["geometry"]["coordinates"]) > 100
    assert "<gx:coord>" in files["kml"].read_text()


def test_an_alert_that_is_not_there_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "show", "nothing", "--dir", str(folder)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("squitter: no alert with an id that begins with 'nothing'")
    assert err.count("\n") == 1


def test_a_bundle_replays_to_the_same_states_and_the_same_card_byte_for_byte(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    atlas = Atlas()
    live(tmp_path / "alerts", atlas, lambda alert: draw_card(alert, atlas, "light"))
    bundle, card = tmp_path / "a.zip", tmp_path / "again.png"
    alert = troy(tmp_path / "alerts")
    assert main(["alerts", "show", alert, "--dir", str(tmp_path / "alerts"), "--bundle", str(bundle)]) == 0
    with zipfile.ZipFile(bundle) as archive:
        assert set(archive.namelist()) == {
            "states.jsonl", "context.json", "trail.json", "frames.jsonl", "frames.beast", "picture.png",
            "track.geojson", "track.kml",
        }  # fmt: skip
        told = archive.read("picture.png")
    capsys.readouterr()
    assert main(["alerts", "replay", str(bundle), "--picture", str(card)]) == 0
    assert "each the same byte for byte" in capsys.readouterr().out
    assert card.read_bytes() == told


def sampled(folder: Path, start_s: float, why: str) -> Path:
    """Half a second of samples as the tap saves them; the path of the metadata."""
    name = str(file_name(datetime.fromtimestamp(start_s, UTC), why))
    file = IqFile(folder / name, SampleFormat.CU8, 20_000.0, 1.09e9, start_s - 100, hardware="rtlsdr, serial 00000077",
                  free_bytes=0)  # fmt: skip
    file.write(SampleBlock(np.arange(20_000, dtype=np.uint8), 100 * 20_000), 38.6)
    file.close()
    return file.meta_path


def test_the_samples_saved_at_an_alert_go_into_its_bundle_and_no_replay_minds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    atlas = Atlas()
    live(tmp_path / "alerts", atlas)
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    alert = troy(tmp_path / "alerts")
    entry = Store(tmp_path / "alerts").get(alert)
    assert entry is not None
    payload = entry.states()[-1]["payload"]
    raised_s, rule = payload["raised_at"], payload["rule"]
    bundle = tmp_path / "a.zip"
    show = ["alerts", "show", alert, "--dir", str(tmp_path / "alerts"), "--set", f"recording.dir={recordings}"]

    sampled(recordings, raised_s - 300, rule)
    (recordings / "broken.sigmf-meta").write_text("{")
    assert main([*show, "--bundle", str(bundle), "--iq"]) == 1
    assert f"{recordings}: no recording holds 20" in capsys.readouterr().err
    assert not bundle.exists()

    sampled(recordings, raised_s - 0.4, "another-rule")
    meta = sampled(recordings, raised_s - 0.3, rule)
    assert main([*show, "--bundle", str(bundle), "--iq"]) == 0
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read("iq.sigmf-data") == meta.with_suffix(".sigmf-data").read_bytes()
        assert b"00000077" not in archive.read("iq.sigmf-meta")
        archive.extractall(tmp_path / "out")
    assert saved_recording(tmp_path / "out" / "iq").start_s == pytest.approx(raised_s - 0.3, abs=1e-5)
    capsys.readouterr()
    assert main(["alerts", "replay", str(bundle)]) == 0
    out, err = capsys.readouterr()
    assert "each the same byte for byte" in out
    assert "has 0.0 MB of IQ samples" in err
    first = bundle.read_bytes()
    assert main([*show, "--bundle", str(bundle), "--iq", str(meta)]) == 0
    assert bundle.read_bytes() == first

    sampled(recordings, raised_s - 0.2, rule)
    assert main([*show, "--bundle", str(bundle), "--iq"]) == 1
    assert "say which one, --iq FILE" in capsys.readouterr().err
    assert bundle.read_bytes() == first, "the bundle of before is still whole"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "alerts", "out", "recordings"]


def test_samples_that_cannot_go_into_a_bundle_are_refused_in_a_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Store(folder).get(troy(folder))
    assert entry is not None
    raised_s = entry.states()[-1]["payload"]["raised_at"]
    good, early = sampled(tmp_path, raised_s, "good"), sampled(tmp_path, raised_s - 1000, "early")
    torn, alone = tmp_path / "torn.sigmf-meta", tmp_path / "alone.sigmf-meta"
    torn.write_text(good.read_text()[:100])
    torn.with_suffix(".sigmf-data").touch()
    alone.write_text(good.read_text())
    show = ["alerts", "show", troy(folder), "--dir", str(folder)]
    monkeypatch.setattr(bundle_module, "MAX_IQ_BYTES", 1000)

    def refused(*more: str) -> str:
        assert main([*show, *more]) in (1, 2)
        err = capsys.readouterr().err
        assert not (tmp_path / "a.zip").exists()
        return err.splitlines()[-1]

    assert "add --bundle FILE" in refused("--iq", str(good))
    into = ("--bundle", str(tmp_path / "a.zip"), "--iq")
    assert "a bundle takes" in refused(*into, str(good))
    assert "and nothing of the alert" in refused(*into, str(early))
    assert "cut short" in refused(*into, str(torn))
    assert "alone.sigmf-data: No such file" in refused(*into, str(alone))
    assert "none.sigmf-meta: No such file" in refused(*into, str(tmp_path / "none"))


def test_a_replay_that_differs_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That log was made with another atlas."""
    assert main(["alerts", "replay", troy(folder), "--dir", str(folder)]) == 1
    assert "differs" in capsys.readouterr().out
