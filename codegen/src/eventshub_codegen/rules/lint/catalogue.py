"""Every rule about documents and output: what it finds, why that matters, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from ...findings import Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule."""

    id: str
    severity: Severity
    """Of `lint`; `generate` may only warn of what it can leave out."""
    finds: str
    why: str
    mend: str


LINT_RULES: tuple[LintRule, ...] = (
    LintRule("yaml-syntax", _ERROR, "text that is no YAML", "Nothing can be read.", "Mend the syntax."),
    LintRule("json-syntax", _ERROR, "text that is no JSON", "Nothing can be read.", "Mend the syntax."),
    LintRule("encoding", _ERROR, "a file that is not UTF-8", "Its text is unknown.", "Save it as UTF-8."),
    LintRule(
        "unreadable-file", _ERROR, "a file that cannot be opened", "It is part of the document.",
        "Check its name and its permissions.",
    ),
    LintRule(
        "duplicate-key", _ERROR, "a key that a mapping has twice",
        "Parsers disagree on which of the two counts.", "Remove or rename one of them.",
    ),
    LintRule(
        "yaml-key", _ERROR, "a key that is a mapping or a sequence", "JSON has no such keys.",
        "Use plain text as the key.",
    ),
    LintRule(
        "yaml-tag", _ERROR, "a YAML tag", "What is tagged means something else in each programming language.",
        "Write the value plainly.",
    ),
    LintRule(
        "yaml-alias", _ERROR, "an alias inside of what it stands for, or aliases without bounds",
        "The document would be infinite, or too large for anybody.", "Use `$ref` instead.",
    ),
    LintRule(
        "yaml-merge", _ERROR, "`<<` with what is no mapping", "Nothing can merge.", "Merge mappings only.",
    ),
    LintRule(
        "unsupported-version", _ERROR, "a document of another kind or version",
        "Its words may mean something else.", "Use AsyncAPI 2, 3.0 or 3.1, OpenAPI 3.0 or 3.1.",
    ),
    LintRule(
        "meta-schema", _ERROR, "what the official meta-schema, or JSON Schema, does not allow",
        "Other tools refuse the document, or pass over what they do not know. Where the meta-schema has a "
        "choice, the finding names the one that was most likely meant.",
        "Write it as the specification has it; what is no part of it goes into an extension, `x-…`.",
    ),
    LintRule(
        "dangling-ref", _ERROR, "a `$ref` that leads nowhere", "What it stands for is missing.",
        "Correct the path; paths to files start at the referring file.",
    ),
    LintRule(
        "circular-ref", _ERROR, "a `$ref` or an `allOf` that leads back to itself",
        "Following it never ends. A schema that refers to itself through a property is fine.",
        "Break the circle.",
    ),
    LintRule(
        "remote-ref", _ERROR, "a `$ref` into the network",
        "What is behind it may change or be gone, and nothing here opens connections.",
        "Copy the document and refer to the copy.",
    ),
    LintRule(
        "example-invalid", _ERROR, "an example that its own schema does not allow",
        "People copy examples: one of the two is wrong.", "Correct the example, or the schema.",
    ),
    LintRule(
        "example-accepted", _ERROR, "an example of what is wrong that its schema allows",
        "The schema allows more than was meant.", "Tighten the schema, or remove the example.",
    ),
    LintRule(
        "example-of-nothing", _ERROR, "a file of examples for a message that does not exist",
        "It is checked against nothing.", "Rename its folder after a message.",
    ),
    LintRule(
        "duplicate-message", _ERROR, "two messages of one direction with the same fixed values",
        "Who gets one cannot know which of the two it is.",
        "Give one of them another `const` in the property that names messages.",
    ),
    LintRule(
        "no-discriminator", _WARNING, "a message without a fixed value that names it",
        "It can only be told from others by its properties, which is a guess.",
        "Give it a required property with a `const`.",
    ),
    LintRule(
        "optional-discriminator", _WARNING, "fixed values that not all messages require",
        "A message without the property is unknown to who gets it.", "List the property as required.",
    ),
    LintRule(
        "no-messages", _ERROR, "a document in which nothing is sent to clients",
        "It is often read from the wrong side. Where clients at least send something, this is a warning.",
        "Say `--role client` if the document describes a client.",
    ),
    LintRule(
        "role-missing", _ERROR, "a hub's document without a welcome", "The hub would not know how to begin.",
        "Give one message the extension `x-role: welcome`.",
    ),
    LintRule(
        "unused-message", _WARNING, "a message of a channel that no operation sends or receives",
        "Nobody says which way it goes.", "List it in an operation or in a reply.",
    ),
    LintRule(
        "unreachable-component", _WARNING, "a component to which nothing refers",
        "It is dead text, or somebody forgot to use it.", "Refer to it, or remove it.",
    ),
    LintRule(
        "correlation-id", _ERROR, "a correlation ID that points at nothing in its message",
        "Replies can never be matched with their commands.",
        "Point at a property of the payload: `$message.payload#/id`.",
    ),
    LintRule(
        "no-correlation", _WARNING, "a command or reply without a correlation ID",
        "With two commands on their way, nobody knows which one is answered.",
        "Give both messages a `correlationId`.",
    ),
    LintRule(
        "reply-without-message", _ERROR, "a reply that lists no message, or errors alone",
        "Nobody knows what the answer looks like.", "List the messages that may answer.",
    ),
    LintRule(
        "undocumented-errors", _WARNING, "an operation that says nothing of failing",
        "It will fail, and callers have to guess how.",
        "Describe a 4XX, 5XX or `default` response; in AsyncAPI, a reply with the extension `x-role: error`.",
    ),
    LintRule(
        "security-without-scheme", _ERROR, "a security requirement that names no declared scheme",
        "Nobody knows what credential is wanted.", "Declare it under `components.securitySchemes`.",
    ),
    LintRule(
        "shared-schema-differs", _WARNING,
        "schemas of one name in the AsyncAPI and the OpenAPI document that say different things",
        "The same thing has two shapes, which people notice when they move data from one side to the other.",
        "Keep the schema in one file and refer to it from both, or rename one.",
    ),
    LintRule(
        "missing-description", _WARNING, "a channel, operation, message or parameter without a word about it",
        "Its name is all that readers of the generated code and docs get.",
        "Add a `summary` or a `description`.",
    ),
    LintRule(
        "naming", _WARNING, "a name in another style than nearly all others of its kind",
        "Users of the API will misspell it.", "Rename it, unless it is on the wire already.",
    ),
    LintRule(
        "duplicate-operation", _ERROR, "an `operationId` that is used twice",
        "Generated code has a method of that name already; the second one is left out.", "Rename one.",
    ),
    LintRule(
        "undeclared-parameter", _WARNING, "a parameter of a path that is not described, or not there",
        "Its type is a guess.", "Describe it under `parameters`, or remove it there.",
    ),
    LintRule(
        "parameters", _WARNING, "parameters of endpoints, for targets that do not have them",
        "The generated code calls the endpoint without.", "Use the target `python`.",
    ),
    LintRule(
        "media-type", _WARNING, "a request that may be of several media types",
        "Generated code sends one of them.", "List the one to be sent alone, if another is wanted.",
    ),
    LintRule(
        "message-headers", _WARNING, "headers of a message", "A frame of a WebSocket has none.",
        "Put them into the payload, or into the channel's `bindings.ws.headers`.",
    ),
    LintRule(
        "schema-format", _WARNING, "a `schemaFormat` other than JSON Schema", "It is not read.",
        "Describe the payload with JSON Schema or an OpenAPI schema.",
    ),
    LintRule(
        "other-protocol", _WARNING, "servers of which none speaks WebSocket",
        "Generated clients cannot reach a broker. Types of messages and docs are good all the same.",
        "Connect to a gateway that speaks WebSocket, and list it under `servers`.",
    ),
    LintRule(
        "host-with-scheme", _WARNING, "a server whose `host` begins with a scheme",
        "Tools write the `protocol` before it, so that the URL has two.", "Remove it from `host`.",
    ),
    LintRule(
        "several-addresses", _WARNING, "channels at several addresses, for targets of one stream",
        "Those targets use the first alone.", "Use the target `python`.",
    ),
    LintRule(
        "inexpressible", _WARNING, "what generated code cannot say, or says more loosely",
        "The code takes more than the document allows, or leaves something out.",
        "Write it in another way if the difference matters.",
    ),
    LintRule(
        "rules-shape", _ERROR, "an entry in the table of rules that lacks something",
        "The rules are part of what is generated.", "Add what is missing.",
    ),
    LintRule(
        "suppression-without-reason", _ERROR, "a suppressed rule without a reason",
        "Nobody will know whether it still holds.", "Write why, after the rule.",
    ),
    LintRule(
        "unused-suppression", _WARNING, "a suppression of what is not found",
        "It hides what may come later.", "Remove it.",
    ),
    LintRule(
        "unused-setting", _WARNING, "a name or a pattern of the configuration that nothing has",
        "The documents have moved on, or it was misspelled.", "Correct or remove it.",
    ),
    LintRule(
        "generated-missing", _ERROR, "a generated file that is not there",
        "The output is not what the documents say.",
        "Run `eventshub-codegen generate`.",
    ),
    LintRule(
        "generated-stray", _ERROR, "a file in a folder of generated files that is not generated",
        "Such a folder belongs to the generator, whole.", "Move or delete it.",
    ),
    LintRule(
        "generated-differing", _ERROR, "a generated file that was changed, or is old",
        "The output is not what the documents say.", "Run `eventshub-codegen generate`.",
    ),
    LintRule(
        "foreign-file", _ERROR, "a file that nobody generated, in the way of generated ones",
        "It would be lost.", "Move or delete it.",
    ),
)  # fmt: skip
BY_ID = {rule.id: rule for rule in LINT_RULES}
ADVICE = {rule.id: rule.mend for rule in LINT_RULES}
"""What to do about a finding that does not say it itself."""


def as_page() -> str:
    """The rules as a Markdown page, with an anchor each."""
    head = """\
<!-- Generated by `eventshub-codegen lint --rules` from the table of rules; do not edit. -->
# Lint rules

`eventshub-codegen lint FILES` checks AsyncAPI and OpenAPI documents. An error fails the command, a warning
does not. `--format text|json|sarif|github|junit` chooses the form of what is found.

A finding can be suppressed with a comment on its line or on the line before it, and a rule for a whole file.
The reason is not optional, and a suppression that suppresses nothing is a finding itself:

```yaml
# codegen: ignore[missing-description] the name says it all
# codegen: ignore-file[naming] the names are those of a partner's API
```

JSON has no comments: there, the extension `x-codegen-ignore` at the top of the document maps rules to
reasons.

| rule | | finds |
|---|---|---|
"""
    rows = "".join(f"| [`{rule.id}`](#{rule.id}) | {rule.severity} | {rule.finds} |\n" for rule in LINT_RULES)
    pages = "".join(f"\n{page_of(rule)}" for rule in LINT_RULES)
    return f"{head}{rows}{pages}"


def page_of(rule: LintRule) -> str:
    """One rule as Markdown."""
    return (
        f"## {rule.id}\n\n{rule.severity.capitalize()}. Finds {rule.finds}.\n\n"
        f"**Why:** {rule.why}\n\n**What to do:** {rule.mend}\n"
    )
