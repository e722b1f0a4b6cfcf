"""Signed, expiring tokens for tile requests.

A request from inside the map's frame brings no identity of its own, so the page that draws the map signs who is asking,
for which layer and for which selection of reports. The token proves only that. Until people sign in, whoever draws the
tile believes the roles it names; a role taken away then lapses with the token.

Expiry is part of what is signed and moves in steps, so that the same page gives the same token at every run until the
next step: a token that changed each time would make the browser fetch every tile again.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from cs_geo.access.actor import Actor, Role, Tier
from cs_geo.errors import UserError

TILE_PURPOSE = "cs_geo tiles 1"
"""Salt of tile tokens: a token signed for another purpose is none here. The number is that of the payload's form."""
LIFETIME_S = 3600
STEP_S = 600


class Refused(UserError):
    """A token that is not ours, was changed, has expired or is for something else."""


@dataclass(frozen=True, slots=True)
class TileClaims:
    """What a tile token says: who asks, as what, for which layer and which reports."""

    person: str
    roles: tuple[Role, ...]
    tier: Tier
    layer: str
    selection: Mapping[str, Any] = field(default_factory=dict)
    """The choice of reports as plain values (``Selection.to_json``). Empty for layers without reports."""

    @classmethod
    def of(cls, actor: Actor, layer: str, selection: Mapping[str, Any] | None = None) -> "TileClaims":
        """The claims of a person looking at a layer."""
        return cls(actor.person, tuple(sorted(actor.roles)), actor.tier, layer, dict(selection or {}))


def mint_tile_token(
    key: bytes, claims: TileClaims, *, lifetime_s: int = LIFETIME_S, step_s: int = STEP_S, now: float | None = None
) -> str:
    """Sign claims for a while.

    Parameters
    ----------
    key
        Secret of this installation, at least 32 bytes; the same in all its server processes.
    lifetime_s
        Seconds after which the token is refused, counted from the last step: the token lasts at least
        ``lifetime_s - step_s``.
    step_s
        Within one step of time the same claims give the same token.
    now
        Seconds since 1970; None for the clock.
    """
    moment = int(time.time() if now is None else now)
    signed = {
        "until": moment - moment % step_s + lifetime_s,
        "person": claims.person,
        "roles": sorted(claims.roles),
        "tier": claims.tier,
        "layer": claims.layer,
        "selection": dict(claims.selection),
    }
    token = _signer(key).dumps(signed)
    return token if isinstance(token, str) else token.decode("ascii")


def read_tile_token(key: bytes, token: str, *, now: float | None = None) -> TileClaims:
    """The claims of a token.

    Raises
    ------
    Refused
        If the token was not signed here for tiles, was changed, or has expired.
    """
    try:
        signed = _signer(key).loads(token)
        claims = TileClaims(
            person=str(signed["person"]),
            roles=tuple(Role(role) for role in signed["roles"]),
            tier=Tier(signed["tier"]),
            layer=str(signed["layer"]),
            selection=dict(signed["selection"]),
        )
        until = int(signed["until"])
    except (BadData, KeyError, TypeError, ValueError) as fault:
        raise Refused("This address of the map is not valid. Reload the page.") from fault
    if (time.time() if now is None else now) >= until:
        raise Refused("The map has been open for a long time. Reload the page to go on.")
    return claims


def _signer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key,
        salt=TILE_PURPOSE,
        serializer_kwargs={"sort_keys": True},
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
