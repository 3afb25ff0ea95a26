"""Tokens, the keys behind them, and what the authorizer makes of a header."""

from __future__ import annotations

import base64
import json

import boto3
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from ingest.authorize import handler as authorize
from ingest.authorize.verdict import verdict
from storage.signing_keys import RETRY_S, TTL_S, CachedKeys, ssm_keys
from telemetry.api import Caller, Request
from telemetry.problem import Unauthenticated
from telemetry.token import KEY_BYTES, LIFETIME_S, KeyRing, TokenExpired, TokenInvalid, UnknownKey
from tests import events
from tests.events import CONTEXT
from tests.fakes_stacks import RING, FakeKeys, FakeRevoked

NOW = 1_795_492_800.0
GOOD = {"iss": "milepost", "aud": "milepost", "sub": "mei", "fleet": "demo", "role": "courier"}
GOOD |= {"iat": int(NOW), "exp": int(NOW) + 60}


def ring_text(*kids: str, current: str | None = None) -> str:
    keys = {kid: base64.urlsafe_b64encode(kid.encode().ljust(KEY_BYTES)).decode().rstrip("=") for kid in kids}
    return json.dumps({"current": current or kids[0], "keys": keys})


def signed(claims: dict, key: bytes = RING.keys["k1"], algorithm: str = "HS256", **headers: object) -> str:
    return jwt.encode(claims, key, algorithm, {"kid": "k1"} | headers)


def test_a_token_says_who_asks_until_it_expires() -> None:
    token, exp = RING.sign("mei", "demo", "courier", NOW)
    assert exp == NOW + LIFETIME_S
    claims = RING.check(token, exp - 1)
    said = {"user": "mei", "fleet": "demo", "role": "courier", "exp": exp, "generation": 0}
    assert claims.context() == said
    with pytest.raises(TokenExpired):
        RING.check(token, exp)  # no leeway


def test_a_token_counts_until_its_users_sign_ins_have_another_generation() -> None:
    revoked = {("demo", "mei"): 2}
    said = {}
    for generation in (0, 1, 2, 3):
        token, exp = RING.sign("mei", "demo", "courier", NOW, generation)
        said[generation] = verdict(f"Bearer {token}", FakeKeys(), FakeRevoked(revoked), NOW)
    old = {"problem": "token-revoked"}
    good = {"user": "mei", "fleet": "demo", "role": "courier", "exp": exp}
    assert said == {0: old, 1: old, 2: good | {"generation": 2}, 3: good | {"generation": 3}}
    other, _ = RING.sign("wang", "demo", "courier", NOW)
    assert verdict(f"Bearer {other}", FakeKeys(), FakeRevoked(revoked), NOW)["user"] == "wang"
    event = {"requestContext": {"authorizer": {"lambda": said[3]}}}
    assert Request(event, lambda: NOW).caller() == Caller("demo", "mei", "courier", 3)
    with pytest.raises(Unauthenticated, match="sign in again"):
        Request({"requestContext": {"authorizer": {"lambda": old}}}, lambda: NOW).caller()


BAD_CLAIMS = [
    {"iss": "other"},
    {"aud": "other"},
    {"sub": None},
    {"sub": 7},
    {"sub": "Mei!"},
    {"fleet": None},
    {"role": "root"},
    {"gen": "1"},
    {"gen": 1.5},
    {"exp": None},
    {"exp": "tomorrow"},
    {"exp": 4e9 + 0.5},
    {"nbf": 9_000_000_000},
]


@pytest.mark.parametrize("changes", BAD_CLAIMS)
def test_claims_that_are_missing_or_foreign_are_refused(changes) -> None:
    claims = {name: value for name, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(TokenInvalid):
        RING.check(signed(claims), NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        signed(GOOD, b"2" * KEY_BYTES),
        signed(GOOD, RING.keys["k1"] * 2, "HS512"),
        jwt.encode(GOOD, None, "none", {"kid": "k1"}),
        signed(GOOD)[:-2],
        signed(GOOD, kid="k9"),
        jwt.encode(GOOD, RING.keys["k1"], "HS256"),
    ],
)
def test_what_was_not_signed_by_us_is_refused(token) -> None:
    with pytest.raises(TokenInvalid):
        RING.check(token, NOW)


def test_keys_are_read_and_weak_or_missing_ones_refused() -> None:
    ring = KeyRing.parse(ring_text("k1", "k2", current="k2"))
    assert ring.current == "k2"
    assert "k2".ljust(KEY_BYTES) not in repr(ring)
    with pytest.raises(ValueError, match="not among"):
        KeyRing.parse(ring_text("k1", current="k9"))
    with pytest.raises(ValueError, match="needs 32"):
        KeyRing.parse('{"current": "k1", "keys": {"k1": "c2hvcnQ"}}')


def test_keys_are_fetched_again_after_their_time_and_for_an_unknown_key_once_a_minute() -> None:
    now, fetched = [NOW], []

    def fetch() -> str:
        fetched.append(now[0])
        return ring_text("k1")

    keys = CachedKeys(fetch, lambda: now[0])
    keys.ring()
    keys.ring()
    assert keys.newer() is None
    assert len(fetched) == 1
    now[0] += RETRY_S
    assert keys.newer() is not None
    assert keys.newer() is None
    assert len(fetched) == 2
    now[0] += TTL_S
    keys.ring()
    assert len(fetched) == 3


@mock_aws
def test_keys_come_from_ssm() -> None:
    ssm = boto3.client("ssm", region_name="us-east-1")
    name = "/milepost/test/signing-keys"
    ssm.put_parameter(Name=name, Value=ring_text("k1"), Type="SecureString")
    assert ssm_keys(ssm, name).ring().current == "k1"


def test_a_verdict_is_the_claims_or_a_problem_and_never_an_error() -> None:
    token, exp = RING.sign("mei", "demo", "courier", NOW)
    keys = FakeKeys()
    said = {"user": "mei", "fleet": "demo", "role": "courier", "exp": exp, "generation": 0}
    assert verdict(f"Bearer {token}", keys, FakeRevoked(), NOW) == said
    assert verdict(f"bearer  {token} ", keys, FakeRevoked(), NOW) == said
    assert verdict(f"Bearer {token}", keys, FakeRevoked(), exp) == {"problem": "token-expired"}
    assert verdict(f"Basic {token}", keys, FakeRevoked(), NOW) == {"problem": "token-invalid"}
    assert verdict(None, keys, FakeRevoked(), NOW) == {}


def test_a_rotated_key_is_found_by_fetching_once_more() -> None:
    newer = KeyRing.parse(ring_text("k1", "k2", current="k2"))
    token, _ = newer.sign("mei", "demo", "courier", NOW)
    with pytest.raises(UnknownKey):
        RING.check(token, NOW)
    assert verdict(f"Bearer {token}", FakeKeys(RING, newer), FakeRevoked(), NOW)["user"] == "mei"
    assert verdict(f"Bearer {token}", FakeKeys(RING, None), FakeRevoked(), NOW) == {
        "problem": "token-invalid"
    }


@given(st.text() | st.text("Bearer .eyJ0_-=", min_size=1).map("Bearer ".__add__))
def test_no_header_makes_it_fail(header) -> None:
    assert verdict(header, FakeKeys(), FakeRevoked(), NOW) in ({}, {"problem": "token-invalid"})


def test_the_handler_lets_everybody_through_with_a_verdict_and_logs_no_token(monkeypatch, caplog) -> None:
    monkeypatch.setattr(authorize, "wire", lambda: (FakeKeys(), FakeRevoked()))
    event = events.http("GET /v1/fleet")
    event["headers"]["authorization"] = "Bearer some.secret.token"
    assert authorize.handler(event, CONTEXT) == {
        "isAuthorized": True,
        "context": {"problem": "token-invalid"},
    }
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "token refused" in logged
    assert "secret" not in logged
