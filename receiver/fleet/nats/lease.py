"""Who leads: a lease in a key-value bucket, and what the next one needs to know.

The bucket's own time-to-live is no lease: servers keep or drop keys past it. So the holder writes the key anew every
second, each time against the revision that it wrote before; whoever waits takes it, against the revision that it has
seen, once that has not changed for `LOST_S` by its own clock. Two cannot hold it: the server takes one of two writes
against the same revision. A holder that cannot write for `LOST_S` stops before somebody else begins.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import KeyValueConfig
from nats.js.kv import KeyValue

log = logging.getLogger(__name__)

BUCKET = "fleet"
LEASE = "leader"
STATE = "watch"
RENEW_S = 1.0
LOST_S = 5.0
_TROUBLE = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)


class LeaseLostError(Exception):
    """Somebody else leads, or nobody can tell."""


class Lease:
    """The lease of one fleet. `take` first, then `hold`.

    Parameters
    ----------
    owner
        Who wants it; for the log.
    """

    def __init__(self, bucket: KeyValue, owner: str) -> None:
        self._bucket = bucket
        self._owner = owner
        self._revision = 0

    @classmethod
    async def open(cls, js: JetStreamContext, owner: str, replicas: int) -> Lease:
        """With the bucket, which is made where it is missing."""
        try:
            bucket = await js.create_key_value(KeyValueConfig(bucket=BUCKET, history=1, replicas=replicas))
        except nats.js.errors.BadRequestError:
            bucket = await js.key_value(BUCKET)
        return cls(bucket, owner)

    async def take(self) -> None:
        """Wait until we lead."""
        seen, since_s = -1, time.monotonic()
        while True:
            try:
                entry = await self._bucket.get(LEASE)
            except nats.js.errors.KeyNotFoundError:
                entry = None
            except _TROUBLE as error:
                log.debug("lease: %r", error)
                since_s = time.monotonic()  # what cannot be seen has not stood still
                await asyncio.sleep(RENEW_S / 2)
                continue
            revision = 0 if entry is None or entry.revision is None else entry.revision
            if revision != seen:
                if seen < 0 and revision:
                    log.info("Another hub leads; waiting: leader=%s", _owner(entry.value if entry else None))
                seen, since_s = revision, time.monotonic()
            if not revision or time.monotonic() - since_s >= LOST_S:
                try:
                    self._revision = await (
                        self._bucket.update(LEASE, self._value(), last=revision)
                        if revision
                        else self._bucket.create(LEASE, self._value())
                    )
                except _TROUBLE as error:  # somebody was faster
                    log.debug("lease: %r", error)
                else:
                    return
            await asyncio.sleep(RENEW_S / 4)

    async def hold(self) -> None:
        """Renew the lease until cancelled. Raises LeaseLostError when it is not ours any more."""
        renewed_s = time.monotonic()
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                async with asyncio.timeout(RENEW_S):
                    self._revision = await self._bucket.update(LEASE, self._value(), last=self._revision)
                renewed_s = time.monotonic()
            except nats.js.errors.KeyWrongLastSequenceError:
                if not await self._is_ours():
                    raise LeaseLostError("another hub leads") from None
            except _TROUBLE as error:
                if time.monotonic() - renewed_s >= LOST_S - RENEW_S:
                    raise LeaseLostError(f"the lease could not be renewed: {error!r}") from None

    async def _is_ours(self) -> bool:
        """Whether a write of ours went through whose answer was lost."""
        try:
            entry = await self._bucket.get(LEASE)
        except _TROUBLE:
            return False
        if _owner(entry.value) != self._owner or entry.revision is None:
            return False
        self._revision = entry.revision
        return True

    async def give_up(self) -> None:
        """Let the next one begin at once."""
        try:
            async with asyncio.timeout(RENEW_S):
                await self._bucket.delete(LEASE, last=self._revision)
        except _TROUBLE as error:
            log.debug("lease: %r", error)

    async def state(self) -> bytes | None:
        """What the leader before has kept of the watch."""
        try:
            return (await self._bucket.get(STATE)).value
        except _TROUBLE:
            return None

    async def keep(self, state: bytes) -> None:
        """Keep it for the next one."""
        await self._bucket.put(STATE, state)

    def _value(self) -> bytes:
        return json.dumps({"owner": self._owner, "at": round(time.time(), 3)}).encode()


def _owner(value: bytes | None) -> str:
    try:
        found = json.loads(value or b"{}")
        return str(found.get("owner", ""))[:80]
    except (ValueError, AttributeError):
        return ""
