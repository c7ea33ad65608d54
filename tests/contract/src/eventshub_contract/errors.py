"""What can go wrong while judging.

ContractError
├── UsageError            the judge was asked for something that cannot be done: exit 4
│   └── BundleError       the documents' bundle cannot be read
├── TargetError           the target cannot be judged at all: exit 6 or 7
├── HubMisbehaved         the hub did not do what a case needs it to do: the case fails
│   └── PublishRefused    its control surface does not want to publish an event
└── ClientMisbehaved      the client under judgement did something else than the rule says: the case fails
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process ends with."""

    OK = 0
    FAILED = 1
    INTERNAL = 2
    USAGE = 4
    NOTHING_JUDGED = 5
    UNREACHABLE = 6
    REFUSED = 7


class ContractError(Exception):
    """Base of all errors of the judge."""


class UsageError(ContractError):
    """Options that are missing, malformed or name what does not exist.

    Attributes:
        exit_code: What the process ends with.
    """

    exit_code = ExitCode.USAGE


class BundleError(UsageError):
    """A bundle that cannot be read."""


class TargetError(ContractError):
    """A target that cannot be judged: not there, no hub, or it refuses the credential.

    Attributes:
        exit_code: What the process ends with.
    """

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class HubMisbehaved(ContractError):  # noqa: N818 - it accuses the hub, it is no error of the judge
    """The hub did not answer, closed, refused or sent what it may not."""


class PublishRefused(HubMisbehaved):
    """The control surface took an order to publish for a bad one (400)."""


class ClientMisbehaved(ContractError):  # noqa: N818 - it accuses the client, it is no error of the judge
    """The client did not do what the rule says, or did what it forbids."""
