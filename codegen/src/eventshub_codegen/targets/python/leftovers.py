"""What the targets of one stream at one address leave out of a document that has more."""

from __future__ import annotations

from ...ir.spec import Spec
from ..target import Reporter


def report_leftovers(spec: Spec, reporter: Reporter) -> None:
    """Report other addresses, parameters, frames that are no JSON objects and what nothing tells apart."""
    if spec.stream is not None and spec.stream.untold and not spec.stream.messages:
        text = "no message to the client can be told apart from others, so nothing is left of the stream"
        hint = "Give each message a required property with a `const` of its own, or use the target `python`."
        reporter.report_at(spec.stream.origin, "no-messages", text, hint)
    if len(spec.streams) > 1 and spec.stream is not None:
        addresses = ", ".join(f"`{stream.address}`" for stream in spec.streams)
        text = f"channels are at {addresses}"
        hint = "Channels of one stream share one address; the first is used. The target `python` takes all."
        reporter.warn_at(spec.stream.origin, "several-addresses", text, hint)
    for message in spec.stream.bare if spec.stream is not None else ():
        text = f"`{message.name}` is no JSON object, and this target has no such frames; it is left out"
        reporter.warn_at(message.origin, "inexpressible", text, "Use the target `python`.")
    for endpoint in spec.endpoints:
        if endpoint.parameters:
            text = f"the parameters of `{endpoint.name}` are left out; the target `python` has them"
            reporter.warn_at(endpoint.origin, "parameters", text)
