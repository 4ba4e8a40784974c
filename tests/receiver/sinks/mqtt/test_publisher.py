"""Parts of the publisher that need no broker."""

from __future__ import annotations

import paho.mqtt.client as paho
from hypothesis import given
from hypothesis import strategies as st

from receiver.sinks.mqtt.publisher import _matches

LEVEL = st.sampled_from(["a", "b", "status", ""])


@given(
    st.lists(LEVEL | st.just("+"), min_size=1, max_size=4),
    st.booleans(),
    st.lists(LEVEL, min_size=1, max_size=5),
)
def test_filters_mean_what_paho_says_they_mean(levels: list[str], all_below: bool, topic: list[str]) -> None:
    filter_ = "/".join([*levels, "#"] if all_below else levels)
    assert _matches(filter_, "/".join(topic)) == paho.topic_matches_sub(filter_, "/".join(topic))
