"""How faults are described, and what is said of descriptions that are wrong."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from eventshub_mockserver import FaultError, FaultRule, parse_fault
from eventshub_mockserver.core.interference import Step
from eventshub_mockserver.faults.catalogue import CATALOGUE
from eventshub_mockserver.faults.tampering import TAMPERING

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "description",
    [
        "refuse:status=429,retry-after=2,times=3,credential=ci,probability=0.5,seed=7",
        " refuse : status = 429 , retry_after = 2 , times = 3, credential=ci, probability=0.5, seed=7",
        {
            "fault": "refuse",
            "status": 429,
            "retry-after": 2,
            "times": 3,
            "credential": "ci",
            "probability": 0.5,
            "seed": 7,
        },
        {
            "fault": "refuse",
            "status": "429",
            "retry_after": "2",
            "times": "3",
            "credential": "ci",
            "probability": "0.5",
            "seed": "7",
        },
    ],
)
def test_all_ways_to_write_a_fault_are_the_same(description: Any) -> None:
    rule = parse_fault(description)
    assert rule == FaultRule(
        "refuse",
        {"status": 429, "retry-after": 2},
        credential="ci",
        times=3,
        probability=0.5,
        seed=7,
    )
    assert rule.parameters["body"] == "json", "defaults are filled in"
    assert parse_fault(rule.as_dict()) == rule
    assert pickle.loads(pickle.dumps(rule)) == rule


@pytest.mark.parametrize("fault", CATALOGUE)
def test_each_example_of_the_catalogue_is_a_rule(fault: str) -> None:
    entry = CATALOGUE[fault]
    rule = parse_fault({"fault": fault, **entry.example})
    chosen = {**rule.parameters, "times": rule.times, "probability": rule.probability, "seed": rule.seed}
    assert {name: chosen[name] for name in entry.example} == entry.example
    assert parse_fault(rule.as_dict()) == rule
    assert rule.step in entry.steps


@pytest.mark.parametrize(
    ("description", "complaint"),
    [
        ("", "there are tls-close,"),
        ("explode", "unknown fault 'explode': there are tls-close,"),
        ({}, "fault is missing: one of tls-close,"),
        ({"fault": 7}, "fault is missing"),
        ("refuse:status", "fault refuse: 'status' is not KEY=VALUE"),
        ("refuse:status=1,status=2", "status is given twice"),
        ({"fault": "refuse", "retry-after": 1, "retry_after": 2}, "retry-after is given twice"),
        ("refuse:colour=red", "unknown key 'colour': there are step, status, retry-after"),
        ("refuse:status=600", "status must be a whole number from 200 to 599, got '600'"),
        ("refuse:status=4e2", "status must be a whole number"),
        ({"fault": "refuse", "status": True}, "status must be a whole number"),
        ({"fault": "refuse", "status": [503]}, "status must be a whole number"),
        ("refuse:body=xml", "body must be one of json, html, empty, got 'xml'"),
        ("refuse:text=", "text must be a text, got ''"),
        ("refuse:step=event", "step must be one of handshake, rest"),
        ("refuse:connection=abc", "connection cannot be chosen at the step handshake"),
        ("tls-close:credential=ci", "credential cannot be chosen at the step connect"),
        ("close:channel=pdfm", "channel cannot be chosen at the step open, only at welcome, event, reply"),
        ("delay:seconds=nan", "seconds must be a number from 0 to 3600"),
        ({"fault": "delay", "seconds": float("inf")}, "seconds must be a number from 0 to 3600"),
        ("stop-channel", "channel is missing"),
        ("skip:times=0", "times must be a whole number of at least 1"),
        ("skip:probability=1.1", "probability must be a number from 0 to 1"),
    ],
)
def test_a_wrong_description_is_told_what_is_allowed(description: Any, complaint: str) -> None:
    with pytest.raises(FaultError) as raised:
        parse_fault(description)
    assert complaint in str(raised.value)


def test_text_in_braces_is_json_and_may_have_commas() -> None:
    rule = parse_fault('{"fault": "refuse", "text": "not now, later", "retry_after": 2}')
    assert rule == FaultRule("refuse", {"text": "not now, later", "retry-after": 2})
    with pytest.raises(FaultError, match="in braces must be JSON"):
        parse_fault("{refuse}")


def test_a_rule_made_in_code_is_checked_as_well() -> None:
    with pytest.raises(FaultError, match="fault close: code must be a whole number from 0 to 65535"):
        FaultRule("close", {"code": 70_000})
    with pytest.raises(FaultError, match="times must be"):
        FaultRule("close", times=-1)


def test_every_fault_of_messages_is_carried_out() -> None:
    messages = {Step.WELCOME, Step.EVENT, Step.REPLY}
    of_messages = {entry.id for entry in CATALOGUE.values() if messages & set(entry.steps)}
    assert of_messages == {*TAMPERING, "silence"}


@pytest.mark.parametrize("fault", CATALOGUE)
def test_each_fault_has_a_test_on_the_wire(fault: str) -> None:
    tests = "".join(path.read_text() for path in HERE.glob("test_faults_of_*.py"))
    assert f'faults.add("{fault}"' in tests
