"""Described traffic as a source: a scenario's aircraft fly, transmit and are heard, as frames or as samples.

scene = open_scene("valle-de-bravo")
for frames in scene.frames(0, 3600): ...           # an hour in seconds
for block in scene.source(3600, 3660).blocks(): …  # a minute, modulated while it is read
"""

from receiver.sources.scene.scene import Scene, open_scene, scene_names
from receiver.sources.scene.source import SceneSource

__all__ = ["Scene", "SceneSource", "open_scene", "scene_names"]
