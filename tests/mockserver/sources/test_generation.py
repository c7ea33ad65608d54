"""Messages made by chance, and the spec's own examples."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from tests.mockserver.sources.stage_harness import StagedHub
from tests.mockserver.spec_oracle import bundle

from eventshub_mockserver import UnknownEventError
from eventshub_mockserver.core.validation import SchemaValidator, packaged_validator
from eventshub_mockserver.sources.examples import ExamplesSource, broadcast_messages, examples
from eventshub_mockserver.sources.generation import (
    CannotGenerateError,
    SchemaSampler,
    generate,
    generated_body,
)

NAMES = packaged_validator().message_names


@cache
def oracle(name: str) -> jsonschema_rs.Validator:
    """The contract bundle's opinion, which the hub does not use."""
    definitions = bundle()["$defs"]
    return jsonschema_rs.validator_for(
        {"$defs": definitions, "$ref": f"#/$defs/{name}"}, validate_formats=True
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_message_can_be_made_and_is_valid(name: str) -> None:
    frames = [generate(name, seed) for seed in range(50)]
    assert all(oracle(name).is_valid(frame) for frame in frames)
    assert frames == [generate(name, seed) for seed in range(50)]
    assert len({repr(frame) for frame in frames}) > 5


def test_all_that_is_optional_comes_and_is_left_out() -> None:
    bodies = [generate("Announcement", seed)["body"] for seed in range(50)]
    assert {body["severity"] for body in bodies} == {"info", "warning", "critical"}
    assert {"link" in body for body in bodies} == {True, False}
    trees = [generate("VmSnapshotsUpdated", seed)["body"]["snapshots"] for seed in range(50)]
    assert None in trees
    assert any(snapshot.get("children") for tree in trees for snapshot in tree or ())


def test_an_unknown_name_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(UnknownEventError, match="'VmBorn': the spec has Welcome, "):
        generate("VmBorn", 1)
    with pytest.raises(UnknownEventError, match="no event pdfm/VM_BORN"):
        generated_body("pdfm", "VM_BORN", random.Random(1))


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "string", "pattern": "^a+$"}, "the form '^a+$'"),
        ({"type": "string", "format": "ipv4"}, "the form 'ipv4'"),
        ({"type": "tuple"}, "the type 'tuple'"),
    ],
)
def test_what_is_not_understood_is_named(schema: dict[str, Any], says: str) -> None:
    sampler = SchemaSampler(SchemaValidator({"$defs": {}, "messages": {}, "rest": {}}), random.Random(1))
    with pytest.raises(CannotGenerateError) as caught:
        sampler.sample(schema)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 3, "maximum": 4},
        {"type": "number", "minimum": 0},
        {"type": "boolean"},
        {"type": ["array", "null"], "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 2},
        {"anyOf": [{"type": "null"}, {"const": 5}]},
        {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "string", "minLength": 9}}}]},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ],
)
def test_values_satisfy_their_schema(schema: dict[str, Any]) -> None:
    validator = SchemaValidator({"$defs": {}, "messages": {"M": schema}, "rest": {}})
    for seed in range(30):
        assert (
            validator.message_fault("M", SchemaSampler(validator, random.Random(seed)).sample(schema)) is None
        )


def test_every_message_of_the_spec_has_examples() -> None:
    assert set(examples()) == set(NAMES)
    assert all(examples().values())


def test_the_source_publishes_every_event_and_then_draws() -> None:
    core = StagedHub()
    peer = core.connect("pdfm,system,orchestrator,health")
    source = ExamplesSource(seed=3, interval=0.5, drawn=40)
    core.run(source, 0.0)
    assert len(peer.reads()) == 1
    core.clock.advance(1000)
    assert core.sources.running == ()
    events = peer.reads()
    told = {(event["event_type"], event["message"]) for event in events}
    protocol = core.hub.protocol
    wanted = {key for key, message in protocol.events.items() if message.__name__ in broadcast_messages()}
    assert told == wanted
    assert not any("client_id" in event or "ref_id" in event for event in events)


@pytest.mark.parametrize("options", [{"interval": -1}, {"drawn": -1}, {"interval": 0}])
def test_an_impossible_course_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="interval"):
        ExamplesSource(**options)
