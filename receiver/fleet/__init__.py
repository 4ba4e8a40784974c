"""Many stations, one sky. What stations publish (`heard.py`), when each of them received it (`clocks.py`), which
receptions are one transmission (`grouping.py`), who is believed (`stations.py`, `agreement.py`) and who hears what
(`coverage.py`).

Pure: no broker, no clock, no thread. `receiver/sinks/fleet` publishes for a station; `receiver/sources/fleet` is the
source of a hub.
"""
