"""The process that holds the dongle: librtlsdr in, slots of the ring out. It may hang or crash; nobody else does.

Started as `python -P -m receiver.sources.dongle.rtlsdr_child SETTINGS-JSON`, with the ring and one end of a packet socket
inherited. It sends JSON packets

    {"state": "absent" | "busy" | "denied" | "error", "text": …}      nothing to read from, it goes on trying
    {"state": "open", "serial": …, "tuner": …, "gains_db": […], "gain_db": …}
    {"slot": k, "bytes": n, "at": monotonic seconds, "skipped": bytes that found the ring full}
    {"gain_db": …}                                                    after a change
    {"problem": …}                                                    something does not work, but samples come

and takes {"gain_db": number | null} and {"stop": true}. It ends when the socket does: it cannot outlive its parent.
No numpy and no numba here, so that it is small and up again within a fraction of a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

from receiver.sources.dongle.librtlsdr import load_rtlsdr
from receiver.sources.dongle.ring import SampleRing

CLOSE_LIMIT_S = 2  # rtlsdr_close is known to hang; then the alarm ends this process

# libusb's numbers, as librtlsdr passes them on
LIBUSB_ACCESS = -3
LIBUSB_BUSY = -6
TUNERS = {0: "unknown", 1: "E4000", 2: "FC0012", 3: "FC0013", 4: "FC2580", 5: "R820T", 6: "R828D"}


class Child:
    """One dongle, its ring and its parent."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.ring = SampleRing(settings["ring_fd"], settings["slots"], settings["slot_bytes"])
        self.socket = socket.socket(fileno=settings["socket_fd"])
        self.rtlsdr = load_rtlsdr()
        self.device: Any = None
        self.filled = 0
        self.skipped_bytes = 0
        self.said = ""
        self._map_address = ctypes.addressof(ctypes.c_char.from_buffer(self.ring.slot(0)))

    def send(self, packet: dict[str, Any]) -> None:
        """Tell the parent; a parent that is gone ends this process."""
        try:
            self.socket.send(json.dumps(packet).encode())
        except OSError:
            os._exit(0)

    def say(self, state: str, text: str) -> None:
        """Tell the parent why there is no data. Repeated as a sign of life; the parent logs changes only."""
        self.send({"state": state, "text": text})

    def wait_for_device(self) -> int:
        """Index of the wanted dongle, as soon as it is there."""
        wanted = self.settings["device"]
        library = self.rtlsdr.librtlsdr  # pyrtlsdr exposes the loaded library under this name
        while True:
            count = library.rtlsdr_get_device_count()
            serials = [self._serial(index) for index in range(count)]
            if wanted is None and count:
                return 0
            if isinstance(wanted, int) and wanted < count:
                return wanted
            if isinstance(wanted, str) and wanted in serials:
                return serials.index(wanted)
            if count == 0:
                self.say(
                    "absent",
                    "no RTL-SDR dongle is plugged in; `squitter doctor` looks closer, `squitter demo` needs none",
                )
            else:
                self.say("absent", f"dongle {wanted!r} is not plugged in; found: {', '.join(map(repr, serials))}")
            time.sleep(self.settings["retry_s"])

    def _serial(self, index: int) -> str:
        buffers = [(ctypes.c_ubyte * 256)() for _ in range(3)]
        if self.rtlsdr.librtlsdr.rtlsdr_get_device_usb_strings(index, *buffers) != 0:
            return ""
        return bytes(buffers[2]).split(b"\0")[0].decode("ascii", "replace")

    def open(self) -> None:
        """Open and set up the dongle, trying until it works."""
        settings = self.settings
        while True:
            index = self.wait_for_device()
            try:
                self.device = device = self.rtlsdr.RtlSdr(device_index=index)
                device.sample_rate = settings["sample_rate_hz"]
                device.center_freq = settings["frequency_hz"]
                if settings["ppm"]:
                    device.freq_correction = settings["ppm"]
                device.set_agc_mode(bool(settings["rtl_agc"]))
                self.set_gain(settings["gain_db"])
                self.set_bias_tee(bool(settings["bias_tee"]))
                self.send(
                    {
                        "state": "open",
                        "serial": self._serial(index),
                        "tuner": TUNERS.get(device.get_tuner_type(), "unknown"),
                        "gains_db": [gain / 10 for gain in device.gain_values],
                        "gain_db": None if settings["gain_db"] is None else device.get_gain(),
                    }
                )
                return
            except self.rtlsdr.rtlsdr.LibUSBError as error:
                if error.errno == LIBUSB_BUSY:
                    self.say("busy", "another program or the kernel's DVB driver holds the dongle")
                elif error.errno == LIBUSB_ACCESS:
                    self.say("denied", "no permission for the USB device: install the udev rule")
                else:
                    self.say("error", f"opening the dongle failed: {error}")
            except OSError as error:
                self.say("error", f"opening the dongle failed: {error}")
            self.close()
            time.sleep(self.settings["retry_s"])

    def set_gain(self, gain_db: float | None) -> None:
        """None: the tuner's own AGC.

        Past pyrtlsdr, which closes the device when a setter fails, even while the other thread reads from it.
        """
        library, handle = self.rtlsdr.librtlsdr, self.device.dev_p
        if gain_db is None:
            result = library.rtlsdr_set_tuner_gain_mode(handle, 0)
        else:
            tenths = min(self.device.gain_values, key=lambda gain: abs(gain - 10 * gain_db))
            result = library.rtlsdr_set_tuner_gain_mode(handle, 1) or library.rtlsdr_set_tuner_gain(handle, tenths)
        if result < 0:
            raise self.rtlsdr.rtlsdr.LibUSBError(result, "could not set the gain")

    def set_bias_tee(self, on: bool) -> None:
        """Both ways: another program may have left it on. Only when it is wanted does it matter that it fails."""
        library = self.rtlsdr.librtlsdr
        lacking = "rtlsdr_set_bias_tee" in getattr(library, "missing", ())
        result = library.rtlsdr_set_bias_tee(self.device.dev_p, int(on))
        if on and lacking:
            self.send({"problem": "bias tee: the system's librtlsdr is too old to switch it; pip install pyrtlsdrlib"})
        elif on and result < 0:
            self.send({"problem": f"bias tee: the dongle does not switch it (error {result})"})

    def close(self) -> None:
        """Close, or be ended by the alarm."""
        device, self.device = self.device, None
        if device is not None:
            signal.alarm(CLOSE_LIMIT_S)
            with contextlib.suppress(OSError):
                device.close()
            signal.alarm(0)

    def on_buffer(self, values: Any, _context: Any) -> None:
        """librtlsdr's callback: copy one buffer into the ring and return. The buffer is librtlsdr's own memory."""
        try:
            at = time.monotonic()
            count = len(values)
            if self.filled - self.ring.returned >= self.ring.slots or count > self.ring.slot_bytes:
                self.skipped_bytes += count
                return
            offset = (self.filled % self.ring.slots) * self.ring.slot_bytes
            ctypes.memmove(self._map_address + offset, values, count)
            self.send({"slot": self.filled, "bytes": count, "at": at, "skipped": self.skipped_bytes})
            self.skipped_bytes = 0
            self.filled += 1
        except BaseException as error:  # noqa: BLE001 - ctypes would print and ignore it
            self.say("error", f"callback: {error!r}")
            os._exit(1)

    def obey(self) -> None:
        """Thread: take the parent's commands until it hangs up."""
        while True:
            try:
                packet = self.socket.recv(65536)
            except OSError:
                packet = b""
            command = json.loads(packet) if packet else {"stop": True}
            if "gain_db" in command and self.device is not None:
                self.settings["gain_db"] = command["gain_db"]
                try:
                    self.set_gain(command["gain_db"])
                    self.send({"gain_db": None if command["gain_db"] is None else self.device.get_gain()})
                except OSError as error:
                    self.send({"problem": f"gain: {error}"})
            if "stop" in command:
                signal.alarm(CLOSE_LIMIT_S)
                if self.device is None:
                    os._exit(0)
                # Cancel only; the main thread closes once librtlsdr has let go of its transfers.
                self.device.cancel_read_async()
                return

    def run(self) -> None:
        """Open, read until stopped or failed, close."""
        threading.Thread(target=self.obey, name="commands", daemon=True).start()
        self.open()
        try:
            self.device.read_bytes_async(self.on_buffer, self.settings["slot_bytes"])
            self.say("error", "the dongle stopped delivering samples")
        except OSError as error:
            self.device = None  # pyrtlsdr has closed it
            self.say("error", f"reading failed: {error}")
        self.close()


def silence_library() -> None:
    """Keep what librtlsdr prints (at each attempt to open) out of the service's log; Python's own errors get there.

    SQUITTER_LIBRTLSDR_OUTPUT=1 lets it through.
    """
    if os.environ.get("SQUITTER_LIBRTLSDR_OUTPUT"):
        os.dup2(2, 1)  # standard output belongs to our parent's user
        return
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def main() -> None:
    """Entry point of the child process."""
    # pyrtlsdr imports numpy when there is one, only to be slower to start and 25 MB bigger
    sys.modules["numpy"] = None  # type: ignore[assignment]
    silence_library()
    # Ctrl-C reaches the whole group, systemd's SIGTERM all of the service; the parent says when to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    Child(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    main()
