"""The last seconds of the signal, kept in memory until somebody wants them on disk.

    tap = SampleTap(source, settings.recording, frequency_hz)
    tap.heard(block, statistics)     in the hearing thread, after every block: a copy of it, some 40 µs for 54.6 ms
    tap.save("alert")                from any thread: returns at once; a thread of its own writes

What came of it is returned by a later `heard`, as a text for the owner.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.recording import RecordingSettings
from dsp.samples import SampleBlock
from receiver.errors import SquitterError
from receiver.sources import SampleSource
from receiver.sources.files.iq_writer import MB, DiskLimitError, IqFile

if TYPE_CHECKING:
    from dsp.demodulator import DemodulatorStatistics


log = logging.getLogger(__name__)


class SampleTap:
    """Keeps and saves.

    Parameters
    ----------
    source
        Whose blocks are told; its gain goes into the metadata where it has one.
    settings
        Folder, seconds, limits.
    frequency_hz
        What it is tuned to.
    """

    def __init__(self, source: SampleSource, settings: RecordingSettings, frequency_hz: float) -> None:
        self._source = source
        self._settings = settings
        self._frequency_hz = frequency_hz
        self._folder = settings.dir.expanduser()
        self._kept: deque[tuple[SampleBlock, float | None]] = deque()
        self._kept_samples = 0
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._cut = threading.Event()  # close what is being written, as it is
        self._news: deque[str] = deque(maxlen=10)

    def heard(self, block: SampleBlock, statistics: DemodulatorStatistics | None = None) -> str | None:
        """Keep a block; the result tells of a recording that was saved, or why it was not."""
        most = int(self._settings.last_s * self._source.sample_rate_hz)
        if most and block.n_samples:
            kept = SampleBlock(block.iq.copy(), block.first_sample, block.gap_before)
            gain_db = getattr(getattr(self._source, "health", None), "gain_db", None)
            with self._lock:
                self._kept.append((kept, gain_db))
                self._kept_samples += kept.n_samples
                while self._kept_samples - self._kept[0][0].n_samples >= most:
                    self._kept_samples -= self._kept.popleft()[0].n_samples
        return self._news.popleft() if self._news else None

    def save(self, why: str, seconds: float | None = None) -> bool:
        """Write the last `seconds` (default: all that is kept) to a new file in the folder.

        Parameters
        ----------
        why
            Becomes part of the file's name: letters, digits and hyphens of it.

        Returns
        -------
        bool
            Whether writing has begun. Not when nothing is kept, or while another recording is still being written.
        """
        with self._lock:
            if self._writer is not None and self._writer.is_alive():
                self._news.append("recording not saved: the one before is still being written")
                return False
            blocks = list(self._kept)
            if not blocks:
                self._news.append("recording not saved: nothing is kept ([recording] last_s)")
                return False
            if seconds is not None:
                end = blocks[-1][0].first_sample + blocks[-1][0].n_samples
                start = end - int(seconds * self._source.sample_rate_hz)
                blocks = [(block, gain) for block, gain in blocks if block.first_sample + block.n_samples > start]
            self._writer = threading.Thread(target=self._write, args=(blocks, why), name="recording", daemon=True)
            self._writer.start()
        return True

    def command(self, text: str) -> str:
        """Obey a person: a number of seconds, or nothing for all that is kept. ValueError: it is neither."""
        word = text.strip()
        try:
            seconds = float(word) if word else None
        except ValueError:
            seconds = -1.0
        if seconds is not None and not 0 < seconds <= 120:
            raise ValueError(f"record: got {text[:40]!r}, expected seconds (up to 120) or nothing")
        if not self.save("command", seconds):
            raise ValueError(self._news.pop())
        return "recording is being saved"

    def finish(self, seconds: float = 30.0) -> None:
        """Wait so long for what is being written; then it is closed as it is: shorter, but a recording. Its outcome is
        logged, for there may be no block any more to report it with."""
        writer = self._writer
        if writer is None:
            return
        writer.join(seconds)
        if writer.is_alive():
            self._cut.set()
            writer.join(1.0)
        while self._news:
            log.info("%s", self._news.popleft())

    def _write(self, blocks: list[tuple[SampleBlock, float | None]], why: str) -> None:
        try:
            self._news.append(self._write_file(blocks, why))
        except (SquitterError, OSError) as error:
            self._news.append(f"recording not saved: {error}")

    def _write_file(self, blocks: list[tuple[SampleBlock, float | None]], why: str) -> str:
        source, settings = self._source, self._settings
        self._folder.mkdir(parents=True, exist_ok=True)
        room = settings.max_size_mb * MB - sum(path.stat().st_size for path in self._folder.glob("*.sigmf-data"))
        if room < sum(block.iq.nbytes for block, _ in blocks):
            raise DiskLimitError(
                f"the recordings in {self._folder} would take more than {settings.max_size_mb:,} MB "
                "([recording] max_size_mb); delete or move some"
            )
        start_utc_s = source.start_utc_s
        at = datetime.fromtimestamp(start_utc_s + blocks[0][0].first_sample / source.sample_rate_hz, UTC)
        file = IqFile(
            self._folder / file_name(at, why),
            source.sample_format,
            source.sample_rate_hz,
            self._frequency_hz,
            start_utc_s,
            hardware=hardware_of(source),
            description=f"the last seconds before: {why}",
            free_bytes=settings.free_mb * MB,
        )
        try:
            for block, gain_db in blocks:
                if self._cut.is_set():
                    break
                file.write(block, gain_db)
        finally:
            file.close()
        cut = ", cut short by the stop" if self._cut.is_set() else ""
        return f"recording saved: {file.seconds:.1f} s in {file.data_path}{cut}"


def file_name(at: datetime, why: str) -> Path:
    """A name that sorts by time; nothing of `why` but letters, digits and hyphens gets into it."""
    word = name_word(why)
    stamp = at.strftime("%Y%m%dT%H%M%S") + f"{at.microsecond // 1000:03d}Z"
    return Path(f"squitter-{stamp}-{word}" if word else f"squitter-{stamp}")


def name_word(why: str) -> str:
    """What the name of a recording tells of its reason."""
    return re.sub(r"[^A-Za-z0-9]+", "-", why)[:40].strip("-")


def hardware_of(source: SampleSource) -> str:
    """What the source says of itself, in words."""
    health = getattr(source, "health", None)
    if health is None:
        return source.kind
    parts = [source.kind, health.tuner and f"tuner {health.tuner}", health.serial and f"serial {health.serial}"]
    return ", ".join(part for part in parts if part)
