"""Who a proxy in front of the program vouches for.

A header with a name in it is a claim that anybody can make who reaches this port. It counts only together with a secret
that the proxy adds and takes away from what comes in; without the secret, or with another, there is nobody.
"""

import hmac
from collections.abc import Mapping
from typing import Final

USER_HEADER: Final = "X-Forwarded-User"
SECRET_HEADER: Final = "X-Cs-Geo-Proxy-Secret"  # noqa: S105 - the header, and no secret
LEAST_SECRET: Final = 32
"""Characters of a proxy's secret at least: it stands for a sign-in."""


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
