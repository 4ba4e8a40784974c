"""Samples from hardware: an RTL-SDR dongle on this machine, or one behind `rtl_tcp` on another.

| file | holds |
|---|---|
| `hardware` | from the settings to the source that they name |
| `live` | what all hardware shares: it comes and goes, and time goes on meanwhile (`LiveSource`, `ReceiverHealth`) |
| `rtlsdr`, `rtlsdr_child`, `ring` | the dongle: our side, the process that holds it, the memory between the two |
| `librtlsdr` | finding a library that pyrtlsdr can use |
| `rtl_tcp` | the same samples from another machine |
| `loss` | how many samples never came |
| `auto_gain`, `gain_control` | which gain receives most, and setting it |

To add another SDR (an Airspy, a SoapySDR device):

1. A file here with a class that derives from `LiveSource`. It opens the device, hands each buffer to the base class
   together with the monotonic time of its arrival, and raises when the device is gone; the base class keeps time,
   counts what was lost, waits and opens again, indefinitely. A library that can hang belongs in a child process, as
   `rtlsdr_child` does it.
2. `sample_format` is the device's own (`dsp.samples.SampleFormat`): no conversion here, the demodulator's first stage
   does it. `set_gain` takes dB and returns what the device chose.
3. A branch in `hardware.open_hardware`, and a value of `receiver.source` in `config/receiver.py`
   (`python -m config.example` writes it into the example).
4. A test beside `tests/receiver/sources/dongle/test_rtlsdr.py` that drives it over a compiled or socket stand-in: gone
   in the middle of a buffer, silent, back again, closed while it waits.
5. What `squitter doctor` can say of it, in `receiver/doctor/usb.py`, and its section in `docs/antenna.md`.
"""
