import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from cs_geo.access.actor import LOCAL_ACTOR, Role, Tier
from cs_geo.web.tokens import LIFETIME_S, STEP_S, Refused, TileClaims, mint_tile_token, read_tile_token

KEY = b"a key for tests that is long enough to be one"
CLAIMS = TileClaims.of(LOCAL_ACTOR, "reports", {"since": "2026-08-22", "kinds": ["incident", "concern"]})
NOW = 1_795_000_200  # a whole step


def test_a_token_gives_back_its_claims() -> None:
    assert read_tile_token(KEY, mint_tile_token(KEY, CLAIMS, now=NOW), now=NOW) == CLAIMS


def test_the_same_page_gives_the_same_token_until_the_next_step() -> None:
    first = mint_tile_token(KEY, CLAIMS, now=NOW)
    reordered = dataclasses.replace(CLAIMS, selection=dict(reversed(CLAIMS.selection.items())))
    assert mint_tile_token(KEY, CLAIMS, now=NOW + STEP_S - 1) == first
    assert mint_tile_token(KEY, reordered, now=NOW) == first
    assert mint_tile_token(KEY, CLAIMS, now=NOW + STEP_S) != first


def test_a_token_expires() -> None:
    token = mint_tile_token(KEY, CLAIMS, now=NOW)
    assert read_tile_token(KEY, token, now=NOW + LIFETIME_S - 1) == CLAIMS
    with pytest.raises(Refused, match="Reload the page"):
        read_tile_token(KEY, token, now=NOW + LIFETIME_S)


def test_a_token_lasts_at_least_its_lifetime_less_one_step() -> None:
    late = NOW + STEP_S - 1
    token = mint_tile_token(KEY, CLAIMS, now=late)
    assert read_tile_token(KEY, token, now=late + LIFETIME_S - STEP_S) == CLAIMS


@given(st.data())
def test_a_token_changed_in_any_one_place_is_refused(data: st.DataObject) -> None:
    token = mint_tile_token(KEY, CLAIMS, now=NOW)
    place = data.draw(st.integers(0, len(token) - 2))  # the last character carries spare bits of the signature
    other = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda c: c != token[place]))
    with pytest.raises(Refused):
        read_tile_token(KEY, token[:place] + other + token[place + 1 :], now=NOW)


@given(st.text(max_size=80))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(Refused):
        read_tile_token(KEY, text, now=NOW)


def test_a_token_of_another_key_or_purpose_is_refused() -> None:
    with pytest.raises(Refused):
        read_tile_token(KEY, mint_tile_token(b"another key, also long enough to be one", CLAIMS, now=NOW), now=NOW)
    signed = {
        "until": NOW + 60,
        "person": "local",
        "roles": [],
        "tier": "internal",
        "layer": "reports",
        "selection": {},
    }
    other_purpose = URLSafeSerializer(
        KEY, salt="downloads", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
    with pytest.raises(Refused):
        read_tile_token(KEY, other_purpose.dumps(signed | {"selection": {}}), now=NOW)


def test_a_signed_payload_that_is_not_claims_is_refused() -> None:
    signer = URLSafeSerializer(
        KEY, salt="cs_geo tiles 1", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
    for payload in ({}, [], "x", None, {"until": "soon"}, {"until": NOW + 9, "person": "p", "roles": ["king"]}):
        with pytest.raises(Refused):
            read_tile_token(KEY, signer.dumps(payload), now=NOW)


def test_claims_hold_who_asks_and_as_what() -> None:
    assert CLAIMS.person == "local"
    assert CLAIMS.tier is Tier.INTERNAL
    assert set(CLAIMS.roles) == {Role.COORDINATOR, Role.ANALYST, Role.DATA_STEWARD}


def test_a_token_fits_into_an_address() -> None:
    token = mint_tile_token(KEY, CLAIMS, now=NOW)
    assert len(token) < 600
    assert all(c.isalnum() or c in "-_." for c in token)
