"""What is to go to the broker: state, of which the newest payload counts, and letters, each of which counts."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from receiver.broker.publication import JSON, Publication
from receiver.outbox import Box, Letter

BATCH = 64
"""State messages that are handed over at once."""
BATCH_BYTES = 65_536
"""Less than that when they are big: on a thin line a batch must go out before the patience for it ends."""
MAX_TOPICS = 6000
"""Topics with state. The tracker holds 2,000 aircraft at most."""
MAX_STREAM = 256


class Outgoing:
    """State by topic, letters, a stream, and what is said at the end. Everything here returns at once.

    Parameters
    ----------
    box
        Where alerts and events wait.
    """

    def __init__(self, box: Box) -> None:
        self.box = box
        self.refused_topics = 0
        self.stream_dropped = 0
        self.retained: dict[str, tuple[Publication, float]] = {}
        self.pending: dict[str, Publication] = {}
        self.parting: dict[str, Publication] = {}
        self.wake = asyncio.Event()
        self.idle = asyncio.Event()
        self.is_connected = False
        self._stream: deque[Publication] = deque()

    def put(self, publication: Publication) -> None:
        """Publish state: the newest payload of a topic wins."""
        topic = publication.topic
        if publication.retain:
            if topic not in self.retained and len(self.retained) >= MAX_TOPICS:
                self.refused_topics += 1
                return
            self.retained[topic] = (publication, time.monotonic())
        elif topic not in self.pending and len(self.pending) >= 2 * MAX_TOPICS:
            self.refused_topics += 1
            return
        self.pending[topic] = publication
        self.news()

    def again(self, *topics: str) -> None:
        """Publish once more what is retained under these topics."""
        for topic in topics:
            if topic in self.retained and not self.box.holds(topic):
                self.pending[topic] = self.retained[topic][0]
        self.news()

    def clear(self, topic: str) -> None:
        """Take retained state back: an empty message."""
        self.retained.pop(topic, None)
        if not self.is_connected:
            # nobody has to be told: what the broker still holds is swept when it is back
            self.pending.pop(topic, None)
            return
        self.pending[topic] = Publication(topic, b"", 0, retain=True)
        self.news()

    def send(self, publication: Publication, rank: int) -> None:
        """Publish what must not be lost; retained messages are state, too, and an empty one ends it."""
        topic = publication.topic
        if publication.retain and publication.payload:
            if topic in self.retained or len(self.retained) < MAX_TOPICS:
                self.retained[topic] = (publication, time.monotonic())
        elif publication.retain:
            self.retained.pop(topic, None)
            self.pending.pop(topic, None)
        self.box.add(to_body(publication), rank, key=topic)
        self.news()

    def stream(self, publication: Publication) -> None:
        """Publish if the broker keeps up; else the oldest go."""
        if not self.is_connected or len(self._stream) >= MAX_STREAM:
            self.stream_dropped += 1
            if not self.is_connected:
                return
            self._stream.popleft()
        self._stream.append(publication)
        self.news()

    def leave(self, publication: Publication) -> None:
        """Publish at a clean stop, before `offline`; the newest of a topic."""
        self.parting[publication.topic] = publication

    def news(self) -> None:
        """Something is there to go out."""
        self.idle.clear()
        self.wake.set()

    def is_empty(self) -> bool:
        """Whether nothing is."""
        return not (self.pending or self._stream or len(self.box))

    def next_batch(self) -> list[Publication]:
        """State and stream that go out together."""
        batch: list[Publication] = []
        size = 0
        while (self.pending or self._stream) and len(batch) < BATCH and size < BATCH_BYTES:
            if self.pending:
                batch.append(self.pending.pop(next(iter(self.pending))))
            else:
                batch.append(self._stream.popleft())
            size += len(batch[-1].payload)
        return batch

    def restore(self) -> None:
        """The whole retained state is pending again, less what has expired since, less what a letter will tell."""
        now = time.monotonic()
        for topic, (publication, put_s) in list(self.retained.items()):
            if publication.expiry_s is not None:
                left_s = int(publication.expiry_s - (now - put_s))
                if left_s <= 0:
                    del self.retained[topic]
                    self.pending.pop(topic, None)
                    continue
                publication = replace(publication, expiry_s=left_s)
            if not self.box.holds(topic):
                self.pending[topic] = publication
        self.news()

    def disconnected(self) -> None:
        """There is no connection any more."""
        self.is_connected = False
        self.idle.clear()
        self._stream.clear()

    def fleeting(self) -> list[str]:
        """Topics of state that expires."""
        return [topic for topic, (publication, _) in self.retained.items() if publication.expiry_s is not None]


def to_body(publication: Publication) -> bytes:
    """A publication as it waits on disk: a line of JSON, then the payload."""
    head = {"topic": publication.topic, "retain": publication.retain, "type": publication.content_type}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + publication.payload


def publications(letters: Iterable[Letter]) -> tuple[list[Letter], list[Publication], list[Letter]]:
    """The letters that can be read, the same as publications, and the others.

    What an earlier run has left is kept, its being retained is not: nobody is left who would clear it.
    """
    good: list[Letter] = []
    out: list[Publication] = []
    damaged: list[Letter] = []
    for letter in letters:
        head, _, payload = letter.body.partition(b"\n")
        try:
            told = json.loads(head)
            topic, retain = str(told["topic"]), bool(told["retain"])
            content_type = str(told.get("type", JSON))
        except (ValueError, KeyError, TypeError, AttributeError):
            damaged.append(letter)
            continue
        good.append(letter)
        retain = retain and not (letter.earlier and payload)
        out.append(Publication(topic, payload, 1, retain, None, content_type))
    return good, out, damaged
