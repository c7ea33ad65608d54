"""The hub in numbers, as Prometheus scrapes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from ..core.hub import Hub
from ..core.tally import BUCKETS

OUTCOMES: Final = (
    "accepted", "invalid_request", "invalid_token", "insufficient_scope", "origin", "no_upgrade", "malformed",
    "unavailable", "address",
)  # fmt: skip
"""How handshakes end. All are there from the start: of a counter that appears late, the first is missed."""
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class HubCollector(Collector):
    """Reads a hub's counters when it is asked."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        """Everything that there is to know."""
        hub, roster, tally = self._hub, self._hub.roster, self._hub.tally
        depths = [connection.outbox.depth for connection in roster.by_id.values()]
        yield GaugeMetricFamily("eventshub_connections", "Open connections.", len(roster.by_id))
        yield _labelled(
            GaugeMetricFamily("eventshub_subscriptions", "Open connections by channel.", labels=["channel"]),
            roster.subscriber_counts.items(),
        )
        yield _labelled(
            CounterMetricFamily("eventshub_events_published", "Events by channel.", labels=["channel"]),
            {**dict.fromkeys((*hub.protocol.channels, "other"), 0), **tally.published}.items(),
        )
        yield CounterMetricFamily("eventshub_messages_received", "Messages from clients.", tally.received)
        yield CounterMetricFamily(
            "eventshub_messages_sent", "Messages given to sockets.", roster.messages_sent
        )
        yield CounterMetricFamily(
            "eventshub_messages_evicted", "Messages lost because a queue was full.", roster.messages_evicted
        )
        yield CounterMetricFamily(
            "eventshub_messages_lost", "Messages that waited for a connection when it ended.", tally.lost
        )
        yield GaugeMetricFamily(
            "eventshub_queue_depth", "Messages that wait, of all connections.", sum(depths)
        )
        yield GaugeMetricFamily(
            "eventshub_queue_depth_max", "Messages that wait for the slowest one.", max(depths, default=0)
        )
        yield _labelled(
            CounterMetricFamily("eventshub_handshakes", "Handshakes by outcome.", labels=["outcome"]),
            {**dict.fromkeys(OUTCOMES, 0), **tally.handshakes}.items(),
        )
        yield CounterMetricFamily(
            "eventshub_heartbeat_timeouts", "Connections whose pong did not come.", tally.heartbeat_timeouts
        )
        sums = list(accumulate(tally.fan_out.counts))
        yield HistogramMetricFamily(
            "eventshub_fan_out_seconds",
            "From queueing events to having written them for all who read.",
            buckets=[*zip(map(str, BUCKETS), sums, strict=False), ("+Inf", sums[-1])],
            sum_value=tally.fan_out.total,
        )
        yield GaugeMetricFamily("eventshub_start_time_seconds", "When the hub started.", hub.started_at)
        yield GaugeMetricFamily(
            "eventshub_accepting", "Whether it accepts connections.", int(hub.is_accepting)
        )


def exposition(hub: Hub) -> bytes:
    """All of a hub's figures in the text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HubCollector(hub))
    return generate_latest(registry)


def _labelled(family: GaugeMetricFamily | CounterMetricFamily, values: Iterable[tuple[str, float]]) -> Metric:
    for label, value in values:
        family.add_metric([label], value)
    return family
