"""What is published of an aircraft's state, and in which form: aircraft.json and its parts, SBS, statistics, metrics.

`receiver.tracking` keeps the state; here it is only read. A new form of output (a JSON file of another program, a line
of text) is a function here that takes a `Sighting` or an `Air` and returns text or plain values: no file, no socket, no
clock. What sends it, or writes it, is a sink in `receiver.sinks`, or a route of `receiver.web`, both of which derive
from `outlets.Sink`. How exact a place may be is decided once, in `discretion`.
"""
