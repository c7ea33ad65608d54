"""What the command's exit code says."""

from __future__ import annotations

from enum import IntEnum

from ..exceptions import (
    AuthenticationError,
    ConnectionConflictError,
    CredentialError,
    EventsHubError,
    EventTimeoutError,
    GlobalChannelError,
    HubUnreachableError,
    InvalidAddressError,
    PermissionDeniedError,
    ProtocolError,
    ReplyTimeoutError,
    StatusError,
)
from ..exceptions import CommandError as CommandRefusedError


class ExitCode(IntEnum):
    """Exit codes by class of error; those of signals are 128 and the signal's number."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    UNREACHABLE = 3
    FORBIDDEN = 4
    CONFLICT = 5
    PROTOCOL = 6
    TIMEOUT = 7
    REFUSED = 8
    OUTPUT = 9


EXIT_CODES = """\
Exit codes:
  0    done, or whoever read the output has seen enough
  1    an unexpected fault
  2    wrong usage: options, URL, no credential
  3    no hub reached, the hub is not available, or the connection is lost
       for good
  4    the credential is refused, or not allowed to do this
  5    the hub allows this address no further connection
  6    what answered does not speak the protocol
  7    not in time: no answer within --timeout, or fewer events than --count
       within --since-connect
  8    the hub refused what was asked
  9    the output cannot be written
  130  ended by Ctrl-C
  143  ended by SIGTERM
"""


class CliError(Exception):
    """An error of the command's own, said in one line."""

    def __init__(self, text: str, code: ExitCode) -> None:
        super().__init__(text)
        self.code = code


class StoppedError(Exception):
    """A signal asked the command to end."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by signal {signal_number}")
        self.code: int = 128 + signal_number


def cannot_write(name: str, error: OSError) -> CliError:
    """The error for output that cannot be written."""
    return CliError(f"cannot write {name}: {error.strerror}", ExitCode.OUTPUT)


def exit_code(error: EventsHubError) -> ExitCode:
    """The exit code for an error of the client."""
    match error:
        case InvalidAddressError() | CredentialError() | GlobalChannelError():
            return ExitCode.USAGE
        case AuthenticationError() | PermissionDeniedError():
            return ExitCode.FORBIDDEN
        case ConnectionConflictError():
            return ExitCode.CONFLICT
        case ProtocolError():
            return ExitCode.PROTOCOL
        case ReplyTimeoutError() | EventTimeoutError() | HubUnreachableError(reason="timeout"):
            return ExitCode.TIMEOUT
        case CommandRefusedError():
            return ExitCode.REFUSED
        case StatusError() if not error.retryable:
            return ExitCode.REFUSED
        case _:
            return ExitCode.UNREACHABLE
