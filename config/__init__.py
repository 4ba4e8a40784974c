"""Every setting that a person can write, with its bounds and its words. Knows nobody."""

OURS = "squitter"  # receiver.cli refuses to start when another package called `config` shadows this one
