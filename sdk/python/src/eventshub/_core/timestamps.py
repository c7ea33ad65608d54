"""Moments to the nanosecond, which is finer than ``datetime`` goes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

_FRACTION = re.compile(r"(?<=:\d\d)\.(\d+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Stamped(msgspec.Struct):
    timestamp: str


_decode = msgspec.json.Decoder(_Stamped).decode


def frame_nanoseconds(raw: bytes) -> int | None:
    """A frame's ``timestamp`` in nanoseconds since the epoch; None when it has none that can be read."""
    try:
        written = _decode(raw).timestamp
        fraction = _FRACTION.search(written)
        whole = msgspec.convert(_FRACTION.sub("", written, count=1), datetime)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    digits = fraction[1][:9].ljust(9, "0") if fraction else "0"
    return moment_nanoseconds(whole) + int(digits)


def moment_nanoseconds(moment: datetime) -> int:
    """A moment in nanoseconds since the epoch; one without a time zone is taken for UTC."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
