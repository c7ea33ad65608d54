"""The ``eventshub-mockserver`` command."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from .announce_command import ANNOUNCE_HELP, announce
from .config_file import ConfigFile, ConfigFileError, read_config_file
from .core.credentials import ApiKey, Token
from .core.jwt_rules import SigningKeysError
from .log import log_to_stderr
from .net.server import HubServer
from .running import ReadyFileError, run_until_signal
from .scenario_commands import LIST_HELP
from .scenario_commands import scenario as scenario_commands
from .scenario_commands import scenarios as list_scenarios
from .serve_options import VARIABLE_PREFIX, ServeOptions, signature_of_options
from .serving import OptionError, Serving, credentials_of, prepare
from .shown_config import shown
from .supervisor import inherited_listener

CANNOT_LISTEN = 3
CANNOT_WRITE = 4
SCENARIO_FAILED = 5

SERVE_HELP = """\
Run a hub until SIGINT or SIGTERM. A second signal ends it at once.

Each option is also a variable, EVENTS_HUB_ and its name, and a key of the
TOML file that --config names: an option counts before a variable, a variable
before the file. Without a credential a token is made up and printed once.
Variables of options that may be repeated hold values separated by spaces.

\b
Examples:
  eventshub-mockserver serve --simulate --hosts 8 --vms 4 --rate 10 --seed 7
  eventshub-mockserver serve --scenario host-dies:minutes=1 --until-done
  eventshub-mockserver serve --replay night.jsonl --speed 10
  EVENTS_HUB_TOKEN=s3cret eventshub-mockserver serve --port 9000
  eventshub-mockserver serve --token ci:READ_ONLY,ADMIN:s3cret
      --connections-per-ip off
  eventshub-mockserver serve --fault refuse:status=503,retry-after=2,times=2
  EVENTS_HUB_CONTROL_TOKEN=c0ntrol eventshub-mockserver serve --port 0
      --ready-file hub.json --virtual-time
  eventshub-mockserver serve --config hub.toml --check-config

\b
Exit codes:
  0  stopped by a signal, or all done with --until-done
  2  wrong usage
  3  the address cannot be listened on, for example because the port is in use
  4  the ready file cannot be written
  5  a scenario or a replay failed
"""


class ServeCommand(TyperCommand):
    """Names the variable whose value cannot be read, instead of an option that nobody gave."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read options and variables; ``BadParameter`` says which is wrong."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            if error.param_hint is None and error.param is not None:
                error.param_hint = _place(ctx, error.param.name or "")
            raise


app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
)

app.add_typer(scenario_commands, name="scenario")
app.command("scenarios", help=LIST_HELP)(list_scenarios)
app.command("announce", help=ANNOUNCE_HELP)(announce)


@app.callback()
def commands() -> None:
    """A spec-conformant Events Hub to develop and test against."""


def read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Let the options that are not given have the file's values."""
    if path is not None:
        try:
            file = read_config_file(path)
        except ConfigFileError as error:
            raise typer.BadParameter(str(error)) from error
        context.default_map = dict(file.values)
        context.obj = file
    return path


_CONFIG: Final = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="TOML file with options.", callback=read_config, is_eager=True),
]
_CHECK: Final = Annotated[bool, typer.Option("--check-config", help="Say whether all this can be, and end.")]
_PRINT: Final = Annotated[
    bool, typer.Option("--print-config", help="Print what counts, without secrets, as TOML, and end.")
]


def serve(context: typer.Context, **given: Any) -> None:
    """Run a hub until SIGINT or SIGTERM."""
    del given["config"]
    is_checked, is_printed = given.pop("check_config"), given.pop("print_config")
    file = context.obj if isinstance(context.obj, ConfigFile) else None
    options = ServeOptions(**given, credentials=() if file is None else file.credentials)
    ready_file = options.ready_file
    if ready_file is not None and not ready_file.parent.is_dir():
        text = f"{ready_file.parent} is not a directory"
        raise typer.BadParameter(text, param_hint=_place(context, "ready_file"))
    try:
        listener = inherited_listener()
    except OSError as error:
        typer.echo(f"Error: {error.strerror}", err=True)
        raise typer.Exit(CANNOT_LISTEN) from error
    if listener is not None:
        host, port, *_ = listener.getsockname()
        options = replace(options, host=host, port=port)
    if is_printed:
        typer.echo(shown(options, file), nl=False)
        raise typer.Exit
    try:
        serving = prepare(options)
    except OptionError as error:
        hint = None if error.option is None else _place(context, error.option)
        raise typer.BadParameter(str(error), param_hint=hint) from error
    if is_checked:
        typer.echo("The configuration is good.")
        raise typer.Exit
    log_to_stderr(options.log_level, options.log_format)
    _run(serving, options, file, listener)


serve.__signature__ = signature_of_options(  # type: ignore[attr-defined] # a function may have one
    Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
    *(
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, default, annotation in (
            ("config", None, _CONFIG),
            ("check_config", False, _CHECK),
            ("print_config", False, _PRINT),
        )
    ),
)
app.command(cls=ServeCommand, help=SERVE_HELP, context_settings={"auto_envvar_prefix": VARIABLE_PREFIX})(
    serve
)


def _run(
    serving: Serving, options: ServeOptions, file: ConfigFile | None, listener: socket.socket | None
) -> None:
    def read_credentials() -> tuple[Token | ApiKey, ...]:
        again = () if file is None else read_config_file(file.path).credentials
        made_up = () if serving.made_up is None else serving.config.credentials
        return (*made_up, *credentials_of(replace(options, credentials=again)))

    def tell_where(server: HubServer) -> None:
        typer.echo(f"Events Hub on {server.url}")
        if serving.made_up is not None:
            typer.echo(f"Token for this run: {serving.made_up}")

    try:
        failures = run_until_signal(
            serving,
            options.ready_file,
            tell_where,
            until_done=options.until_done,
            read_credentials=read_credentials,
            listener=listener,
        )
    except ReadyFileError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(CANNOT_WRITE) from error
    except SigningKeysError as error:
        typer.echo(f"Error: {options.jwt_keys}: {error}", err=True)
        raise typer.Exit(2) from error
    except OSError as error:
        typer.echo(f"Error: cannot listen on {options.host} port {options.port}: {error.strerror}", err=True)
        raise typer.Exit(CANNOT_LISTEN) from error
    if failures:
        typer.echo(f"Error: scenarios or the replay failed, see the log: {len(failures)}", err=True)
        raise typer.Exit(SCENARIO_FAILED)


def _place(context: typer.Context, option: str) -> str:
    """Where an option's value comes from: file, line and key; the variable; or the option itself."""
    source = context.get_parameter_source(option)
    name = "" if source is None else source.name
    if name == "DEFAULT_MAP" and isinstance(context.obj, ConfigFile):
        return context.obj.where(option)
    if name == "ENVIRONMENT":
        return f"{VARIABLE_PREFIX}_{option.upper()}"
    return f"--{option.replace('_', '-')}"


@app.command("control-openapi")
def control_openapi() -> None:
    """Print the OpenAPI document of the control surface, as JSON."""
    from .net.control.document import openapi
    from .net.control.table import ENDPOINTS

    typer.echo(json.dumps(openapi(ENDPOINTS), indent=2, ensure_ascii=False))


main: Callable[[], None] = app
