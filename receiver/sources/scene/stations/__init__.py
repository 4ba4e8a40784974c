"""One sky received by several stations: what each of them receives, when by its own clock, and what is true about it.

    stations = open_scene("six-stations").stations
    for heard in stations.receptions(0, 3600):  # `Receptions`: parallel arrays, in order of arrival
        for station, ticks, fraction, level_dbfs, data, arrived_utc_ns in heard: ...

| file | holds |
|---|---|
| `stations` | all stations of a scene, and what they receive |
| `sky` | what is transmitted, many frames at once |
| `settings` | what crews have set at any moment |
| `words` | frames from arrays: the same as `encode` makes one by one |
| `globe` | the ellipsoid: places, distances, bearings; what the air adds |
| `clock` | a station's counter |
| `chances` | `chance` for arrays |
| `receptions` | what was received, as arrays |
| `hostile` | what a station invents |
| `samples` | what one station receives, as samples |
| `truth` | what is true, as lines of JSON |

It is a yardstick for what joins stations again: written from the standards, it shares no arithmetic with that.
"""

from receiver.sources.scene.stations.clock import Clock, Reading
from receiver.sources.scene.stations.receptions import Reception, Receptions
from receiver.sources.scene.stations.sky import Sky, Transmissions
from receiver.sources.scene.stations.stations import Stations

__all__ = ["Clock", "Reading", "Reception", "Receptions", "Sky", "Stations", "Transmissions"]
