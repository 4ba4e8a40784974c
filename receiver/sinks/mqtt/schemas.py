"""The payloads as models, for the schemas that are published with them (docs/asyncapi.yaml)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from receiver.views.aircraft_schema import AircraftObject

Time = Field(description="UTC, seconds since 1970, by the signal's clock", json_schema_extra={"unit": "s"})


def _known(description: str, unit: str | None = None, **bounds: Any) -> Any:
    """A key that is left out when it is not known."""
    return Field(None, description=description, json_schema_extra={"unit": unit} if unit else None, **bounds)


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StationPayload(_Payload):
    """What the station is."""

    name: str = Field(description="name of the station")
    version: str | None = _known("version of Squitter")
    source: str | None = _known("kind of source: rtlsdr, rtl_tcp, recording, beast, …")
    sample_rate_hz: int | None = _known("samples a second", "Hz")
    gain_db: float | str | None = _known("tuner gain", "dB")
    lat: float | None = _known("latitude, rounded as the owner allows", "°")
    lon: float | None = _known("longitude, rounded as the owner allows", "°")


class StatsPayload(_Payload):
    """How the receiver does. Counters run since its start; more keys may come."""

    model_config = ConfigDict(extra="allow", frozen=True)

    now: float = Time
    uptime_s: float | None = _known("seconds of signal", "s")
    messages: int | None = _known("messages that counted")
    messages_per_s: float | None = _known("the same, a second, over the last ten", "1/s")
    by_df: dict[str, int] | None = _known("by downlink format")
    address_types: dict[str, int] | None = _known("by aircraft.json's `type`")
    rejected: dict[str, int] | None = _known("messages that did not count, by reason")
    positions: dict[str, int] | None = _known("position reports by what became of them")
    positions_by_type: dict[str, int] | None = _known("accepted positions by address type")
    position_reports: dict[str, int] | None = _known("position reports, in the air and on the ground")
    remote: dict[str, int] | None = _known("frames that others received: messages, and the rest by reason")
    inputs: dict[str, int] | None = _known(
        "from other receivers over the network: bytes, and frames that were dropped because the same had come before (copies)"
    )
    contradicted: dict[str, int] | None = _known("values of replies that the broadcast contradicts, by attribute")
    aircraft: int | None = _known("aircraft in view")
    aircraft_with_position: int | None = _known("those whose place is known")
    aircraft_seen: int | None = _known("aircraft ever")
    aircraft_listed: int | None = _known("aircraft in the aircraft database, 0 without one (`squitter db update`)")
    max_distance_nmi: float | None = _known("farthest position, rounded as the station's place is", "nmi")
    source: str | None = _known("kind of source")
    receiver_state: str | None = _known("how the source is")
    receiver_text: str | None = _known("the same for people")
    silent_s: float | None = _known("how long neither samples nor messages have come", "s")
    sample_rate_hz: int | None = _known("samples a second", "Hz")
    gain_db: float | None = _known("tuner gain", "dB")
    noise_dbfs: float | None = _known("noise floor", "dBFS")
    signal_dbfs: float | None = _known("mean signal of accepted frames", "dBFS")
    frames: int | None = _known("frames that the demodulator accepted")
    accepted: dict[str, int] | None = _known("the same, by how they were found: direct, repaired, beneath")
    refused: dict[str, int] | None = _known("candidates that it did not accept, by reason")
    samples_processed: int | None = _known("samples demodulated")
    samples_lost: int | None = _known("samples that the dongle or the bus lost")
    samples_dropped: int | None = _known("samples that we could not take")
    load_share: float | None = _known("share of one core that demodulating takes")
    clock: dict[str, bool | float] | None = _known(
        "of a live source: whether the kernel holds its clock for synchronised, how often it was set while we ran (steps), the "
        "newest step (last_step_s) and when that was (last_step_at, UTC seconds)"
    )
    loop_busy_s: float | None = _known("the same, by the processor's time: what is more was taken by others", "s")
    loop_gap_s: float | None = _known("longest time in the last ten seconds that everything waited for one thing", "s")
    sinks: dict[str, dict[str, float]] | None = _known(
        "what each output says of itself; `mqtt.waiting`, `.waiting_bytes` and `.dropped_total` tell what waits for the broker "
        "and what had to go"
    )


class NearestAircraft(_Payload):
    """The aircraft nearest to the published place of the station."""

    hex: str = Field(pattern="^~?[0-9a-f]{6}$", description="its address")
    flight: str | None = _known("its call sign")
    r_dst: float = Field(description="its distance, whole nmi", json_schema_extra={"unit": "nmi"})
    alt_baro: int | Literal["ground"] | None = _known("its altitude, to 1,000 ft", "ft")


class SummaryPayload(_Payload):
    """The sky in a few numbers."""

    now: float = Time
    aircraft: int = Field(ge=0, description="aircraft in view")
    with_position: int = Field(ge=0, description="those whose place is known")
    emergency: list[str] = Field(max_length=20, description="addresses of those that tell an emergency")
    alerts: int = Field(ge=0, description="open alerts")
    nearest: NearestAircraft | None = _known("absent when no aircraft's position, or the station's, is known")
    sample_loss: bool | None = _known("whether samples were lost in the last minute; absent without samples")


class AircraftPayload(AircraftObject):
    """One aircraft: the aircraft object, with the moment that its ages count from."""

    now: float = Time


class EventPayload(_Payload):
    """Something that has just happened to an aircraft."""

    type: str = Field(
        pattern="^[a-z_]+$", description="appeared, identified, squawk, emergency, takeoff, landing, left …"
    )
    time: float = Time
    hex: str = Field(pattern="^~?[0-9a-f]{6}$", description="its address")
    detail: str | None = _known("in a word: the call sign, the code, the emergency, the advisory")
    flight: str | None = _known("its call sign, eight characters")
    squawk: str | None = _known("its code", pattern="^[0-7]{4}$")
    alt_baro: int | Literal["ground"] | None = _known("its altitude", "ft")
    lat: float | None = _known("its latitude", "°")
    lon: float | None = _known("its longitude", "°")


class FactPayload(_Payload):
    """Something known of who it is."""

    name: str = Field(description="registration, type, operator, …")
    value: str = Field(description="what is known")
    source: str = Field(description="where from")


class PatternPayload(BaseModel):
    """The shape that it flies."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = Field(description="orbit, racetrack, …")
    since: float = Time
    laps: float = Field(description="rounds so far")
    radius_km: float = Field(description="its size", json_schema_extra={"unit": "km"})
    lat: float = Field(description="latitude of its middle", json_schema_extra={"unit": "°"})
    lon: float = Field(description="longitude of its middle", json_schema_extra={"unit": "°"})


class PassingPayload(_Payload):
    """Which place it will pass, and how."""

    place: str = Field(description="the place's name in the rule")
    at: float = Time
    distance_km: float = Field(description="how near it will be", json_schema_extra={"unit": "km"})
    altitude_ft: float | None = _known("how high it will be", "ft")


class _AlertFields(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(pattern="^[A-Za-z0-9_-]+$", description="the same from raised to ended; drops duplicates")
    rule: str = Field(description="the rule that matches, the loudest of its group")
    title: str = Field(description="its title")
    clause: str = Field(description="what matches, and where that is known from")
    rules: list[str] = Field(description="all rules of the group that match")
    severity: Literal["info", "warning", "critical"] = Field(description="how loud")
    state: Literal["raised", "updated", "ended"] = Field(description="where in its life it is")
    text: str = Field(description="one sentence for people")
    brief: str = Field(description="the same in at most 110 characters, for a push")
    raised_at: float = Time
    updated_at: float = Time
    ended_at: float | None = _known("when it ended", "s")
    hex: str | None = _known("the aircraft's address; absent when it is about no particular aircraft")
    picture: str | None = _known("topic of its picture")
    pattern: PatternPayload | None = _known("the shape that it flies")
    passing: PassingPayload | None = _known("which place of the rule it will pass, and how")


class OverheadPayload(_Payload):
    """Who will pass a place next, as Home Assistant's sensor wants it; empty when nobody will."""

    at: str | None = _known("when it will be nearest, ISO 8601")
    place: str | None = _known("the place's name in the rule")
    distance_km: float | None = _known("how near it will be", "km")
    altitude_ft: float | None = _known("how high it will be", "ft")
    hex: str | None = _known("its address")
    flight: str | None = _known("its call sign")
    text: str | None = _known("one sentence for people")


class AlertPayload(_AlertFields):
    """An alert: one episode, from raised to ended."""

    aircraft: AircraftPayload | None = _known("the aircraft as it was then")
    facts: list[FactPayload] | None = _known("who it is, each fact with its source")


class AlertEventPayload(_AlertFields):
    """That an alert has changed, for those who want no state: Home Assistant's event entity, automations."""

    type: Literal["alert"] = Field(description="alert")
    event_type: Literal["raised", "updated", "ended"] = Field(description="as `state`")
    time: float = Time
    flight: str | None = _known("call sign of the aircraft, eight characters")


class TrackerPayload(_Payload):
    """Where the aircraft of a watch rule is, as Home Assistant's device_tracker wants it."""

    tracking: bool = Field(description="whether an alert of the rule is open and its aircraft's place is known")
    latitude: float | None = _known("its latitude", "°")
    longitude: float | None = _known("its longitude", "°")
    gps_accuracy: float | None = _known("its radius of containment", "m")
    hex: str | None = _known("its address")
    flight: str | None = _known("its call sign")


class CommandResponsePayload(_Payload):
    """What became of a command."""

    command: str = Field(description="name of the command")
    ok: bool = Field(description="whether it was carried out")
    text: str = Field(description="what was done, or why it was refused")


MODELS: dict[str, type[BaseModel]] = {
    "command_response": CommandResponsePayload,
    "station": StationPayload,
    "stats": StatsPayload,
    "summary": SummaryPayload,
    "aircraft": AircraftPayload,
    "event": EventPayload,
    "alert": AlertPayload,
    "alert_event": AlertEventPayload,
    "tracker": TrackerPayload,
    "overhead": OverheadPayload,
}
"""The JSON payloads, by the name that the AsyncAPI document has for them."""


def schema(name: str) -> dict[str, Any]:
    """JSON schema (2020-12) of one of `MODELS`."""
    return MODELS[name].model_json_schema(by_alias=True)
