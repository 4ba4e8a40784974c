"""Settings out of environment variables: ours, and the names that users of the usual container images have set already."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Mapping

from pydantic import BaseModel

from config.settings import Settings

PREFIX = "SQUITTER_"
OURS = {"SQUITTER_HEARTBEAT", "SQUITTER_LIBRTLSDR"}  # no settings, but read elsewhere

# Names that users of the usual container images have set already (INTERFACES: environment variables); the later win
FOREIGN = {
    "LAT": "station.latitude",
    "READSB_LAT": "station.latitude",
    "LONG": "station.longitude",
    "READSB_LON": "station.longitude",
    "ALT": "station.altitude_m",
    "READSB_ALT": "station.altitude_m",
    "READSB_RTLSDR_DEVICE": "receiver.device",
    "READSB_RTLSDR_PPM": "receiver.ppm",
    "READSB_GAIN": "receiver.gain",
    "READSB_ENABLE_BIASTEE": "receiver.bias_tee",
    "READSB_MAX_RANGE": "tracking.max_range_nmi",
    "READSB_RX_LOCATION_ACCURACY": "station.location_accuracy",
    "MQTT_HOST": "mqtt.host",
    "MQTT_PORT": "mqtt.port",
    "MQTT_USERNAME": "mqtt.username",
    "MQTT_PASSWORD": "mqtt.password",
    "TZ": "watch.time_zone",
}
TRUE = {"1", "true", "on", "enabled", "enable", "yes", "y"}
FALSE = {"0", "false", "off", "disabled", "disable", "no", "n", ""}
READSB_GAIN = {"autogain": "auto", "max": "49.6", "min": "0", "-10": "agc"}
READSB_FARTHEST = "1000"  # 0 is: no limit
# readsb's --rx-location-accuracy counts kinds, not decimals: none, 2 decimals, exact, 1 decimal, whole degrees
READSB_ACCURACY = {"0": "-1", "1": "2", "2": "6", "3": "1", "4": "0"}
# What Kubernetes tells of a service, whatever it is called: SQUITTER_MQTT_PORT=tcp://…, SQUITTER_WEB_SERVICE_HOST=…
_SERVICE = re.compile(r".*_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)")
_SERVICE_VALUE = re.compile(r"(tcp|udp|sctp)://.*")


def from_environment(environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(key, name of the variable, text), ours after the foreign ones, so that ours win. An empty variable is none: that is
    what `${LAT:-}` makes of one that is not set."""
    found = []
    for name, key in FOREIGN.items():
        text = environ.get(name, "").strip()
        if not text or (name == "TZ" and not _is_time_zone(text)):  # TZ is not ours: it may also be a rule or a file
            continue
        if is_of_a_service(name, text):
            continue
        found.append((key, name, _as_ours(name, text)))
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX) and "__" in name and text.strip():
            found.append((name[len(PREFIX) :].lower().replace("__", "."), name, text))
    return found


def _as_ours(name: str, text: str) -> str:
    """What a foreign variable says, in our words."""
    if name == "READSB_GAIN":
        # auto-verbose, auto,<lowest gain>,<thresholds>: how it is chosen is our own business
        return "auto" if text.lower().startswith("auto") else READSB_GAIN.get(text.lower(), text)
    if name == "READSB_MAX_RANGE":
        return READSB_FARTHEST if re.fullmatch(r"0+(\.0*)?", text) else text
    if name == "READSB_RX_LOCATION_ACCURACY":
        return READSB_ACCURACY.get(text, text)
    return _metres(text) if name in ("READSB_ALT", "ALT") else text


def is_of_a_service(name: str, text: str) -> bool:
    """Whether Kubernetes (or Docker's old links) has set it for a service that happens to be called like this."""
    return bool(_SERVICE_VALUE.match(text)) or bool(
        _SERVICE.fullmatch(name) and name not in FOREIGN and "__" not in name
    )


def variable_meant(name: str, text: str) -> str | None:
    """The right name of the setting that a variable without two underscores was probably meant for. None: it is somebody
    else's, for instance an image's tag, or what Kubernetes tells of a service (`SQUITTER_MQTT_PORT=tcp://…`).
    """
    if is_of_a_service(name, text):
        return None
    rest = name.removeprefix(PREFIX).lower()
    sections = {section: _keys_of(section) for section in Settings.model_fields}
    for section, keys in sections.items():
        key = rest.removeprefix(f"{section}_")
        if key and key != rest:
            near = [known for known in keys if known.startswith(key)] or difflib.get_close_matches(key, keys, 1)
            return f"{PREFIX}{section.upper()}__{near[0].upper()}" if near else None
    found = [section for section, keys in sections.items() if rest in keys]  # SQUITTER_GAIN
    return f"{PREFIX}{found[0].upper()}__{rest.upper()}" if len(found) == 1 else None


def _keys_of(section: str) -> list[str]:
    model = Settings.model_fields[section].annotation
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _is_time_zone(text: str) -> bool:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _metres(text: str) -> str:
    """readsb's altitude: metres, or feet with `ft`."""
    match = re.fullmatch(r"\s*(-?[0-9.]+)\s*(m|ft)?\s*", text)
    if not match:
        return text
    return str(round(float(match[1]) * 0.3048, 1)) if match[2] == "ft" else match[1]
