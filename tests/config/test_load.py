"""Settings from file, environment and options; mistakes with their place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from config.load import line_numbers, load


def mistakes(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    file = tmp_path / "squitter.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, environ)
    return [line.removeprefix(f"{file}: ") for line in str(caught.value).splitlines()]


def test_every_mistake_is_told_with_line_value_and_what_was_expected(tmp_path: Path) -> None:
    text = """\
[station]
nmae = "x"
name = "bad name!"
latitude = 95
[reciever]
gain = 3
[receiver]
gain = 512
bias_tee = "perhaps"
[mqtt]
rate_hz = "fast"
password = 12
"""
    assert sorted(mistakes(tmp_path, text)) == sorted(
        [
            'station.name (line 3): got "bad name!", expected 1–32 of a–z, A–Z, 0–9, - and _',
            "station.latitude (line 4): got 95, expected -90–90 degrees",
            "station.nmae (line 2): no such setting; did you mean station.name?",
            'receiver.gain (line 8): got 512, expected "auto", "agc" or 0–49.6 dB',
            'receiver.bias_tee (line 9): got "perhaps", expected true or false',
            "mqtt.password (line 12): got (hidden), expected text",
            'mqtt.rate_hz (line 11): got "fast", expected 0.01–10',
            "reciever (line 5): no such setting; did you mean receiver?",
        ]
    )


def test_a_setting_in_the_wrong_table_is_sent_to_the_right_one(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "[station]\ngain = 40\n")
    assert line == "station.gain (line 2): no such setting; did you mean receiver.gain?"


def test_settings_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "[station]\nlatitude = 1\n")
    assert line == "station (line 1): latitude and longitude go together: give both or none"


def test_text_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "[station\n")
    assert "not valid TOML" in line
    assert "line 1" in line


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"/nowhere/x\.toml: no such file"):
        load(Path("/nowhere/x.toml"))


def test_options_beat_the_environment_and_the_environment_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("[receiver]\ngain = 10.0\nppm = 1\nbias_tee = true\n")
    loaded = load(
        file,
        {"SQUITTER_RECEIVER__GAIN": "20.7", "READSB_GAIN": "30", "SQUITTER_RECEIVER__PPM": "2"},
        {"receiver.ppm": ("--ppm", 3)},
    )
    receiver = loaded.settings.receiver
    assert (receiver.gain, receiver.ppm, receiver.bias_tee) == (20.7, 3, True)
    assert loaded.origins["receiver.gain"] == "SQUITTER_RECEIVER__GAIN"
    assert loaded.origins["receiver.ppm"] == "--ppm"
    assert loaded.origins["receiver.bias_tee"] == "line 4"


def test_names_of_the_usual_container_images_are_understood() -> None:
    environ = {
        "READSB_LAT": "19.5", "READSB_LON": "-100.25", "READSB_ALT": "100ft", "READSB_RTLSDR_DEVICE": "00000001",
        "READSB_RTLSDR_PPM": "-3", "READSB_GAIN": "autogain", "READSB_ENABLE_BIASTEE": "Yes", "READSB_MAX_RANGE": "250",
        "READSB_RX_LOCATION_ACCURACY": "1", "MQTT_HOST": "broker", "MQTT_PORT": "8883", "MQTT_USERNAME": "me",
        "MQTT_PASSWORD": "12345",
    }  # fmt: skip
    settings = load(None, environ).settings
    assert (settings.station.latitude, settings.station.longitude, settings.station.altitude_m) == (19.5, -100.25, 30.5)
    assert (settings.receiver.device, settings.receiver.ppm, settings.receiver.gain) == ("00000001", -3, "auto")
    assert settings.receiver.bias_tee is True
    assert settings.tracking.max_range_nmi == 250
    assert settings.station.location_accuracy == 2
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.username) == ("broker", 8883, "me")
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == "12345"


def test_the_machines_time_zone_is_that_of_the_sentences_where_it_has_a_name() -> None:
    def zone(environ: dict[str, str]) -> str:
        return load(None, environ).settings.watch.time_zone

    assert zone({"TZ": "America/Mexico_City"}) == "America/Mexico_City"
    assert zone({"TZ": "America/Mexico_City", "SQUITTER_WATCH__TIME_ZONE": "Europe/Vienna"}) == "Europe/Vienna"
    for other in ("CET-1CEST,M3.5.0,M10.5.0/3", ":/etc/localtime", "/etc/localtime", "../x", "Nowhere/Else"):
        assert zone({"TZ": other}) == "UTC"


@pytest.mark.parametrize(
    ("text", "gain"), [("auto", "auto"), ("autogain", "auto"), ("max", 49.6), ("-10", "agc"), ("37.2", 37.2)]
)
def test_the_gain_of_container_images_is_understood(text: str, gain: str | float) -> None:
    assert load(None, {"READSB_GAIN": text}).settings.receiver.gain == gain


def test_a_variable_that_is_empty_is_not_set() -> None:
    loaded = load(None, {"READSB_LAT": "", "MQTT_PORT": "", "TZ": ""})
    assert loaded.settings == load(None).settings
    assert loaded.origins == {}


@pytest.mark.parametrize("text", ["1", "true", "on", "enabled", "enable", "yes", "y", "TRUE"])
def test_every_way_of_saying_yes_is_understood(text: str) -> None:
    assert load(None, {"SQUITTER_RECEIVER__BIAS_TEE": text}).settings.receiver.bias_tee is True


def test_a_bad_variable_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"receiver.bias_tee \(READSB_ENABLE_BIASTEE\): got 'maybe', expected true or"
    ):
        load(None, {"READSB_ENABLE_BIASTEE": "maybe"})


def test_secrets_are_not_shown() -> None:
    loaded = load(None, {"MQTT_PASSWORD": "canary-3141"})
    assert "canary" not in repr(loaded)
    assert "canary" not in loaded.settings.model_dump_json()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[web]\ntoken = "canary"\n', "web.token"),
        ("[mqtt]\npassword = 31415\n", "mqtt.password"),
        ('[[notify.channel]]\nname = "phone"\nurl = ["canary"]\n', "notify.channel.0.url"),
    ],
)
def test_a_secret_that_is_refused_is_not_shown(tmp_path: Path, text: str, key: str) -> None:
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(f"{key} (line ")
    assert "got (hidden)" in line
    assert "canary" not in line
    assert "31415" not in line


def test_what_comes_from_the_environment_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    file = tmp_path / "squitter.toml"
    file.write_text('[station]\nname = "a b"\n')
    with pytest.raises(ConfigError) as caught:
        load(file, {"SQUITTER_MQTT__PORT": "99999", "SQUITTER_FOO__BAR": "1"})
    in_file, port, unknown = sorted(str(caught.value).splitlines(), key=lambda line: "SQUITTER" in line)
    assert in_file.startswith(f"{file}: station.name (line 2): ")
    assert {port, unknown.split(";")[0]} == {
        "mqtt.port (SQUITTER_MQTT__PORT): got 99999, expected 1–65535",
        "foo (SQUITTER_FOO__BAR): no such setting",
    }


def test_line_numbers_see_through_strings_of_several_lines_and_lists_of_tables() -> None:
    text = 'a = """\n[no]\nb = 1\n"""\n[t]\n"q" = 2\n[[w.r]]\nn = 1\n[[w.r]]\nn = 2\n'
    assert line_numbers(text) == {"a": 1, "t": 5, "t.q": 6, "w.r.0": 7, "w.r.0.n": 8, "w.r.1": 9, "w.r.1.n": 10}


KEYS = [
    "station.name",
    "station.latitude",
    "receiver.gain",
    "receiver.ppm",
    "mqtt.port",
    "mqtt.tls",
    "tracking.max_aircraft",
]


@given(st.sampled_from(KEYS), st.one_of(st.integers(), st.text(max_size=20), st.booleans(), st.floats(), st.none()))
def test_any_value_is_taken_or_refused_in_lines_that_name_the_key(key: str, value: object) -> None:
    try:
        load(None, {}, {key: ("--set", value)})
    except ConfigError as error:
        for line in str(error).splitlines():
            assert line.startswith(key.split(".")[0])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SQUITTER_MQTT_HOST", "SQUITTER_MQTT__HOST"),
        ("SQUITTER_MQTT_HOTS", "SQUITTER_MQTT__HOST"),
        ("SQUITTER_MQTT_USER", "SQUITTER_MQTT__USERNAME"),
        ("SQUITTER_HOME_ASSISTANT_ENABLED", "SQUITTER_HOME_ASSISTANT__ENABLED"),
        ("SQUITTER_GAIN", "SQUITTER_RECEIVER__GAIN"),
    ],
)
def test_a_variable_that_was_meant_for_a_setting_is_told_its_right_name(tmp_path: Path, name: str, meant: str) -> None:
    assert mistakes(tmp_path, "", {name: "secret"}) == [
        f"{name}: no such setting; did you mean {meant}? (two underscores after the section)"
    ]


def test_variables_of_others_are_no_mistakes_but_told() -> None:
    kubernetes = {
        "SQUITTER_MQTT_PORT": "tcp://10.0.0.1:1883",
        "SQUITTER_MQTT_PORT_1883_TCP_ADDR": "10.0.0.1",
        "SQUITTER_MQTT_SERVICE_HOST": "10.0.0.1",
        "SQUITTER_MQTT_SERVICE_PORT": "1883",
        "SQUITTER_PORT": "tcp://10.0.0.2:8080",
    }
    found = load(None, {**kubernetes, "SQUITTER_VERSION": "1.2", "SQUITTER_LIBRTLSDR": "/opt/librtlsdr.so"})
    assert found.strangers == (*kubernetes, "SQUITTER_VERSION")
    assert found.settings == load(None, {}).settings


def test_a_setting_of_before_is_told_its_new_name(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "[recording]\nmost_mb = 3\n")
    assert line == "recording.most_mb (line 2): is called recording.max_size_mb now"


def test_a_path_is_relative_to_the_file_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "etc" / "squitter.toml"
    file.parent.mkdir()
    file.write_text(
        '[watch]\nrules_file = "rules.toml"\n[mqtt]\nca_file = "certs/ca.pem"\nkey_file = "/abs/key.pem"\n'
        '[history]\ndir = "~/h"\n[[notify.channel]]\nname = "a"\nurl_file = "url"\n'
    )
    monkeypatch.chdir("/")
    for path in (file, Path(file.relative_to("/"))):
        settings = load(path).settings
        assert settings.watch.rules_file == file.parent / "rules.toml"
        assert settings.mqtt.ca_file == file.parent / "certs/ca.pem"
        assert settings.mqtt.key_file == Path("/abs/key.pem")
        assert settings.history.dir == Path("~/h")
        assert settings.notify.channel[0].url_file == file.parent / "url"
    typed = load(None, {"SQUITTER_WATCH__RULES_FILE": "rules.toml"}).settings
    assert typed.watch.rules_file == Path("rules.toml"), "what was typed is where it was typed"


def test_each_station_has_folders_of_its_own() -> None:
    def folders(name: str) -> set[Path]:
        settings = load(None, {"SQUITTER_STATION__NAME": name, "SQUITTER_HISTORY__DIR": "/data/{station}"}).settings
        assert settings.history.dir == Path("/data") / name
        paths = (settings.watch.state_file, settings.alerts.dir, settings.outbox.file)
        return {path for path in paths if path is not None}

    assert not folders("roof") & folders("shed")
    assert all("roof" in path.parts for path in folders("roof"))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'\xef\xbb\xbf[station]\r\nname = "x"\r\n', ""),
        ('[station]\nname = "x"\n'.encode("utf-16"), "this is UTF-16 text; save it as UTF-8"),
        ('[mqtt]\nusername = "José"\n'.encode("latin-1"), r"not UTF-8 text \(byte 22\); save it as UTF-8"),
    ],
)
def test_what_editors_write_is_read_or_named(tmp_path: Path, data: bytes, says: str) -> None:
    file = tmp_path / "squitter.toml"
    file.write_bytes(data)
    if not says:
        loaded = load(file)
        assert loaded.settings.station.name == "x"
        assert loaded.origins["station.name"] == "line 2"
        return
    with pytest.raises(ConfigError, match=says):
        load(file)


def test_variables_that_are_empty_or_a_services_are_not_set() -> None:
    environ = {
        "LAT": "", "LONG": " ", "READSB_GAIN": "", "MQTT_PORT": "tcp://10.43.0.7:1883", "MQTT_PASSWORD": "",
        "SQUITTER_MQTT__HOST": "", "SQUITTER_WEB__ENABLED": "", "SQUITTER_RECEIVER__PPM": " ", "SQUITTER_WEB__TOKEN": "",
        "SQUITTER_PORT": "tcp://10.43.0.8:8080", "SQUITTER_SERVICE_HOST": "10.43.0.8", "SQUITTER_SERVICE_PORT": "8080",
        "SQUITTER_SERVICE_PORT_HTTP": "8080", "SQUITTER_PORT_8080_TCP": "tcp://10.43.0.8:8080",
        "SQUITTER_PORT_8080_TCP_PROTO": "tcp", "SQUITTER_PORT_8080_TCP_PORT": "8080",
        "SQUITTER_PORT_8080_TCP_ADDR": "10.43.0.8", "SQUITTER_MQTT_SERVICE_HOST": "10.43.0.9",
        "SQUITTER_MQTT_SERVICE_PORT": "1883", "SQUITTER_MQTT_PORT": "tcp://10.43.0.9:1883",
        "SQUITTER_WEB_PORT_8080_TCP_PORT": "8080",
    }  # fmt: skip
    loaded = load(None, environ)
    assert loaded.settings == load(None).settings
    assert loaded.origins == {}
    with pytest.raises(ConfigError, match="SQUITTER_MQTT__PORT"):
        load(None, {"SQUITTER_MQTT_PORT": "1884"})


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("READSB_GAIN", "auto-verbose", "receiver.gain", "auto"),
        ("READSB_GAIN", "auto-verbose,12,-30,-20,-5", "receiver.gain", "auto"),
        ("READSB_GAIN", "auto,20,-31,-27,-7", "receiver.gain", "auto"),
        ("READSB_GAIN", "MAX", "receiver.gain", 49.6),
        ("READSB_GAIN", "min", "receiver.gain", 0.0),
        ("READSB_MAX_RANGE", "0", "tracking.max_range_nmi", 1000.0),
        ("READSB_MAX_RANGE", "0.0", "tracking.max_range_nmi", 1000.0),
        ("READSB_MAX_RANGE", " 300 ", "tracking.max_range_nmi", 300.0),
        ("READSB_ALT", "120 m", "station.altitude_m", 120.0),
    ],
)
def test_the_newer_forms_of_readsb_are_understood(name: str, text: str, key: str, value: object) -> None:
    section, _, field = key.partition(".")
    assert getattr(getattr(load(None, {name: text}).settings, section), field) == value
