"""Take a channel off a connection. Needs `pip install eventshub`, EVENTS_HUB_URL and EVENTS_HUB_TOKEN."""

import os

from eventshub import EventsHub

with EventsHub() as hub:
    result = hub.unsubscribe(os.environ["CLIENT_ID"], "pdfm")
    print("left:", *result.unsubscribed)
