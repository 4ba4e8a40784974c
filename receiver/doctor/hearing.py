"""Samples: do they come, all of them, and is there anything in them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from config.settings import Settings
from dsp.demodulator import Demodulator
from receiver.decode import Decoder
from receiver.doctor.finding import Finding, Verdict, good, note, problem, warning
from receiver.doctor.machine import Machine
from receiver.doctor.usb import INSTALL_RULE, check_usb
from receiver.errors import SquitterError
from receiver.sources.dongle.hardware import RTL_TCP_PORT, open_hardware
from receiver.sources.dongle.live import ReceiverHealth
from receiver.sources.dongle.rtl_tcp import RtlTcpSource
from receiver.sources.dongle.rtlsdr import RtlSdrSource
from receiver.tracking import Station, Tracker, TrackingLimits
from receiver.wire.from_batch import frames_from_batch

LISTEN_S = 3.0
LIMIT_S = 15.0
LOST_SHARE = 0.001
CLIPPED_SHARE = 0.01
STILL = 0.6  # standard deviation of the samples, in steps of the converter: an open input has more
DEFAULT_PORTS = {"beast": 30005, "avr": 30002}
# What the kernel says of the bus does not matter once samples come
MOOT = {"dongle-absent", "usb-invisible", "dongle-not-passed-on", "dongle-denied", "dongle-held", "dongle-contested"}


@dataclass(slots=True)
class Listened:
    """What came of listening for a while."""

    health: ReceiverHealth
    samples: int = 0
    frames: int = 0
    clipped: int = 0
    deviation: float = 0.0
    place_hint: str | None = None


def listen(source: RtlSdrSource | RtlTcpSource, settings: Settings) -> Listened:
    """Run a source until `LISTEN_S` of samples have come, it says that it cannot, or time is up."""
    heard = Listened(source.health)
    decoder, tracker = (
        Decoder(),
        Tracker(_station(settings), TrackingLimits(max_range_nmi=settings.tracking.max_range_nmi)),
    )
    demodulator = Demodulator(source.sample_rate_hz, source.sample_format)
    until_s = time.monotonic() + LIMIT_S
    deviations = []
    blocks = source.blocks()
    try:
        for block in blocks:
            if block.n_samples:
                heard.samples += block.n_samples
                batch = demodulator.feed(block)
                heard.frames += len(batch)
                for frame in frames_from_batch(
                    batch, sample_rate_hz=source.sample_rate_hz, start_utc_s=0.0, source=source.kind
                ):
                    if (message := decoder.decode(frame)) is not None:
                        tracker.update(message)
                heard.clipped += int(np.count_nonzero((block.iq == 0) | (block.iq == 255)))
                deviations.append(float(np.std(block.iq[:4096].astype(np.float32))))
            failed = source.health.state in ("absent", "busy", "denied") or source.health.restarts > 0
            if heard.samples >= LISTEN_S * source.sample_rate_hz or failed or time.monotonic() > until_s:
                break
    finally:
        source.close()
        blocks.close()  # type: ignore[attr-defined]
    heard.deviation = float(np.median(deviations)) if deviations else 0.0
    heard.place_hint = tracker.place_hint()
    return heard


def _station(settings: Settings) -> Station | None:
    latitude, longitude = settings.station.latitude, settings.station.longitude
    return None if latitude is None or longitude is None else Station(latitude, longitude)


def check_dongle(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """What the bus tells and what comes of listening, each completing the other."""
    if settings.receiver.source != "rtlsdr":
        return
    on_the_bus = list(check_usb(machine, settings))
    if any(finding.name == "dongle-in-service" for finding in on_the_bus):
        yield from on_the_bus
        return
    try:
        source = open_hardware(settings.receiver)
        heard = listen(source, settings)
    except SquitterError as error:
        yield from on_the_bus
        yield problem("library", f"librtlsdr does not work here: {error}", "pip install --force-reinstall pyrtlsdrlib")
        return
    if heard.samples:
        yield from (finding for finding in on_the_bus if finding.name not in MOOT or finding.verdict is Verdict.GOOD)
        yield from judge(heard, settings)
        return
    yield from on_the_bus
    if not any(finding.verdict is Verdict.PROBLEM for finding in on_the_bus):
        yield _why_silent(heard.health)


def _why_silent(health: ReceiverHealth) -> Finding:
    text = f"No samples come from the dongle: {health.text or health.state}."
    if health.state == "denied":
        return problem("dongle-denied", text, INSTALL_RULE)
    if health.state == "busy":
        return problem("dongle-held", text, "Stop the other program; `sudo lsof /dev/bus/usb/*/*` names it.")
    if health.state == "absent":
        return problem("dongle-absent", text, "Plug it in; `lsusb` should show 0bda:2838 or a relative of it.")
    if health.state == "crashed":
        return problem(
            "library", text, "pip install --force-reinstall pyrtlsdrlib; unset SQUITTER_LIBRTLSDR if it is set."
        )
    return problem("dongle-silent", text, "Unplug it, wait, plug it in again; then another port, cable or hub.")


def judge(heard: Listened, settings: Settings) -> Iterator[Finding]:
    """What the samples are like."""
    health = heard.health
    seconds = heard.samples / settings.receiver.sample_rate_hz
    lost = health.samples_lost + health.samples_overrun
    if health.restarts:
        yield problem(
            "dongle-breaks-off",
            f"Samples came for {seconds:.1f} s, then no more: {health.text or health.state}.",
            "Mostly power or cable: a powered hub, another cable or port.",
        )
    elif lost > LOST_SHARE * heard.samples:
        yield warning(
            "samples-lost",
            f"{lost / (lost + heard.samples):.1%} of the samples did not arrive.",
            "Another USB port or cable, a lower [receiver] sample_rate_hz, less load on this machine.",
        )
    else:
        yield good("samples", f"{seconds:.1f} s of samples, none missing; tuner {health.tuner or 'unknown'}.")
    if heard.clipped > CLIPPED_SHARE * 2 * heard.samples:
        yield warning(
            "overload",
            f"{heard.clipped / (2 * heard.samples):.0%} of the samples are at the end of the scale: something strong overloads it.",
            'Set [receiver] gain = "auto" or lower, and put a 1090 MHz filter before the dongle.',
        )
    elif heard.deviation < STILL:
        yield warning(
            "deaf",
            "The samples are nearly all alike: not even noise is received.",
            "Set [receiver] gain = \"auto\" or higher; check the antenna's plug and the amplifier's supply ([receiver] bias_tee).",
        )
    if heard.place_hint is not None:
        yield warning("station-place", f"{heard.place_hint}.", "Correct [station] latitude and longitude.")
    if heard.frames:
        yield good("frames", f"{heard.frames} frames of aircraft in them.")
    else:
        yield note(
            "nothing-heard",
            f"No aircraft was received in {seconds:.0f} s. At night, indoors or far from routes that may be normal.",
            "If it stays so: antenna outside with a free view, and a short cable.",
        )


def check_server(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """rtl_tcp, or another receiver that delivers frames."""
    receiver = settings.receiver
    if receiver.source == "rtlsdr":
        return
    port = receiver.port or DEFAULT_PORTS.get(receiver.source, RTL_TCP_PORT)
    where = f"{receiver.host}:{port}"
    error = machine.connect(receiver.host, port)
    if error is not None:
        yield problem(
            "server-absent",
            f"No server answers at {where} ({receiver.source}): {error.strerror or error}.",
            "Start it there (rtl_tcp -a 0.0.0.0, or readsb --net), or correct [receiver] host and port.",
        )
        return
    if receiver.source != "rtl_tcp":
        yield good("server", f"{where} answers ({receiver.source}).")
        return
    heard = listen(RtlTcpSource(receiver.host, port, open_hardware(receiver).settings), settings)
    if heard.samples:
        yield from judge(heard, settings)
    else:
        yield problem(
            "server-silent",
            f"{where} sends no samples: {heard.health.text or heard.health.state}.",
            "rtl_tcp serves one client at a time: stop the other one. Is it rtl_tcp that listens there?",
        )
