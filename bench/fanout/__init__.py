"""Fan-out of events to many subscribers: ours, others, and the least that it can cost."""
