"""Recordings: samples and frames from files, and samples into files.

| file | holds |
|---|---|
| `opening` | what a recording is: its header, its name, the options |
| `iq_reader` | the samples of a recording as a `SampleSource` |
| `packed` | gzip, xz, bzip2 and zstandard |
| `names` | what a file's name says: rate, format, frequency, time |
| `shift` | recordings that were tuned beside 1,090 MHz |
| `guess` | what else a silent recording might be |
| `frame_file` | files of frames: Beast and AVR |
| `frame_times` | when those were received, by their counters |
| `paced` | a recording at the speed of time, or a multiple of it |
| `iq_writer` | samples into SigMF, never more than the disk can spare |
| `tap` | the last seconds of the signal in memory, until somebody wants them on disk |
| `saved` | which saved recording holds a given moment |

To add a format of samples: its header's parser in `receiver/wire` (bytes in, a small dataclass out, one error that says
what was got and expected), a branch in `opening` that turns it into rate, sample format, offset and start, and a test
that writes such a file byte by byte. A kind of number is a line in
`receiver/wire/numbers.py`. A format without a header needs its names: the patterns are in `names`, and what was taken
from a name is said (`Recording.notes`).

To add a format of frames: a reader in `receiver/wire` that takes bytes in any pieces and gives `Frame`s (as
`BeastReader` does: damaged input is counted, never raised), its suffix in `frame_file`, and a line in
`docs/commands.md`. Times are the file's own; `frame_times` says what is done where it has none.
"""
