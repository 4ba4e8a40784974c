"""From the settings to the hardware that they name."""

from __future__ import annotations

from config.receiver import ReceiverSettings
from receiver.errors import UsageError
from receiver.sources.dongle.gain_control import START_DB
from receiver.sources.dongle.rtl_tcp import RtlTcpSource
from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource

RTL_TCP_PORT = 1234


def open_hardware(receiver: ReceiverSettings) -> RtlSdrSource | RtlTcpSource:
    """The source of samples that `[receiver]` describes; nothing is opened before its `blocks` are asked for.

    A gain of "auto" begins at `START_DB`; whoever wants it to follow what is heard adds a `GainControl`.

    Raises
    ------
    UsageError
        The settings name a source of frames.
    """
    settings = DongleSettings(
        device=receiver.device,
        sample_rate_hz=receiver.sample_rate_hz,
        frequency_hz=receiver.frequency_hz,
        gain_db=START_DB if receiver.gain == "auto" else None if receiver.gain == "agc" else float(receiver.gain),
        rtl_agc=receiver.rtl_agc,
        bias_tee=receiver.bias_tee,
        ppm=receiver.ppm,
    )
    if receiver.source == "rtlsdr":
        return RtlSdrSource(settings)
    if receiver.source == "rtl_tcp":
        return RtlTcpSource(receiver.host, receiver.port or RTL_TCP_PORT, settings)
    raise UsageError(f"receiver.source: got {receiver.source!r}, expected rtlsdr or rtl_tcp, which deliver samples")
