"""Frames from other receivers over TCP, in Beast or AVR: from one that we connect to, and from all who connect to us."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Protocol

from config.network import NetworkSettings
from receiver.errors import SquitterError
from receiver.sources.network_clock import NetworkClock
from receiver.wire.avr import AvrReader
from receiver.wire.beast import BeastReader, signal_dbfs
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

PORTS = {"beast": 30_005, "avr": 30_002}
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
CONNECT_LIMIT_S = 15.0
CHUNK = 65_536
WAITING_LISTS = 256  # of the listener; past it, those who send have to wait
