"""Print the hub's figures. Needs `pip install eventshub`, EVENTS_HUB_URL and EVENTS_HUB_TOKEN."""

from eventshub import EventsHub

with EventsHub() as hub:
    print("clients:", hub.stats().total_clients)
