"""The rules: each kind of change, which way it breaks somebody, and why.

The question is always the same: does a client that was made for the old
document still work with a hub that does what the new one says?
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Flow(StrEnum):
    """Which way the data goes whose description changed."""

    TO_CLIENT = "to-client"
    """A message from the hub, or the answer of an endpoint."""
    TO_HUB = "to-hub"
    """A command, or what goes into an endpoint."""


class Audience(StrEnum):
    """Whom a change concerns."""

    RECEIVERS = "receivers"
    """Clients that read messages of the hub."""
    SENDERS = "senders"
    """Clients that send commands."""
    CALLERS = "callers"
    """Clients that call REST endpoints."""
    HUB = "hub"
    """Nobody but the hub, which has something to do that it had not before."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change. Whether it breaks a client depends on nothing but its rule and the flow."""

    id: str
    what: str
    breaks: frozenset[Flow]
    why: str
    hint: str = ""
    obliges_hub: frozenset[Flow] = frozenset()
    """Where no client has to do anything, but the hub has."""


_NEVER: frozenset[Flow] = frozenset()
_READERS = frozenset([Flow.TO_CLIENT])
_WRITERS = frozenset([Flow.TO_HUB])
_BOTH = _READERS | _WRITERS

_ALL = (
    Rule(
        "channel-removed",
        "a channel is gone",
        _BOTH,
        "Who subscribes to it is refused or never hears anything again.",
        "Keep the channel, silent if it must be, until the next major version.",
    ),
    Rule(
        "channel-added",
        "there is a new channel",
        _NEVER,
        "Nobody hears it who did not ask for it.",
        obliges_hub=_BOTH,
    ),
    Rule(
        "address-changed",
        "a channel is at another address",
        _BOTH,
        "Clients connect to the old address.",
        "Serve both addresses for a while.",
    ),
    Rule(
        "subscription-no-longer-automatic",
        "a channel is no longer subscribed without being asked for",
        _READERS,
        "Who relied on hearing it unasked hears nothing.",
        "Keep it subscribed for everybody.",
    ),
    Rule(
        "subscription-became-automatic",
        "a channel is now subscribed without being asked for",
        _NEVER,
        "Receivers pass over messages that they do not handle.",
        obliges_hub=_READERS,
    ),
    Rule(
        "message-removed",
        "a message is gone",
        _BOTH,
        "Receivers wait for what never comes; senders are answered with an error.",
        "Deprecate it first, and remove it in the next major version.",
    ),
    Rule(
        "message-added",
        "there is a new message",
        _NEVER,
        "Receivers pass over messages that they do not know, and nobody has to send a new command.",
        obliges_hub=_BOTH,
    ),
    Rule(
        "message-renamed",
        "a message has another name in the document and the same values on the wire",
        _NEVER,
        "Nothing changes on the wire. Code generated from the document calls its class otherwise.",
    ),
    Rule(
        "message-left-channel",
        "a message no longer appears on a channel where it did",
        _BOTH,
        "Who subscribes to that channel alone no longer gets it; commands sent there are refused.",
        "Go on sending it there as well.",
    ),
    Rule(
        "message-joined-channel",
        "a message appears on a further channel",
        _NEVER,
        "Receivers pass over messages that they do not expect.",
        obliges_hub=_BOTH,
    ),
    Rule(
        "role-changed",
        "a message has another role",
        _BOTH,
        "Welcome, errors and shutdown are handled by role: clients take it for what it no longer is.",
        "Make a new message for the new role.",
    ),
    Rule(
        "correlation-changed",
        "the correlation ID is elsewhere in a message",
        _BOTH,
        "Answers can no longer be matched with their commands.",
        "Keep the old place filled as well, and announce the new one in the document later.",
    ),
    Rule(
        "operation-removed",
        "a command is no longer accepted and answered",
        _WRITERS,
        "Who sends it gets an error, or waits in vain.",
        "Keep it until the next major version.",
    ),
    Rule(
        "operation-added",
        "there is a new command with an answer",
        _NEVER,
        "Nobody has to use it.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "last-reply-removed",
        "a command is no longer answered with any of the messages that answered it",
        _WRITERS,
        "Senders wait for an answer that does not come.",
        "Keep one of the old answers.",
    ),
    Rule(
        "reply-removed",
        "one of the answers to a command is gone, others remain",
        _NEVER,
        "Senders handle the answers that remain.",
    ),
    Rule(
        "reply-added",
        "a command may be answered with another message than before",
        _WRITERS,
        "Senders do not take it for the answer and go on waiting.",
        "Add a field to the old answer instead, or answer so only to a new command.",
    ),
    Rule(
        "error-reply-added",
        "a command may be answered with an error message that the old document has already",
        _NEVER,
        "Senders know an error by its role, whichever command it answers.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "field-removed",
        "a field that was always there is gone",
        _READERS,
        "Receivers rely on required fields. The hub passes over fields that it does not know.",
        "Go on sending it, if need be with a fixed value.",
    ),
    Rule(
        "optional-field-removed",
        "an optional field is gone",
        _NEVER,
        "Receivers had to do without it already. The hub passes over fields that it does not know.",
    ),
    Rule(
        "field-removed-from-closed-object",
        "a field is gone from an object that allows no unlisted ones",
        _WRITERS,
        "Senders that still fill it in are refused.",
        "Let the object allow unlisted fields, or go on listing this one.",
    ),
    Rule(
        "field-added",
        "there is a new field, which senders may leave out",
        _NEVER,
        "Receivers pass over fields that they do not know, and senders may leave it out.",
        obliges_hub=_BOTH,
    ),
    Rule(
        "required-field-added",
        "there is a new field that must be there",
        _WRITERS,
        "Senders do not know that they have to send it. Receivers pass over it.",
        "Make it optional and say what its absence means.",
        obliges_hub=_READERS,
    ),
    Rule(
        "field-added-to-closed-object",
        "there is a new field in an object that allowed no unlisted ones",
        _READERS,
        "Receivers may refuse what the old document forbade.",
        "Let objects that the hub sends allow unlisted fields from the start.",
    ),
    Rule(
        "field-became-optional",
        "a field that was always there may be missing",
        _READERS,
        "Receivers rely on required fields. Senders may go on sending it.",
        "Go on sending it, if need be with a fixed value.",
    ),
    Rule(
        "field-became-required",
        "a field that could be missing must be there",
        _WRITERS,
        "Senders that leave it out are refused. Receivers are only better off.",
        "Keep it optional and say what its absence means.",
        obliges_hub=_READERS,
    ),
    Rule(
        "object-closed",
        "an object no longer allows unlisted fields",
        _WRITERS,
        "Senders that add fields of their own are refused. Receivers are only better off.",
        "Go on passing over unlisted fields.",
        obliges_hub=_READERS,
    ),
    Rule(
        "object-opened",
        "an object now allows unlisted fields",
        _READERS,
        "Receivers were promised that there is nothing else and may check that.",
        "Announce it before anything is sent.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "type-changed",
        "a value has another type",
        _BOTH,
        "Neither can receivers read the new type nor does the hub read the old one.",
        "Add a field of the new type beside the old one.",
    ),
    Rule(
        "type-widened",
        "a value may have a further type, or be null, or be anything",
        _READERS,
        "Receivers may get what they cannot read. All that senders send is still allowed.",
        "Add a field of the new type beside the old one.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "type-narrowed",
        "a value may have fewer types, or only listed values",
        _WRITERS,
        "Senders may send what is no longer allowed. Receivers can read all that is left.",
        "Go on accepting what was allowed.",
        obliges_hub=_READERS,
    ),
    Rule(
        "format-changed",
        "a string has another format",
        _BOTH,
        "Receivers parse the old format, and senders write it.",
        "Add a field of the new format beside the old one.",
    ),
    Rule(
        "format-removed",
        "a string no longer has a format",
        _READERS,
        "Receivers that parse it fail. All that senders send is still allowed.",
        "Keep to the format.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "format-added",
        "a string that could be anything now has a format",
        _WRITERS,
        "Senders may send strings of another form. Receivers took any string.",
        "Go on accepting any string.",
        obliges_hub=_READERS,
    ),
    Rule(
        "constraint-changed",
        "a pattern or a divisor is another one",
        _BOTH,
        "Nothing tells that the new one allows what the old one did, or the reverse.",
        "Write the new one so that it can be compared, or add a new field.",
    ),
    Rule(
        "constraint-loosened",
        "a limit allows more than before, or is gone",
        _READERS,
        "Receivers may have made room for what was promised and no more. Senders stay within the old limit.",
        "Keep to the old limit when sending.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "constraint-tightened",
        "a limit allows less than before, or is new",
        _WRITERS,
        "Senders may go beyond it. Receivers made room for more.",
        "Go on accepting what was allowed.",
        obliges_hub=_READERS,
    ),
    Rule(
        "const-changed",
        "a fixed value is another one",
        _BOTH,
        "Receivers look for the old value, and senders send it.",
        "Make a new message for the new value and keep the old one.",
    ),
    Rule(
        "enum-value-added",
        "a list of values that was complete has a further one",
        _READERS,
        "Receivers were promised that there is no other value. Senders need not use it.",
        "Make the list open (`anyOf` of the list and `type: string`) in a major version, then add freely.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "open-enum-value-added",
        "an open list of values names a further one",
        _NEVER,
        "Receivers of an open list take values that they do not know.",
        obliges_hub=_BOTH,
    ),
    Rule(
        "enum-value-removed",
        "a list of values that is complete has one less",
        _WRITERS,
        "Senders that still send it are refused. Receivers just do not see it again.",
        "Go on accepting it.",
        obliges_hub=_READERS,
    ),
    Rule(
        "open-enum-value-removed",
        "an open list of values no longer names one",
        _NEVER,
        "The value is still allowed, as any other is.",
    ),
    Rule(
        "enum-opened",
        "a list of values that was complete may grow",
        _READERS,
        "Receivers were promised that there is no other value. Senders need not use another.",
        "Do it once, in a major version.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "enum-closed",
        "a list of values that was open is complete",
        _WRITERS,
        "Senders may send a value that is not listed. Receivers are only better off.",
        "Go on accepting other values.",
        obliges_hub=_READERS,
    ),
    Rule(
        "endpoint-removed",
        "a method of a path is gone",
        _WRITERS,
        "Callers get 404 or 405.",
        "Deprecate it first, and remove it in the next major version.",
    ),
    Rule(
        "endpoint-added",
        "there is a new method or path",
        _NEVER,
        "Nobody has to call it.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "operation-id-changed",
        "an endpoint has another `operationId`",
        _NEVER,
        "Nothing changes on the wire. Code generated from the document calls its method otherwise.",
    ),
    Rule(
        "parameter-removed",
        "a parameter is gone",
        _WRITERS,
        "Who still sends it is answered as if it had not been sent, and is not told.",
        "Go on honouring it.",
    ),
    Rule(
        "parameter-added",
        "there is a new parameter, which may be left out",
        _NEVER,
        "Callers may leave it out.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "required-parameter-added",
        "there is a new parameter that must be there",
        _WRITERS,
        "Callers do not know that they have to send it.",
        "Make it optional and say what its absence means.",
    ),
    Rule(
        "parameter-became-required",
        "a parameter that could be left out must be there",
        _WRITERS,
        "Callers that leave it out are refused.",
        "Keep it optional and say what its absence means.",
    ),
    Rule(
        "parameter-became-optional",
        "a parameter that had to be there may be left out",
        _NEVER,
        "Callers may go on sending it.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "parameter-style-changed",
        "a parameter is written in another way (`style`, `explode`)",
        _WRITERS,
        "Callers write it the old way.",
        "Accept both ways under two names.",
    ),
    Rule(
        "request-body-removed",
        "an endpoint no longer takes a body",
        _WRITERS,
        "What callers send is passed over or refused.",
        "Go on accepting it.",
    ),
    Rule(
        "request-body-added",
        "an endpoint takes a body, which may be left out",
        _NEVER,
        "Callers may leave it out.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "request-body-became-required",
        "an endpoint demands a body that could be left out, or that it did not take",
        _WRITERS,
        "Callers that send none are refused.",
        "Keep it optional and say what its absence means.",
    ),
    Rule(
        "request-body-became-optional",
        "a body that had to be there may be left out",
        _NEVER,
        "Callers may go on sending it.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "media-type-removed",
        "a body is no longer of a media type that it could have",
        _BOTH,
        "Callers send it, or ask for it, and are refused.",
        "Keep the media type beside the new one.",
    ),
    Rule(
        "media-type-added",
        "a body may be of a further media type",
        _NEVER,
        "Callers need not send it, and get it only if they ask for it.",
        obliges_hub=_BOTH,
    ),
    Rule(
        "success-status-removed",
        "an endpoint no longer answers with a status that meant success",
        _READERS,
        "Callers wait for this status and take another one for a failure.",
        "Keep the status.",
    ),
    Rule(
        "success-status-added",
        "an endpoint may answer with another status that means success or leads elsewhere",
        _READERS,
        "Callers take it for a failure, or look for the body of the status that they know.",
        "Answer so only to requests that the old document did not have.",
    ),
    Rule(
        "error-status-removed",
        "an endpoint no longer answers with an error status",
        _NEVER,
        "Callers just do not see it again.",
    ),
    Rule(
        "error-status-added",
        "an endpoint may answer with a further error status",
        _NEVER,
        "A status that a caller does not know counts as the first of its hundred (RFC 9110, section 15).",
        obliges_hub=_READERS,
    ),
    Rule(
        "response-body-removed",
        "an answer no longer has a body",
        _READERS,
        "Callers read it.",
        "Keep the body.",
    ),
    Rule(
        "response-body-added",
        "an answer has a body now",
        _NEVER,
        "Callers pass over a body that they do not expect.",
        obliges_hub=_READERS,
    ),
    Rule(
        "response-header-removed",
        "an answer no longer always has a header",
        _READERS,
        "Callers rely on required headers.",
        "Go on sending it.",
    ),
    Rule(
        "response-header-added",
        "an answer always has a further header",
        _NEVER,
        "Callers pass over headers that they do not know.",
        obliges_hub=_READERS,
    ),
    Rule(
        "security-required",
        "what was open to everybody needs a credential",
        _WRITERS,
        "Clients without one are refused.",
        "Announce it, and do it in a major version.",
    ),
    Rule(
        "security-lifted",
        "what needed a credential is open to everybody",
        _NEVER,
        "A credential does no harm.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "security-alternative-removed",
        "a way to show a credential is gone",
        _WRITERS,
        "Clients that show theirs in this way are refused.",
        "Keep it until the next major version.",
    ),
    Rule(
        "security-alternative-added",
        "there is a further way to show a credential",
        _NEVER,
        "The old ways still work.",
        obliges_hub=_WRITERS,
    ),
    Rule(
        "security-scheme-changed",
        "a credential is shown otherwise (kind, place or name)",
        _WRITERS,
        "Clients show it the old way.",
        "Add the new way as a scheme of its own and keep the old one.",
    ),
)  # fmt: skip
RULES = {rule.id: rule for rule in _ALL}
