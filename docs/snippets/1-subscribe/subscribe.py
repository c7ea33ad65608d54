"""Print every event. Needs `pip install eventshub`, EVENTS_HUB_URL and EVENTS_HUB_TOKEN."""

from eventshub import EventsHub

with EventsHub().subscribe("pdfm", "orchestrator") as events:
    print("granted:", *events.channels, flush=True)
    for event in events:
        print(event.channel, event.message, flush=True)
