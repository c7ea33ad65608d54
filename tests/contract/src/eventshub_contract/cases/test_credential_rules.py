"""AUTH: who may ask, and how they say who they are."""

from __future__ import annotations

import pytest

from eventshub_contract.hub import CLIENTS, STATS, SUBSCRIBE, UNSUBSCRIBE, Hub
from eventshub_contract.recorder import Answer
from eventshub_contract.target import NO_CREDENTIAL, Credential, api_key, bearer, in_query
from eventshub_contract.verdicts import unsupported

ENDPOINTS = [("GET", SUBSCRIBE), ("POST", UNSUBSCRIBE), ("GET", CLIENTS), ("GET", STATS)]
NOBODY = "00000000-0000-4000-8000-000000000000"


every_endpoint = pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=[path for _, path in ENDPOINTS])

BAD_CREDENTIALS = {
    "none": NO_CREDENTIAL,
    "unknown token": bearer("eventshub-contract-no-such-token", "an unknown token"),
    "empty token": Credential("an empty token", {"Authorization": "Bearer"}),
    "other scheme": Credential("basic authentication", {"Authorization": "Basic bm9ib2R5OmF0IGFsbA=="}),
    "unknown API key": api_key("eventshub-contract:no-such-key", "an unknown API key"),
    "malformed API key": Credential("a malformed API key", {"X-Api-Key": "%%% this is no base64 %%%"}),
    "API key without colon": Credential("an API key without colon", {"X-Api-Key": "bm8gY29sb24="}),
}


def ask(hub: Hub, method: str, path: str, credential: Credential) -> Answer:
    """One well-formed request; what it is about exists for nobody."""
    if path == SUBSCRIBE:
        answer, connection = hub.subscribe(credential=credential)
        if connection is not None:
            connection.close()
        return answer
    value = {"client_id": NOBODY, "event_types": ["pdfm"]} if method == "POST" else None
    return hub.request(method, path, value=value, credential=credential)


def accepted(answer: Answer) -> bool:
    """Whether the credential was good enough."""
    return answer.status not in {401, 403}


def token(hub: Hub) -> str:
    """The bearer token of the run."""
    if hub.target.token is None:
        unsupported("needs a bearer token: give one with --token")
    return hub.target.token


@pytest.mark.rule("AUTH-1")
@every_endpoint
def test_bearer_token_is_accepted(hub: Hub, method: str, path: str) -> None:
    answer = ask(hub, method, path, bearer(token(hub)))
    assert accepted(answer), f"{method} {path} refused the bearer token: {answer.status} {answer.message}"


@pytest.mark.rule("AUTH-2")
@every_endpoint
def test_api_key_is_accepted(hub: Hub, method: str, path: str) -> None:
    if hub.target.api_key is None:
        unsupported("needs an API key: give one with --api-key")
    answer = ask(hub, method, path, api_key(hub.target.api_key))
    assert accepted(answer), f"{method} {path} refused the API key: {answer.status} {answer.message}"


@pytest.mark.rule("AUTH-3")
@pytest.mark.parametrize(
    ("parameter", "prefix"), [("access_token", ""), ("authorization", ""), ("authorization", "Bearer ")]
)
def test_token_in_query_subscribes(hub: Hub, parameter: str, prefix: str) -> None:
    answer = ask(hub, "GET", SUBSCRIBE, in_query(parameter, prefix + token(hub)))
    assert answer.status == 101, f"?{parameter}={prefix}<token> was answered {answer.status} {answer.message}"


@pytest.mark.rule("AUTH-3")
@pytest.mark.parametrize("parameter", ["access_token", "authorization"])
def test_bad_token_in_query_is_refused(hub: Hub, parameter: str) -> None:
    answer = ask(hub, "GET", SUBSCRIBE, in_query(parameter, "eventshub-contract-no-such-token"))
    assert answer.status == 401, f"an unknown token in ?{parameter} was answered {answer.status}, not 401"


@pytest.mark.rule("AUTH-3")
@pytest.mark.parametrize("parameter", ["access_token", "authorization"])
@pytest.mark.parametrize(("method", "path"), ENDPOINTS[1:], ids=[path for _, path in ENDPOINTS[1:]])
def test_token_in_query_is_for_subscribe_alone(hub: Hub, method: str, path: str, parameter: str) -> None:
    answer = ask(hub, method, path, in_query(parameter, token(hub)))
    assert answer.status == 401, f"{method} {path} took the token from ?{parameter}: {answer.status}, not 401"


@pytest.mark.rule("AUTH-4")
@every_endpoint
@pytest.mark.parametrize("bad", BAD_CREDENTIALS)
def test_bad_credential_is_refused(hub: Hub, method: str, path: str, bad: str) -> None:
    answer = ask(hub, method, path, BAD_CREDENTIALS[bad])
    assert answer.status == 401, f"{method} {path} with {bad} was answered {answer.status}, not 401"
    challenge = answer.headers.get("www-authenticate", "")
    assert challenge.lower().startswith("bearer"), f"401 came with WWW-Authenticate {challenge!r}, not Bearer"


@pytest.mark.rule("AUTH-4")
def test_bad_credential_goes_before_the_address(hub: Hub) -> None:
    connection = hub.connect()
    answer, _ = hub.subscribe(credential=BAD_CREDENTIALS["unknown token"], source=connection.source)
    assert answer.status == 401, f"a bad token from an address in use was answered {answer.status}, not 401"


@pytest.mark.rule("AUTH-4")
def test_refused_handshake_takes_no_slot(hub: Hub) -> None:
    address = hub.lend_address()
    hub.subscribe(credential=NO_CREDENTIAL, source=address)
    hub.connect(source=address)


@pytest.mark.rule("AUTH-4")
def test_bad_credential_goes_before_the_body(hub: Hub) -> None:
    answer = hub.request(
        "POST", UNSUBSCRIBE, credential=NO_CREDENTIAL, content=b"{", headers={"Content-Type": "text/plain"}
    )
    assert answer.status == 401, f"a malformed body without credential was answered {answer.status}, not 401"


@pytest.mark.rule("AUTH-5")
@every_endpoint
def test_read_only_claim_is_needed(hub: Hub, method: str, path: str) -> None:
    if hub.target.no_read_token is None:
        unsupported("needs a token without the read-only claim: give one with --no-read-token")
    answer = ask(hub, method, path, bearer(hub.target.no_read_token, "the token without the read-only claim"))
    assert answer.status in {401, 403}, (
        f"{method} {path} was answered {answer.status}, not 403, to the token that is said to be"
        " without the claim (--no-read-token)"
    )


@pytest.mark.rule("AUTH-6")
@pytest.mark.parametrize("second", ["API key", "access_token", "authorization"])
def test_two_kinds_of_credentials_are_refused(hub: Hub, second: str) -> None:
    known = token(hub)
    credential = {
        "API key": api_key(hub.target.api_key or "eventshub-contract:no-such-key"),
        "access_token": in_query("access_token", known),
        "authorization": in_query("authorization", known),
    }[second]
    both = ask(hub, "GET", SUBSCRIBE, bearer(known).and_also(credential))
    assert both.status == 401, f"a bearer token and {second} together were answered {both.status}, not 401"
    bad = ask(hub, "GET", SUBSCRIBE, BAD_CREDENTIALS["unknown token"])
    none = ask(hub, "GET", SUBSCRIBE, NO_CREDENTIAL)
    assert both.message not in {bad.message, none.message}, (
        f"the answer to two kinds of credentials is the one to a bad or missing one: {both.message!r}"
    )


@pytest.mark.rule("AUTH-6")
def test_both_query_parameters_are_refused(hub: Hub) -> None:
    known = token(hub)
    credential = in_query("access_token", known).and_also(in_query("authorization", known))
    answer = ask(hub, "GET", SUBSCRIBE, credential)
    assert answer.status == 401, (
        f"access_token and authorization together were answered {answer.status}, not 401"
    )
