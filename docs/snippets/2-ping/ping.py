"""Measure a round trip. Needs `pip install eventshub`, EVENTS_HUB_URL and EVENTS_HUB_TOKEN."""

from eventshub import EventsHub

with EventsHub().subscribe("health") as events:
    print("round trip:", events.ping())
