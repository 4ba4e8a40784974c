"""Described traffic as a source: a scenario's aircraft fly, transmit and are received, as frames or as samples.

    scene = open_scene("valle-de-bravo")
    for frames in scene.frames(0, 3600): ...           # an hour in seconds
    for block in scene.source(3600, 3660).blocks(): …  # a minute, modulated while it is read

| file | holds |
|---|---|
| `scene` | a scenario made ready: its frames, its samples, its truth |
| `motion` | how an aircraft moves along its legs |
| `traffic` | what it transmits and when, and how much of it arrives |
| `crowd` | aircraft to fill the sky |
| `stations` | the same sky received by several stations with clocks of their own |
| `encode` | the frames themselves: the inverse of `receiver.decode` |
| `source` | the samples, block after block |
| `channel` | how they come about, plain or as in real air, from `dsp.air` |
| `chance` | chance that can be asked for anywhere, in any order |

To add something that an aircraft does: a field in `config/scenario.py` (documented in `docs/scenes.md`), a step in
`motion`. To add something that it says: a frame in `encode`, its period in `traffic`. To add something that the air does
to a signal: `dsp/air`, its switch in the scenario's `air` (`config/scenario_air.py`), and `channel`. The same seed gives the same scene, in any pieces.
"""

from receiver.sources.scene.channel import Sent
from receiver.sources.scene.scene import Scene, open_scene, scene_names
from receiver.sources.scene.source import SceneSource

__all__ = ["Scene", "SceneSource", "Sent", "open_scene", "scene_names"]
