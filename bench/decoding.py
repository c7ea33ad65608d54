"""A frame to a typed event, beside what others make of the same bytes."""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Union

from pydantic import Field, TypeAdapter

from eventshub._core.codec import Codec
from eventshub._generated.protocol import PROTOCOL

from .figures import Figure, cpu_microseconds, ratio
from .frames import BUNDLE, UNKNOWN, USUAL, one_of_each

Decode = Callable[[bytes], object]

OPENAI_PYTHON_MICROSECONDS = 56
"""For one event of this protocol, when the library for decoding was chosen; unknown types came out wrong."""


def all_of(decode: Decode, frames: list[bytes]) -> None:
    for frame in frames:
        decode(frame)


def decoding_figures() -> Iterator[Figure]:
    bundle = json.loads(BUNDLE.read_bytes())
    listed = [
        message
        for message in bundle["messages"]
        if message["direction"] == "hub-to-client" and message["role"] != "welcome"
    ]
    models = datamodel_code_generator_models(bundle["$defs"], [message["name"] for message in listed])
    ours: Decode = Codec(PROTOCOL).decode
    discriminated: Decode = discriminated_union(models, listed).validate_json
    plain: Decode = models.Frame.model_validate_json

    each = one_of_each()
    taken = cpu_microseconds(
        {
            "ours": partial(ours, USUAL),
            "ours, unknown": partial(ours, UNKNOWN),
            "json.loads": partial(json.loads, USUAL),
            "pydantic": partial(discriminated, USUAL),
            "plain union": partial(plain, USUAL),
            "ours, each": partial(all_of, ours, each),
            "json.loads, each": partial(all_of, json.loads, each),
            "pydantic, each": partial(all_of, discriminated, each),
        }
    )
    median = {name: statistics.median(times) for name, times in taken.items()}
    own = taken["ours"]
    yield Figure("decode VM_STATE_CHANGED, body and timestamp included", median["ours"], "µs")
    yield Figure("  … against json.loads", ratio(own, taken["json.loads"]), "x", at_most=0.4)
    yield Figure(
        "  … against a pydantic union discriminated by both keys",
        ratio(own, taken["pydantic"]),
        "x",
        at_most=0.45,
    )
    yield Figure(
        "  … against the union that datamodel-code-generator makes", ratio(own, taken["plain union"]), "x"
    )
    yield Figure("  for comparison, measured once: what openai-python does", OPENAI_PYTHON_MICROSECONDS, "µs")
    yield Figure("  an unknown message against it", ratio(taken["ours, unknown"], own), "x", at_most=1)
    per_event = median["ours, each"] / len(each)
    yield Figure(f"decode one of each of {len(each)} events, open objects among them", per_event, "µs")
    yield Figure("  … against json.loads", ratio(taken["ours, each"], taken["json.loads, each"]), "x")
    yield Figure("  … against the pydantic union", ratio(taken["ours, each"], taken["pydantic, each"]), "x")


def discriminated_union(models: ModuleType, messages: list[dict[str, Any]]) -> TypeAdapter[Any]:
    """The channel decides, then the message: the quickest union that pydantic has."""
    channels: dict[str, list[Any]] = {}
    for message in messages:
        channels.setdefault(message["values"]["event_type"], []).append(getattr(models, message["name"]))
    unions: list[Any] = [
        Annotated[Union[tuple(members)], Field(discriminator="message")] if len(members) > 1 else members[0]  # noqa: UP007 - made of a list
        for members in channels.values()
    ]
    whole: Any = Annotated[Union[tuple(unions)], Field(discriminator="event_type")]  # noqa: UP007 - likewise
    adapter: TypeAdapter[Any] = TypeAdapter(whole)
    return adapter


def datamodel_code_generator_models(definitions: dict[str, Any], names: list[str]) -> ModuleType:
    """What datamodel-code-generator makes of the schemas of all messages that a client receives."""
    schema = {
        "title": "Frame",
        "$defs": definitions,
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in names],
    }
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "schema.json", Path(folder) / "rival_models.py"
        source.write_text(json.dumps(schema))
        generated = subprocess.run(
            [
                *(sys.executable, "-m", "datamodel_code_generator"),
                *("--input", str(source), "--input-file-type", "jsonschema", "--output", str(made)),
                *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
                *("--use-annotated", "--disable-timestamp"),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if generated.returncode:
            sys.exit(f"datamodel-code-generator failed\n{generated.stderr}")
        spec = importlib.util.spec_from_file_location("rival_models", made)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["rival_models"] = module
        spec.loader.exec_module(module)
        return module
