"""Generated REST methods against a real server: what goes out, and what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.codegen.packages import DOCUMENTS, Package, make_package

from eventshub import runtime
from eventshub.exceptions import InvalidRequestError, StatusError


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return make_package(tmp_path_factory.mktemp("rest"), openapi=DOCUMENTS / "greenhouse.openapi.yaml")


class Recorder:
    """A server that keeps what it was asked, and answers with what a test says."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.body = b""
        self.answer: Callable[[], web.Response] = lambda: web.json_response([])
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.raw_path))
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.body = await request.read()
        return self.answer()


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", recorder.handle)
    async with TestServer(app) as running:
        recorder.url = str(running.make_url("/api"))
        yield recorder


@pytest.fixture
async def client(package: Package, server: Recorder) -> AsyncIterator[Any]:
    kind = next(value for name, value in vars(package.module).items() if name.endswith("Client"))
    settings = runtime.ClientSettings(proxy=None, max_retries=0)
    async with kind(server.url, api_key="k", settings=settings) as made:
        yield made


async def test_parameters_are_written_in_their_styles(
    package: Package, client: Any, server: Recorder
) -> None:
    models = package.part("models")
    await client.list_plants(
        species=("aloe vera", "fern&co"),
        tags=("a,b", "c"),
        sizes=(1, 2),
        where=models.ListPlantsWhere(bed=3, shade=True),
        filter={"age": 4},
        sort="name",
        session="s=1",
        x_trace="t",
    )
    query = (
        "species=aloe%20vera&species=fern%26co&tags=a%2Cb,c&sizes=1%7C2&where[bed]=3&where[shade]=true"
        "&filter=%7B%22age%22%3A4%7D&sort=name"
    )
    assert server.asked == [("GET", f"/api/plants?{query}")]
    assert server.headers["cookie"] == "session=s%3D1"
    assert (server.headers["x-trace"], server.headers["x-key"]) == ("t", "k")


async def test_paths_are_filled_in(client: Any, server: Recorder) -> None:
    server.answer = lambda: web.json_response({"kind": "moss"})
    await client.plant_by_id(id=7, id_2="x")
    await client.set_picture(b"png", id=(1, 2))
    await client.picture(id=3)
    assert server.asked == [
        ("GET", "/api/plants/7?id=x"),
        ("PUT", "/api/plants/;id=1,2/picture"),
        ("GET", "/api/plants/.3/picture"),
    ]


async def test_answers_are_what_the_document_says_for_their_status(
    package: Package, client: Any, server: Recorder
) -> None:
    models = package.part("models")
    plant = models.Plant(name="Aloe", leaves=None)
    server.answer = lambda: web.json_response({"id": 1, "name": "Aloe", "leaves": None}, status=201)
    assert await client.add_plant(plant) == models.Plant(id=1, name="Aloe", leaves=None)
    assert server.body == b'{"name":"Aloe","leaves":null}'
    server.answer = lambda: web.Response(status=202)
    assert await client.add_plant(plant) is None
    server.answer = lambda: web.json_response({"title": "no such bed"}, status=400)
    with pytest.raises(InvalidRequestError) as refusal:
        await client.list_plants()
    assert refusal.value.body == models.Problem(title="no such bed")


async def test_a_union_beside_properties_has_all_of_them(
    package: Package, client: Any, server: Recorder
) -> None:
    models = package.part("models")
    server.answer = lambda: web.json_response({"kind": "tree", "age": 3, "rings": 3})
    assert (await client.plant_by_id(id=1)).value == models.LivingTree(kind="tree", age=3, rings=3)
    server.answer = lambda: web.json_response({"kind": "lichen", "age": 3})
    assert (await client.plant_by_id(id=1)).value == {"kind": "lichen", "age": 3}
    server.answer = lambda: web.json_response({"kind": "fungus", "poisonous": "very"})
    with pytest.raises(runtime.MessageDecodeError, match=r"\$\.poisonous"):
        await client.plant_by_id(id=1)


async def test_bodies_are_forms_files_and_bytes(package: Package, client: Any, server: Recorder) -> None:
    models = package.part("models")
    server.answer = lambda: web.Response(text="2 plants")
    request = models.ImportPlantsRequest(file=b"\x00csv", note="né", first=models.Plant(name="A"))
    assert await client.import_plants(request) == "2 plants"
    assert server.headers["content-type"].startswith("multipart/form-data; boundary=")
    for part in (b'name="file"; filename="file"', b"\x00csv", "né".encode(), b'{"name":"A"}'):
        assert part in server.body
    await client.login(models.LoginRequest(user="a b", roles=("x", "y")))
    assert server.body == b"user=a+b&roles=x&roles=y"
    assert "x-key" not in server.headers
    server.answer = lambda: web.Response(body=b"\x89PNG", content_type="image/png")
    assert await client.picture(id=1) == b"\x89PNG"
    assert server.headers["accept"] == "image/png"


HEIRS = """\
openapi: 3.0.3
info: {title: Beings, version: 1.0.0}
servers: [{url: /v1}]
paths:
  /beings:
    get:
      operationId: beings
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Being"}}
        default: {description: None.}
components:
  schemas:
    Being:
      type: object
      required: [kind]
      discriminator:
        propertyName: kind
        mapping: {moth: "#/components/schemas/Moth", oak: Oak}
      properties:
        kind: {type: string}
        friend: {nullable: true, allOf: [{$ref: "#/components/schemas/Being"}]}
    Moth:
      allOf:
        - {$ref: "#/components/schemas/Being"}
        - {type: object, properties: {wings: {type: integer, minimum: 0, exclusiveMinimum: true}}}
    Oak:
      allOf:
        - {$ref: "#/components/schemas/Being"}
        - {type: object, properties: {rings: {type: integer}}}
"""


async def test_heirs_that_a_discriminator_names_are_decoded_as_such(tmp_path: Path, server: Recorder) -> None:
    (tmp_path / "heirs.yaml").write_text(HEIRS, encoding="utf-8")
    package = make_package(tmp_path, openapi=tmp_path / "heirs.yaml")
    models = package.part("models")
    kind = next(value for name, value in vars(package.module).items() if name.endswith("Client"))
    server.answer = lambda: web.json_response(
        [{"kind": "moth", "wings": 4, "friend": {"kind": "oak", "rings": 7}}, {"kind": "elf", "friend": None}]
    )
    client = kind(server.url, settings=runtime.ClientSettings(proxy=None))
    moth, elf = await client.beings()
    assert server.asked == [("GET", "/api/v1/beings")]
    assert (moth.value.wings, moth.value.friend.value) == (4, models.Oak(kind="oak", rings=7))
    assert elf.value == models.Being(kind="elf", friend=None)


async def test_the_twin_for_threads_calls_them_too(package: Package, server: Recorder) -> None:
    server.answer = lambda: web.json_response({"code": 4}, status=404)
    kind = next(value for name, value in vars(package.module).items() if name.startswith("Sync"))
    client = kind(server.url, api_key="k", settings=runtime.ClientSettings(proxy=None, max_retries=0))

    def in_a_thread() -> list[int]:
        statuses: list[int] = []
        for _ in range(2):
            with client:
                for _ in range(2):
                    with pytest.raises(StatusError) as refusal:
                        client.plant_by_id(id="7")
                    statuses.append(refusal.value.status)
        return statuses

    assert await asyncio.to_thread(in_a_thread) == [404] * 4
    assert len(server.asked) == 4
    assert (server.headers["x-key"], repr(client)) == ("k", f"{kind.__name__}({server.url!r})")
