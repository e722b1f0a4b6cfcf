"""Who signed in by a provider, from the cookie that Streamlit's own sign-in leaves: for requests beside the pages.

Streamlit signs the cookie with the site's ``cookie_secret`` and reads it when a page connects. Its own function is used
here, so that there is one rule of what a good cookie is.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from streamlit.auth_util import get_origin_from_redirect_uri
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from cs_geo.web.identity import Identity


def identity_in_cookies(cookies: Mapping[str, str]) -> Identity | None:
    """Whom the cookies of a request name; None where nobody is signed in, or the cookie is not the site's."""
    signed = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
    try:
        user = json.loads(signed) if signed else {}
    except ValueError:
        return None
    if not user.get("is_logged_in") or user.get("origin") != get_origin_from_redirect_uri():
        return None
    issued = user.get("iat")
    since = datetime.fromtimestamp(int(issued), UTC) if isinstance(issued, int | float) else datetime.min
    return Identity(str(user.get("iss", "")), str(user.get("sub", "")), since.replace(tzinfo=UTC))
