"""Documents that are right, and ways to break them: ``^`` marks the place where that has to be found."""

from __future__ import annotations

from dataclasses import dataclass

ASYNCAPI = """\
asyncapi: 3.0.0
info: {title: Ferry, version: 1.0.0}
servers:
  pier: {host: ferry.example, protocol: wss, security: [{$ref: "#/components/securitySchemes/pass"}]}
channels:
  deck:
    summary: Everything on deck.
    address: /deck
    messages:
      Docked: {$ref: "#/components/messages/Docked"}
      Sailed: {$ref: "#/components/messages/Sailed"}
      Ask: {$ref: "#/components/messages/Ask"}
      Told: {$ref: "#/components/messages/Told"}
      Refused: {$ref: "#/components/messages/Refused"}
operations:
  sendDeck:
    summary: What happens.
    action: send
    channel: {$ref: "#/channels/deck"}
    messages: [{$ref: "#/channels/deck/messages/Docked"}, {$ref: "#/channels/deck/messages/Sailed"}]
  askDeck:
    summary: Ask something.
    action: receive
    channel: {$ref: "#/channels/deck"}
    messages: [{$ref: "#/channels/deck/messages/Ask"}]
    reply:
      channel: {$ref: "#/channels/deck"}
      messages: [{$ref: "#/channels/deck/messages/Told"}, {$ref: "#/channels/deck/messages/Refused"}]
components:
  securitySchemes:
    pass: {type: http, scheme: bearer}
  messages:
    Docked:
      summary: It is there.
      payload:
        type: object
        required: [kind, pierName, sinceWhen]
        properties:
          kind: {const: docked}
          pierName: {type: string}
          sinceWhen: {type: string, format: date-time}
          maxWaves: {type: integer, minimum: 0}
          cargo: {$ref: "#/components/schemas/Cargo"}
      examples:
        - payload: {kind: docked, pierName: north, sinceWhen: "2031-01-01T00:00:00Z", maxWaves: 3}
    Sailed:
      summary: It is gone.
      payload:
        type: object
        required: [kind]
        properties:
          kind: {const: sailed}
          byWhom: {type: string, examples: [captain]}
    Ask:
      summary: A question.
      correlationId: {location: "$message.payload#/askId"}
      payload:
        type: object
        required: [kind, askId]
        properties:
          kind: {const: ask}
          askId: {type: string}
          theText: {type: string}
    Told:
      summary: An answer.
      correlationId: {location: "$message.payload#/askId"}
      payload:
        type: object
        required: [kind, askId]
        properties:
          kind: {const: told}
          askId: {type: string}
    Refused:
      summary: No answer.
      x-role: error
      correlationId: {location: "$message.payload#/askId"}
      payload:
        type: object
        required: [kind, askId]
        properties:
          kind: {const: refused}
          askId: {type: string}
  schemas:
    Cargo:
      type: object
      required: [tons]
      properties:
        tons: {type: number, minimum: 0}
        ownerName: {type: string}
        port: {enum: [north, south]}
"""
OPENAPI = """\
openapi: 3.1.0
info: {title: Ferry office, version: 1.0.0}
security: [{pass: []}]
paths:
  /cargo:
    parameters:
      - {name: sortedBy, in: query, description: The order., schema: {type: string}}
    get:
      operationId: listCargo
      summary: All of it.
      responses:
        "200":
          description: It.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Cargo"}}
              example: [{tons: 3}]
        "401": {description: No pass.}
    post:
      operationId: addCargo
      summary: More.
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Cargo"}
            example: {tons: 1}
      responses:
        "201": {description: Loaded.}
        default: {description: Not loaded.}
components:
  securitySchemes:
    pass: {type: http, scheme: bearer}
  schemas:
    Cargo:
      type: object
      required: [tons]
      properties:
        tons: {type: number, minimum: 0}
        ownerName: {type: string}
        port: {enum: [north, south]}
"""


@dataclass(frozen=True)
class Case:
    """One way to break one of the documents."""

    rule: str
    old: str
    new: str
    """With ``^`` before the place, unless ``at`` has it."""
    at: str = ""
    """Text of the broken document with ``^`` before the place."""
    is_openapi: bool = False

    def broken(self) -> tuple[str, int, int]:
        """The broken document, and line and column of what is to be found."""
        whole = OPENAPI if self.is_openapi else ASYNCAPI
        assert self.old in whole, self.old
        marked = whole.replace(self.old, self.new, 1)
        if self.at:
            assert self.at.replace("^", "") in marked, self.at
            marked = marked.replace(self.at.replace("^", ""), self.at, 1)
        before, _, after = marked.partition("^")
        return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


def rest(rule: str, old: str, new: str, at: str = "") -> Case:
    """The same for the OpenAPI document."""
    return Case(rule, old, new, at, is_openapi=True)


DOCKED = 'sinceWhen: "2031-01-01T00:00:00Z", maxWaves: 3'
CARGO = 'cargo: {$ref: "#/components/schemas/Cargo"}'
ASKED = 'correlationId: {location: "$message.payload#/askId"}'
REFUSED = ', {$ref: "#/channels/deck/messages/Refused"}'
TOLD = '{$ref: "#/channels/deck/messages/Told"}'
ANSWERED = f'    reply:\n      channel: {{$ref: "#/channels/deck"}}\n      messages: [{TOLD}{REFUSED}]\n'
SCHEMES = "  securitySchemes:\n    pass:"
BEARER = "{type: http, scheme: bearer}"
ADD = "      operationId: addCargo\n"
LOADED = '        "201": {description: Loaded.}\n        default: {description: Not loaded.}\n'
POST = "            example: {tons: 1}\n      "
TONS = "tons: {type: number, minimum: 0}"

CASES = (
    Case("example-invalid", DOCKED, "sinceWhen: ^soon, maxWaves: 3"),
    Case("example-invalid", "maxWaves: 3}", "maxWaves: ^-3}"),
    Case("example-invalid", "examples: [captain]", "examples: [^7]"),
    rest("example-invalid", "example: [{tons: 3}]", "example: [{tons: ^-3}]"),
    rest("example-invalid", "example: {tons: 1}", "example: ^{weight: 1}"),
    Case("meta-schema", "action: send", "action: ^transmit"),
    Case("meta-schema", "protocol: wss, ", "protocol: wss, ^port: 8, "),
    Case("meta-schema", "pass: {type: http, scheme: bearer}", "pass: ^{type: http}"),
    Case("meta-schema", "byWhom: {type: string,", "byWhom: {type: ^text,"),
    rest("meta-schema", "sortedBy, in: query", "sortedBy, in: ^url"),
    Case("dangling-ref", CARGO, 'cargo: {$ref: ^"#/components/schemas/Crate"}'),
    Case("dangling-ref", 'messages/Sailed"}', 'messages/Gone"}', at='{$ref: ^"#/components/messages/Gone"'),
    Case("dangling-ref", CARGO, 'cargo: {$ref: ^"cargo.yaml#/Cargo"}'),
    rest("dangling-ref", 'items: {$ref: "#/components/schemas/C', 'items: {$ref: ^"#/components/schemas/c'),
    Case("dangling-ref", "#/components/securitySchemes/pass", "#/x", at='security: [{$ref: ^"#/x"'),
    Case("circular-ref", "  schemas:\n", '  schemas:\n    Loop: {$ref: ^"#/components/schemas/Loop"}\n'),
    Case("duplicate-message", "{const: sailed}", "{const: docked}", at="    ^Sailed:\n      summary"),
    Case("duplicate-message", "{const: told}", "{const: sailed}", at="    ^Told:\n      summary"),
    Case("duplicate-message", "{const: refused}", "{enum: [told]}", at="    ^Refused:\n      summary"),
    Case("no-discriminator", "{const: sailed}", "{type: string}", at="    ^Sailed:\n      summary"),
    Case("no-discriminator", "{const: told}", "{enum: [told, said]}", at="    ^Told:\n      summary"),
    Case("correlation-id", ASKED, ASKED.replace('"$message.payload#/askId', '^"$message.payload#/id')),
    Case("correlation-id", ASKED, ASKED.replace('"$message.payload#/askId', '^"$message.payload#/kind/id')),
    Case("correlation-id", ASKED, ASKED.replace('"$message.payload#/askId', '^"$message.payload#/askid')),
    Case("correlation-id", ASKED, ASKED.replace('"$message.payload#/askId', '^"$message.payload#/')),
    Case("correlation-id", ASKED, ASKED.replace('"$message.payload#/askId', '^"$message.header#/askId')),
    Case("reply-without-message", f"[{TOLD}{REFUSED}]", "[]", at="    ^reply:"),
    Case("reply-without-message", f"[{TOLD}{REFUSED}]", f"[{REFUSED[2:]}]", at="    ^reply:"),
    Case("reply-without-message", ANSWERED, "    ^reply: {}\n"),
    Case("reply-without-message", ANSWERED, "    ^reply: {address: {location: '$message.payload#/a'}}\n"),
    Case("reply-without-message", ANSWERED, "    ^reply: {summary: Some day.}\n"),
    Case("unreachable-component", "  schemas:\n", "  schemas:\n    ^Spare: {type: string}\n"),
    Case("unreachable-component", "  messages:\n    Docked:\n", "  messages:\n    ^Spare: {}\n    Docked:\n"),
    Case("unreachable-component", SCHEMES, f"  messageTraits:\n    ^spare: {{}}\n{SCHEMES}"),
    rest("unreachable-component", SCHEMES, f"  responses:\n    ^Gone: {{description: Gone.}}\n{SCHEMES}"),
    rest("unreachable-component", SCHEMES, "  securitySchemes:\n    ^key: {type: mutualTLS}\n    pass:"),
    rest("undocumented-errors", LOADED, '        "201": {description: Loaded.}\n', at=f"{POST}^responses"),
    rest("undocumented-errors", LOADED, '        "302": {description: No.}\n', at=f"{POST}^responses"),
    rest("undocumented-errors", LOADED, '        "2XX": {description: Yes.}\n', at=f"{POST}^responses"),
    rest("undocumented-errors", '        "401": {description: No pass.}\n', "", at="it.\n      ^responses"),
    Case("undocumented-errors", REFUSED, "", at="    ^reply:"),
    rest("security-without-scheme", "security: [{pass: []}]", "security: [{^key: []}]"),
    rest("security-without-scheme", "security: [{pass: []}]", "security: [{pass: [], ^Pass: []}]"),
    rest("security-without-scheme", ADD, f"{ADD}      security: [{{^admin: []}}]\n"),
    rest("security-without-scheme", ADD, f"{ADD}      security: [{{}}, {{^admin: [read]}}]\n"),
    rest("security-without-scheme", f"{SCHEMES} {BEARER}\n", "", at="security: [{^pass"),
    Case("missing-description", "    summary: Everything on deck.\n", "", at="  ^deck:"),
    Case("missing-description", "    summary: What happens.\n", "", at="  ^sendDeck:"),
    Case("missing-description", "      summary: It is gone.\n", "", at="    ^Sailed:\n"),
    rest("missing-description", "      summary: More.\n", "", at="    ^post:"),
    rest("missing-description", "description: The order., ", "", at="^{name: sortedBy"),
    Case("naming", "byWhom: {", "^by_whom: {"),
    Case("naming", "theText: {", "^the-text: {"),
    Case("naming", "theText: {", "^TheText: {"),
    Case("naming", "maxWaves: {", "^max_wind: {}\n          maxWaves: {"),
    Case("naming", "ownerName: {type: string}", "ownerName: {type: string}\n        ^OWNER_KEY: {}"),
)  # fmt: skip

DISAGREEMENTS = (
    Case("shared-schema-differs", TONS, "tons: {type: number, ^minimum: 1}"),
    Case("shared-schema-differs", TONS, "tons: {^type: integer, minimum: 0}"),
    Case("shared-schema-differs", "      required: [tons]\n", "      ^required: [tons, ownerName]\n"),
    Case("shared-schema-differs", "port: {enum: [north, south]}", "port: {^enum: [north, east]}"),
    Case("shared-schema-differs", "port: {enum:", "^berth: {}\n        port: {enum:"),
)  # fmt: skip
