"""Frames from other receivers, live: Beast or AVR over TCP.

| file | holds |
|---|---|
| `network` | the connection that we make (`receiver.source = "beast"`), and those that others make to us |
| `clock` | what time it was when somebody else's receiver took a frame |

To add a protocol: a reader in `receiver/wire` that takes bytes in any pieces and gives `Frame`s, a branch where
`network` chooses its reader, a value of `receiver.source` in `config/receiver.py`. What arrives may be damaged or
hostile: a reader counts, and never raises.

To add another transport (a message bus, a serial port): a file here with a class that has `kind`, `health` and
`frames()` (`receiver.sources.FrameSource`): an async generator of lists of frames, oldest first, that connects again
by itself and bounds what it keeps. Its `Signal` is built in `receiver/app/building.py`.
"""
