"""The options that every command has: which hub, as whom, how patiently, in which form."""

from __future__ import annotations

import inspect
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, TypeAlias

import typer

from .. import AsyncEventsHub, Attempt, CredentialError, InvalidAddressError, Reconnect, Timeouts
from .exit_codes import CliError, exit_code

P = ParamSpec("P")

LARGEST_TOKEN_FILE = 64 * 1024

Url: TypeAlias = Annotated[
    str | None, typer.Option(help="The hub's URL, http(s) or ws(s).  [env: EVENTS_HUB_URL]")
]
Token: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="SECRET",
        help="Bearer token. Other users of this machine can read a command line: prefer the"
        " variable or --token-file.  [env: EVENTS_HUB_TOKEN]",
    ),
]
TokenFile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|-",
        help="File with the bearer token, read anew for each connection; - reads standard input once.",
    ),
]
ApiKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="KEY:SECRET",
        help="API key. Other users of this machine can read a command line: prefer the variable."
        "  [env: EVENTS_HUB_API_KEY]",
    ),
]
CaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Trust the certificate authorities in this PEM file, and no others."),
]
Timeout: TypeAlias = Annotated[
    float, typer.Option(metavar="SECONDS", help="How long to wait for a connection or an answer.")
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Write JSON, one object a line; errors too, on standard error.")
]


@dataclass(frozen=True, kw_only=True)
class HubOptions:
    """What was given of them."""

    url: str | None
    token: str | None
    token_file: str | None
    api_key: str | None
    ca_file: Path | None
    timeout: float
    as_json: bool

    def hub(self, on_attempt: Callable[[Attempt], object] | None = None) -> AsyncEventsHub:
        """The hub that was asked for; only with ``on_attempt``, which is told of each, it connects again.

        Raises:
            CliError: not one usable URL and one usable credential were given.
            typer.BadParameter: another option cannot be used.
        """
        timeouts = Timeouts(
            connect=self.timeout, welcome=self.timeout, reply=self.timeout, rest=self.timeout, close=2
        )
        try:
            return AsyncEventsHub(
                self.url,
                token=self._token_source(),
                api_key=self.api_key,
                timeouts=timeouts,
                # Whoever sits in front of it wants to know at once.
                max_retries=0,
                reconnect=None if on_attempt is None else Reconnect(on_attempt=on_attempt),
                ssl_context=self._ssl_context(),
            )
        except (InvalidAddressError, CredentialError) as error:
            raise CliError(_with_options_named(str(error)), exit_code(error)) from error

    def _token_source(self) -> str | Callable[[], str] | None:
        if self.token_file is None:
            return self.token
        if self.token is not None:
            raise typer.BadParameter("give --token or --token-file, not both", param_hint="--token-file")
        if self.token_file == "-":  # noqa: S105 - the name of a file
            return sys.stdin.read(LARGEST_TOKEN_FILE)
        path = Path(self.token_file)
        try:
            _read_token(path)
        except OSError as error:
            raise typer.BadParameter(f"{path}: {error.strerror}", param_hint="--token-file") from error
        except UnicodeDecodeError as error:
            raise typer.BadParameter(f"{path} is no text", param_hint="--token-file") from error
        return lambda: _read_token(path)

    def _ssl_context(self) -> ssl.SSLContext | None:
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except ssl.SSLError as error:
            raise typer.BadParameter(
                f"{self.ca_file} holds no certificate in PEM form", param_hint="--ca-file"
            ) from error
        except OSError as error:
            raise typer.BadParameter(f"{self.ca_file}: {error.strerror}", param_hint="--ca-file") from error


def with_hub_options(command: Callable[Concatenate[HubOptions, P], None]) -> Callable[..., None]:
    """Give a command, whose first parameter takes the ``HubOptions``, an option for each of them."""

    def options(
        *,
        url: Url = None,
        token: Token = None,
        token_file: TokenFile = None,
        api_key: ApiKey = None,
        ca_file: CaFile = None,
        timeout: Timeout = 10.0,
        as_json: AsJson = False,
    ) -> HubOptions:
        if not timeout > 0:
            raise typer.BadParameter("must be more than 0", param_hint="--timeout")
        return HubOptions(
            url=url,
            token=token,
            token_file=token_file,
            api_key=api_key,
            ca_file=ca_file,
            timeout=timeout,
            as_json=as_json,
        )

    common = inspect.signature(options, eval_str=True).parameters
    _, *own = inspect.signature(command, eval_str=True).parameters.values()

    def run(**given: Any) -> None:
        rest = {name: value for name, value in given.items() if name not in common}
        chosen = options(**{name: value for name, value in given.items() if name in common})
        # Typer gives what the signature below asks for.
        command(chosen, **rest)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *common.values())
    ]
    # Typer reads these two to learn what a command takes.
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    return run


def _with_options_named(text: str) -> str:
    """An error of the client's constructor, with the options of the command for its arguments."""
    for argument, option in (("base_url", "--url"), ("token=", "--token"), ("api_key=", "--api-key")):
        text = text.replace(argument, option)
    return text


def _read_token(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(LARGEST_TOKEN_FILE)
