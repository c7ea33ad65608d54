"""Rules about channels, messages and commands."""

from __future__ import annotations

from .rule import EVERYBODY, NOBODY, READERS, WRITERS, Rule

STREAM_RULES = (
    Rule(
        "channel-removed",
        "a channel is gone",
        EVERYBODY,
        "Who subscribes to it is refused or never hears anything again.",
        "Keep the channel, silent if it must be, until the next major version.",
    ),
    Rule(
        "channel-added",
        "there is a new channel",
        NOBODY,
        "Nobody hears it who did not ask for it.",
        obliges_hub=EVERYBODY,
    ),
    Rule(
        "address-changed",
        "a channel is at another address",
        EVERYBODY,
        "Clients connect to the old address.",
        "Serve both addresses for a while.",
    ),
    Rule(
        "subscription-no-longer-automatic",
        "a channel is no longer subscribed without being asked for",
        READERS,
        "Who relied on hearing it unasked hears nothing.",
        "Keep it subscribed for everybody.",
    ),
    Rule(
        "subscription-became-automatic",
        "a channel is now subscribed without being asked for",
        NOBODY,
        "Receivers pass over messages that they do not handle.",
        obliges_hub=READERS,
    ),
    Rule(
        "message-removed",
        "a message is gone",
        EVERYBODY,
        "Receivers wait for what never comes; senders are answered with an error.",
        "Deprecate it first, and remove it in the next major version.",
    ),
    Rule(
        "message-added",
        "there is a new message",
        NOBODY,
        "Receivers pass over messages that they do not know, and nobody has to send a new command.",
        obliges_hub=EVERYBODY,
    ),
    Rule(
        "message-renamed",
        "a message has another name in the document and the same values on the wire",
        NOBODY,
        "Nothing changes on the wire. Code generated from the document calls its class otherwise.",
    ),
    Rule(
        "message-left-channel",
        "a message no longer appears on a channel where it did",
        EVERYBODY,
        "Who subscribes to that channel alone no longer gets it; commands sent there are refused.",
        "Go on sending it there as well.",
    ),
    Rule(
        "message-joined-channel",
        "a message appears on a further channel",
        NOBODY,
        "Receivers pass over messages that they do not expect.",
        obliges_hub=EVERYBODY,
    ),
    Rule(
        "role-changed",
        "a message has another role",
        EVERYBODY,
        "Welcome, errors and shutdown are handled by role: clients take it for what it no longer is.",
        "Make a new message for the new role.",
    ),
    Rule(
        "correlation-changed",
        "the correlation ID is elsewhere in a message",
        EVERYBODY,
        "Answers can no longer be matched with their commands.",
        "Keep the old place filled as well, and announce the new one in the document later.",
    ),
    Rule(
        "operation-removed",
        "a command is no longer accepted and answered",
        WRITERS,
        "Who sends it gets an error, or waits in vain.",
        "Keep it until the next major version.",
    ),
    Rule(
        "operation-added",
        "there is a new command with an answer",
        NOBODY,
        "Nobody has to use it.",
        obliges_hub=WRITERS,
    ),
    Rule(
        "last-reply-removed",
        "a command is no longer answered with any of the messages that answered it",
        WRITERS,
        "Senders wait for an answer that does not come.",
        "Keep one of the old answers.",
    ),
    Rule(
        "reply-removed",
        "one of the answers to a command is gone, others remain",
        NOBODY,
        "Senders handle the answers that remain.",
    ),
    Rule(
        "reply-added",
        "a command may be answered with another message than before",
        WRITERS,
        "Senders do not take it for the answer and go on waiting.",
        "Add a field to the old answer instead, or answer so only to a new command.",
    ),
    Rule(
        "error-reply-added",
        "a command may be answered with an error message that the old document has already",
        NOBODY,
        "Senders know an error by its role, whichever command it answers.",
        obliges_hub=WRITERS,
    ),
)
