"""What generated message classes of the hub stand on."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the stream, to be sent or as received.

    Attributes that the spec marks ``readOnly`` are the hub's to fill
    in when it sends; leave them unset.
    """
