"""What a hub needs of NATS JetStream: who leads (`lease.py`), and what stations have published lately (`stream.py`)."""
