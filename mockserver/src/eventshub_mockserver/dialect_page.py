"""The page about dialects, from their table: ``python -m eventshub_mockserver.dialect_page``."""

from __future__ import annotations

import sys
from typing import Final

from .core.dialect import DIFFERENCES

_HEAD: Final = """\
<!-- Written by `python -m eventshub_mockserver.dialect_page`; do not edit. -->

# Dialects

The mock hub speaks the protocol in two dialects. `guide` keeps every rule and is what a hub is by default.
`service` does what the production service is known to do where that departs from the rules. Test an app with
both.

```console
$ eventshub-mockserver serve --dialect service
```

```python
from eventshub_mockserver import HubConfig, serve_in_thread

with serve_in_thread(HubConfig(dialect="service")) as hub:
    print(hub.url)
```

```python
import pytest


@pytest.mark.events_hub(dialect="service")
def test_the_app_copes_with_the_service(events_hub): ...
```

What is not in the table is the same in both. What is configured counts in either dialect; the table says
what holds when it is not.

| rule | `guide` | `service` |
|---|---|---|
"""


def page() -> str:
    """The page's text."""
    rows = (f"| {d.rule} | {d.guide} | {d.service} |\n" for d in DIFFERENCES)
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(page())
