"""Client packages of any document: complete, installable, typed, true to every example."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.codegen.packages import CLIENT_VIEW, DOCUMENTS, SAMPLES, Package, make_package
from tests.codegen.project import ROOT

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the documents of others are not at hand")
SAMPLE_FILES = sorted(SAMPLES.glob("*/*.y*ml")) or [SAMPLES / "asyncapi/none.yml"]


@pytest.fixture(scope="module")
def greenhouse(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return make_package(
        tmp_path_factory.mktemp("greenhouse"),
        asyncapi=DOCUMENTS / "greenhouse.asyncapi.yaml",
        openapi=DOCUMENTS / "greenhouse.openapi.yaml",
    )


def of_sample(path: Path, folder: Path) -> Package:
    if path.parent.name == "openapi":
        return make_package(folder, openapi=path)
    return make_package(folder, asyncapi=path, is_client_view=path.name in CLIENT_VIEW)


def test_a_package_can_be_built_and_says_that_it_is_typed(greenhouse: Package) -> None:
    project = tomllib.loads((greenhouse.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == "1.4.0"
    assert any(name.startswith("eventshub") for name in project["dependencies"])
    assert (greenhouse.folder / "src" / greenhouse.name / "py.typed").is_file()
    assert "connect_climate(zone=..., every=...)" in (greenhouse.folder / "README.md").read_text(
        encoding="utf-8"
    )


def test_every_example_comes_out_as_its_message_and_as_it_was(greenhouse: Package) -> None:
    assert greenhouse.round_trips() == 6


def test_all_files_of_a_package_pass_strict_type_checkers(greenhouse: Package) -> None:
    odd = make_package(greenhouse.folder.parent, openapi=DOCUMENTS / "oddities.openapi.yaml")
    assert odd.findings == []
    assert {"FoundThing", "BigAnimal", "Nested"} <= set(vars(odd.module_of("models")))
    assert "max_length=8" in (odd.folder / "src" / odd.name / "models.py").read_text(encoding="utf-8")
    _check_types([greenhouse, odd])


@needs_samples
def test_documents_of_others_make_packages_that_pass_strict_type_checkers(tmp_path: Path) -> None:
    packages = [of_sample(path, tmp_path) for path in SAMPLE_FILES]
    assert sum(package.round_trips() for package in packages if package.spec.streams) > 0
    for package in packages:
        errors = [finding for finding in package.findings if finding.severity == "error"]
        assert errors == []
    _check_types(packages)


def _check_types(packages: list[Package]) -> None:
    folder = packages[0].folder.parent
    config = folder / "pyrightconfig.json"
    sources = [str(package.folder.relative_to(folder)) for package in packages]
    config.write_text(f'{{"typeCheckingMode": "strict", "include": {sources!r}}}'.replace("'", '"'))
    paths = ":".join(str(package.folder / "src") for package in packages)
    names = [option for package in packages for option in ("-p", package.name)]
    mypy = ["mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", "cache"]
    for command in ([*mypy, *names], ["pyright", "--pythonpath", sys.executable]):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "MYPYPATH": paths, "HOME": str(Path.home())},
            capture_output=True,
            text=True,
            timeout=55,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_chain_of_hundreds_of_schemas_is_not_too_deep(tmp_path: Path) -> None:
    from bench.scale import rest_document

    document = rest_document(1, 600)
    schemas = document["components"]["schemas"]
    for number in range(599):
        schemas[f"Thing{number}"]["properties"] = {
            "next": {"$ref": f"#/components/schemas/Thing{number + 1}"}
        }
    (tmp_path / "chain.json").write_text(json.dumps(document), encoding="utf-8")
    package = make_package(tmp_path, openapi=tmp_path / "chain.json")
    assert package.part("models").Thing599
