"""Who a proxy in front of the program vouches for.

A header with a name in it is a claim that anybody can make who reaches this port. It counts together with a secret that
the proxy adds and takes away from what comes in; or in its place the proxy sends a token that it has signed, whose key
the site has put into a file. Without either, or with another, there is nobody. No key is fetched from anywhere.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cs_geo.errors import SetupError

USER_HEADER: Final = "X-Forwarded-User"
SECRET_HEADER: Final = "X-Cs-Geo-Proxy-Secret"  # noqa: S105 - the header, and no secret
LEAST_SECRET: Final = 32
"""Characters of a proxy's secret at least: it stands for a sign-in."""
ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signatures by a key pair alone: with a shared key, whoever can check a token can make one; with "none", anybody."""
LEEWAY_S: Final = 30
"""Seconds by which the clocks of proxy and program may differ."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a proxy's token says of somebody."""

    issuer: str
    subject: str
    issued_at: datetime


def vouched_by_proxy(headers: Mapping[str, str], secret: str) -> str | None:
    """The identifier of the person that the proxy signed in; None when the request did not come through it.

    Parameters
    ----------
    headers
        Headers of the request that opened the page; names in any case.
    secret
        What the proxy and the program share.
    """
    given = {name.lower(): value for name, value in headers.items()}
    shown = given.get(SECRET_HEADER.lower(), "")
    if len(secret) < LEAST_SECRET or not hmac.compare_digest(shown.encode(), secret.encode()):
        return None
    return given.get(USER_HEADER.lower(), "").strip() or None


def vouched_by_token(
    headers: Mapping[str, str], *, keys: Path, header: str, issuer: str, audience: str, now: datetime | None = None
) -> Vouched | None:
    """Whom the proxy's signed token names; None where there is none, or it is not whole, not ours or not of now.

    Parameters
    ----------
    keys
        File with the proxy's public keys (JWKS). It is read at each request: a proxy changes its keys.
    header
        Which header holds the token, with or without ``Bearer`` before it.
    issuer, audience
        Who must have signed it, and for whom.

    Raises
    ------
    SetupError
        If the file of keys cannot be read.
    """
    given = {name.lower(): value for name, value in headers.items()}.get(header.lower(), "").strip()
    token = given.partition(" ")[2].strip() if given[:7].lower() == "bearer " else given
    if not token or not issuer or not audience:
        return None
    moment = int((now or datetime.now(UTC)).timestamp())
    wanted = jwt.JWTClaimsRegistry(
        now=moment,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token, read_keys(keys), algorithms=list(ALGORITHMS)).claims
        wanted.validate(claims)
    except (JoseError, ValueError, TypeError):
        return None
    subject, issued = claims["sub"], claims["iat"]
    if not isinstance(subject, str) or not subject.strip() or not isinstance(issued, int | float):
        return None
    return Vouched(issuer, subject.strip(), datetime.fromtimestamp(issued, UTC))


def read_keys(file: Path) -> KeySet:
    """The public keys of a file.

    Raises
    ------
    SetupError
        If there are none in it, or a key that is no public one.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        keys = KeySet.import_key_set(found)
        is_public = bool(keys.keys) and not any(key.is_private for key in keys.keys)
    except (OSError, JoseError, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise SetupError(_BAD_KEYS.format(file.name)) from fault
    if not is_public:
        raise SetupError(_BAD_KEYS.format(file.name))
    return keys


_BAD_KEYS = (
    "The file of the proxy's public keys, {} (CS_GEO_PROXY_KEYS), cannot be read as a JSON Web Key Set with public "
    "keys of a pair (RSA, EC or OKP). Ask whoever runs the proxy for its JWKS, and save it there."
)
