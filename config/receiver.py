"""The receiver: dongle, rtl_tcp, or frames from somebody else's receiver."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import Section, setting


class ReceiverSettings(Section):
    """`[receiver]`"""

    source: Literal["rtlsdr", "rtl_tcp", "beast", "avr"] = setting(
        "rtlsdr",
        "Source",
        "Origin of the signal: a dongle on this machine (rtlsdr), a dongle on another machine (rtl_tcp), or frames "
        "decoded by another receiver (beast, avr).",
        '"rtlsdr", "rtl_tcp", "beast" or "avr"',
    )
    device: str | int | None = setting(
        None,
        "Dongle",
        "Serial number (text) or index (number) when there are several. `squitter doctor` lists them.",
        "a serial number in quotes, or an index",
    )
    host: str = setting(
        "127.0.0.1", "Host", "For rtl_tcp, beast and avr: the machine to connect to.", "a host name or address"
    )
    port: int | None = setting(
        None, "Port", "For rtl_tcp (1234), beast (30005) and avr (30002).", "1–65535", ge=1, le=65535
    )
    sample_rate_hz: int = setting(
        2_400_000,
        "Sample rate",
        "Complex samples per second. 2.4 MS/s is the highest rate that an RTL-SDR delivers without loss.",
        "2000000–3200000",
        ge=2_000_000,
        le=3_200_000,
    )
    frequency_hz: int = setting(
        1_090_000_000,
        "Frequency",
        "Tuned frequency. Mode S is transmitted at 1090 MHz; a small offset moves the dongle's DC peak away.",
        "1088000000–1092000000",
        ge=1_088_000_000,
        le=1_092_000_000,
    )
    gain: Literal["auto", "agc"] | Annotated[float, Field(ge=0, le=49.6)] = setting(
        "auto",
        "Gain",
        'Tuner gain in dB; "auto" adjusts it to the received signal and logs each step; "agc" leaves it to the tuner.',
        '"auto", "agc" or 0–49.6 dB',
    )
    ppm: int = setting(
        0, "Frequency correction", "Error of the dongle's crystal in parts per million.", "-200–200", ge=-200, le=200
    )
    rtl_agc: bool = setting(
        False, "Digital AGC", "The RTL2832's own gain control. Rarely useful at 1090 MHz.", "true or false"
    )
    bias_tee: bool = setting(
        False, "Bias tee", "Supply 4.5 V at the antenna socket, for a mast amplifier.", "true or false"
    )
