"""Writes the catalogue down for people: one section a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from ..core.interference import Step
from .catalogue import CATALOGUE
from .entry import FaultEntry, Parameter, Value
from .rule import SCOPE

_HEAD: Final = """\
<!-- Written by `python -m eventshub_mockserver.faults > docs/faults.md`; do not edit. -->
# Faults

What a hub can do wrong on request, to see how a client copes. Each fault has an ID; what else is said about
it are parameters and a scope. All ways to write one down mean the same:

- in Python, `hub.faults.add("refuse", status=503)` on a `HubServer`, on what `serve_in_thread` gives and on
  the fixture `events_hub`, with `_` for `-`. It gives the fault's number; as a context manager it removes
  the fault at the end of the block;
- from the start of a hub, `HubConfig(faults=(FaultRule("refuse", {"status": 503}),))`, or for one test the
  marker `@pytest.mark.events_hub(faults=[...])`;
- on the command line, `eventshub-mockserver serve --fault refuse:status=503`, which may be repeated. A
  value cannot hold a comma there, except in JSON: `--fault '{"fault":"refuse","text":"Not now, later"}'`;
- in a scenario, as the step `fault`, which lasts until the step `clear_faults` or the scenario's end;
- from any other language, as JSON posted to [the control surface](control.md), `/control/faults`. In Python,
  `parse_fault` reads it.

`hub.faults.active()` says what there is and how often it has struck, `hub.faults.remove(number)` and
`hub.faults.clear()` take faults away: what a fault holds back is sent then, and what it has stopped goes
on. `hub.reset()` removes all and adds those of the configuration anew. Times are those of the hub's clock.

Each strike is an entry of the journal, `hub.journal.select(Kind.FAULT)`, with the fault's ID and number,
the connection and the name of the credential. A message is in the journal as it was sent, so after its
faults.

Several faults may strike at once. They are asked in the order in which they were added; changes of a
message's content come before those of its bytes.

## For whom and how often

Every fault takes these as well. Without `connection` and `credential` it is for everybody.

"""
_WHERE: Final = """\
`connection` needs a connection: it cannot be chosen at the steps `connect`, `handshake` and `rest`;
`credential` cannot at `connect`. `channel` and `message` can be chosen where a message is sent.
"""
_STEPS: Final[Mapping[Step, str]] = {
    Step.CONNECT: "a client has connected by TCP",
    Step.HANDSHAKE: "a request for an upgrade is to be answered",
    Step.REST: "another request of the product is to be answered, never one of the control surface",
    Step.WELCOME: "the welcome is to be sent",
    Step.OPEN: "a connection is open",
    Step.EVENT: "an event is to be sent to one connection",
    Step.REPLY: "a reply to a command is to be sent, be it an error",
    Step.PONG: "a client's protocol ping is to be answered",
}


def page() -> str:
    """The page, in Markdown."""
    index = "".join(f"| [`{entry.id}`](#{entry.id}) | {entry.summary} |\n" for entry in CATALOGUE.values())
    steps = "".join(f"| `{step}` | {meaning} |\n" for step, meaning in _STEPS.items())
    return (
        f"{_HEAD}{_table(SCOPE)}\n{_WHERE}\n"
        f"## Where faults strike\n\n| step | when |\n|---|---|\n{steps}\n"
        f"## All faults\n\n| fault | in a line |\n|---|---|\n{index}\n"
        + "\n".join(_section(entry) for entry in CATALOGUE.values())
    )


def _section(entry: FaultEntry) -> str:
    steps = ", ".join(f"`{step}`" for step in entry.steps)
    example: dict[str, Value] = {"fault": entry.id, **entry.example}
    python = "".join(f", {name.replace('-', '_')}={value!r}" for name, value in entry.example.items())
    pairs = ",".join(f"{name}={value}" for name, value in entry.example.items())
    lines = [
        f"### {entry.id}\n",
        f"{entry.summary} {entry.does}\n",
        f"Strikes at: {steps}.\n",
        _table(entry.all_parameters) if entry.all_parameters else "It has no parameters of its own.\n",
        f"A good client: {_lowered(entry.advice)}\n",
        "```python",
        f'hub.faults.add("{entry.id}"{python.replace(chr(39), chr(34))})',
        "```\n",
        "```python",
        f"@pytest.mark.events_hub(faults=[{_python(example)}])",
        "```\n",
        "```console",
        f"$ eventshub-mockserver serve --fault {entry.id}:{pairs}",
        "```\n",
        "```yaml",
        "steps:",
        f"  - fault: {{{', '.join(f'{name}: {_json(value)}' for name, value in example.items())}}}",
        "```\n",
        "```json",
        _json(example),
        "```\n",
    ]
    return "\n".join(lines)


def _table(parameters: Iterable[Parameter]) -> str:
    rows = "".join(_row(parameter) for parameter in parameters)
    return f"| key | value | unit | default | meaning |\n|---|---|---|---|---|\n{rows}"


def _row(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f"`{_plain(parameter.default)}`"
    if parameter.is_required:
        default = "required"
    cells = (f"`{parameter.name}`", parameter.allowed, parameter.unit, default, parameter.meaning)
    return f"| {' | '.join(cells)} |\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _plain(value: Value) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _python(value: Mapping[str, Value]) -> str:
    inside = ", ".join(f'"{name}": {item!r}'.replace("'", '"') for name, item in value.items())
    return f"{{{inside}}}"


def _lowered(text: str) -> str:
    return text if text[:2].isupper() else text[0].lower() + text[1:]
