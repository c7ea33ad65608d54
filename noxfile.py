"""The project's commands. ``nox -l`` lists them, ``nox`` runs everything that CI runs."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = False
nox.options.sessions = ["lint", "types", "layers", "spec", "fresh", "unit", "contract", "wheels"]

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"
DISTRIBUTIONS = {
    "eventshub": "sdk/python",
    "eventshub-codegen": "codegen",
    "eventshub-mockserver": "mockserver",
    "eventshub-contract": "tests/contract",
}
PYTHON_FOLDERS = ("codegen", "sdk", "mockserver", "tests", "examples", "bench", "noxfile.py")


def install(session: nox.Session, *requirements: str, distributions: tuple[str, ...] = ()) -> None:
    """Install tools and workspace distributions at the versions that constraints.txt pins."""
    editable = [part for name in distributions for part in ("-e", DISTRIBUTIONS[name])]
    session.install("-c", str(CONSTRAINTS), *editable, *requirements)


def install_everything(session: nox.Session) -> None:
    """Install all four distributions with what their tests, type checks and examples need."""
    install(session, "-r", "requirements-dev.txt", distributions=tuple(DISTRIBUTIONS))


@nox.session
def demo(session: nox.Session) -> None:
    """Start a hub with a simulated fleet and watch it with the client; ``-- --keep-running`` stays."""
    install(session, distributions=("eventshub", "eventshub-mockserver"))
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting of all hand-written Python; ``-- --fix`` mends what can be mended."""
    install(session, "ruff")
    session.run("ruff", "check", *session.posargs, *PYTHON_FOLDERS)
    session.run("ruff", "format", *([] if "--fix" in session.posargs else ["--check"]), *PYTHON_FOLDERS)


@nox.session
def types(session: nox.Session) -> None:
    """Check types with pyright and mypy, both strict, generated code and tests included."""
    install_everything(session)
    session.env["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"
    session.run("pyright", "--warnings")
    session.run("mypy", *(f"{folder}/src" for folder in DISTRIBUTIONS.values()))
    session.run("mypy", "tests", "examples", "bench", "noxfile.py", "--exclude", "tests/contract/src")


@nox.session
def layers(session: nox.Session) -> None:
    """Check that dependencies between packages point one way only."""
    install(session, "import-linter", distributions=tuple(DISTRIBUTIONS))
    session.run("lint-imports")


@nox.session
def spec(session: nox.Session) -> None:
    """Check the specs: meta-schemas, references, every example, the rules."""
    install(session, distributions=("eventshub-codegen",))
    session.run("eventshub-codegen", "lint", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Regenerate everything that is generated from the specs."""
    install(session, distributions=("eventshub-codegen",))
    session.run("eventshub-codegen", "generate", *session.posargs)


@nox.session
def fresh(session: nox.Session) -> None:
    """Check that every generated file is exactly what the specs give now."""
    install(session, distributions=("eventshub-codegen",))
    session.run("eventshub-codegen", "check", *session.posargs)


@nox.session
def unit(session: nox.Session) -> None:
    """Run the tests on all cores; arguments after ``--`` go to pytest."""
    install_everything(session)
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def contract(session: nox.Session) -> None:
    """Judge our hub (both dialects), client and documents; arguments after ``--`` judge the hub alone."""
    distributions = ("eventshub", "eventshub-mockserver", "eventshub-contract")
    install(session, "hypothesis", "schemathesis", "trustme", distributions=distributions)
    session.run("python", "-m", "tests.judge_our_hub", *session.posargs)
    if not session.posargs:
        session.run("python", "-m", "tests.judge_our_hub", "--dialect", "service")
        for twin in ("async", "sync"):
            session.run("eventshub-contract", "client", "--adapter", f"eventshub-{twin}", "--fast")
        session.run(
            *("eventshub-contract", "docs", *documents()),
            *("--postman", "docs/postman/collection.json", "--openapi", "spec/events-hub.openapi.yaml"),
        )


def documents() -> list[str]:
    """Everything that we print, without what tools keep in folders of their own."""
    found = [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.md"))]
    return [str(path) for path in found if not any(part.startswith(".") for part in path.parts)]


@nox.session
def wheels(session: nox.Session) -> None:
    """Build each wheel, install it alone into a clean environment and try it there."""
    session.install("-c", str(CONSTRAINTS), "uv")
    with tempfile.TemporaryDirectory() as folder:
        for name, path in DISTRIBUTIONS.items():
            session.run("uv", "build", "--quiet", "--wheel", "--out-dir", folder, path)
            session.run("python", "tests/try_wheel.py", name, folder, str(CONSTRAINTS))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what the docs claim and print it beside its bound; ``-- hub --short`` tries the hub's part."""
    install_everything(session)
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def chaos(session: nox.Session) -> None:
    """Break connections in every way for two minutes and count events; ``-- SEED`` repeats a run."""
    install_everything(session)
    seed = session.posargs[0] if session.posargs else str(secrets.randbelow(2**32))
    session.log("seed %s", seed)
    session.run(
        *("pytest", "tests/e2e/test_chaos.py"),
        env={"EVENTSHUB_CHAOS_SEED": seed, "EVENTSHUB_CHAOS_SECONDS": "120"},
    )


@nox.session
def properties(session: nox.Session) -> None:
    """Run the property tests on many examples, other ones each time; ``-- NUMBER`` for each message."""
    install_everything(session)
    examples = session.posargs[0] if session.posargs else "500"
    session.run(
        *("pytest", "-n", "auto", "tests/sdk/properties"), env={"EVENTSHUB_PROPERTY_EXAMPLES": examples}
    )


@nox.session
def soak(session: nox.Session) -> None:
    """Load on the hub for ten minutes or ``-- SECONDS``; ``-- connects [NUMBER]`` has clients come and go."""
    install_everything(session)
    module, arguments = "bench.soak", session.posargs
    if arguments[:1] == ["connects"]:
        module, arguments = "bench.connects", arguments[1:]
    session.run("python", "-m", module, *arguments)


def find_python2() -> str | None:
    """A Python 2.7 that runs, on the PATH or among those of pyenv; its shims may lead nowhere."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [str(path) for path in pyenv.glob("versions/2.7*/bin/python2.7")]
    if on_path := shutil.which("python2.7"):
        candidates.insert(0, on_path)
    for candidate in candidates:
        if subprocess.run([candidate, "-c", ""], check=False, capture_output=True).returncode == 0:
            return candidate
    return None


@nox.session
def autobahn(session: nox.Session) -> None:
    """Have the Autobahn test suite try hub and client, and write docs/autobahn.md; needs Python 2.7."""
    python = find_python2()
    if python is None:
        session.skip("the Autobahn test suite needs Python 2.7: no python2.7 on the PATH or in pyenv")
    install(session, "picows", distributions=("eventshub", "eventshub-mockserver"))
    # The last one that makes environments of Python 2.7.
    session.install("virtualenv==20.15.1")
    folder = Path(session.virtualenv.location).with_name("autobahn-suite")
    session.run("python", "-m", "virtualenv", "--quiet", "--python", python, str(folder))
    session.run(f"{folder}/bin/pip", "install", "--quiet", "autobahntestsuite==25.10.1", external=True)
    session.run("python", "-m", "bench.autobahn", f"{folder}/bin/wstest")


@nox.session
def lock(session: nox.Session) -> None:
    """Pin the newest versions that fit into constraints.txt."""
    session.install("uv")
    sources = [f"{folder}/pyproject.toml" for folder in DISTRIBUTIONS.values()]
    session.run(
        "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--upgrade",
        "--all-extras", "--no-emit-index-url", "--no-annotate", "--no-header",
        "--no-emit-package", "eventshub", "--no-emit-package", "eventshub-mockserver",
        "--output-file", str(CONSTRAINTS), "requirements-dev.txt", *sources,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit("run me through nox: nox -l")
