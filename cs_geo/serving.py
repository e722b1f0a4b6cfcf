"""Builds the web application: Streamlit's pages, our routes beside them, and the headers around both.

``app.py`` in a checkout and ``cs-geo serve`` from an installed wheel both use what is here. Nothing is opened at
import or when the application is built: the store is asked at the first request that needs it.
"""

import tomllib
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import Scope

from cs_geo.errors import SetupError
from cs_geo.reports.cells import NOTE_ASKED_FOR
from cs_geo.settings import Settings, SignIn, get_settings, home_folder
from cs_geo.ui.cookie import identity_in_cookies
from cs_geo.web.access_log import keep_secrets_out_of_logs
from cs_geo.web.assets import asset_routes
from cs_geo.web.downloads import ReadyFile, Redeem, download_routes
from cs_geo.web.identity import Identify, Identity, SignedInOnly, identify
from cs_geo.web.local_only import LocalOnly, is_loopback
from cs_geo.web.proxy import LEAST_SECRET, read_keys
from cs_geo.web.report_link import Offers, OpenForm, Outcome, SendForm, report_routes
from cs_geo.web.security import SecurityHeaders
from cs_geo.web.tiles import ReadTile, tile_routes
from cs_geo.web.tokens import TileClaims

UI_FOLDER = Path(__file__).parent / "ui"
MAIN_PAGE = UI_FOLDER / "main.py"
SETTINGS_FILE = UI_FOLDER / ".streamlit" / "config.toml"

Lifespan = Callable[[st.App], AbstractAsyncContextManager[dict[str, Any] | None]]


def _read_tile(claims: TileClaims, layer: str, z: int, x: int, y: int) -> bytes:
    from cs_geo.workflows.draw_tiles import read_tile

    return read_tile(claims, layer, z, x, y)


def _token_key() -> bytes:
    from cs_geo.workflows.draw_tiles import token_key

    return token_key()


def _redeem(ticket: str, asker: tuple[str, str] | None) -> ReadyFile | None:
    from cs_geo.workflows.download_files import redeem

    return redeem(ticket, asker)


def _identify(scope: Scope) -> Identity | None:
    return identify(scope, get_settings(), identity_in_cookies)


def _open_form(code: str) -> Offers | None:
    from cs_geo.workflows.report_by_link import open_form

    return open_form(code)


def _send_form(code: str, typed: Mapping[str, str], form_id: UUID) -> Outcome | None:
    from cs_geo.workflows.report_by_link import send_form

    return send_form(code, typed, form_id)


def _contacts() -> object:
    from cs_geo.workflows.local_contacts import read_contacts

    return read_contacts()


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes ask. Each is a workflow, loaded when it is first called."""

    read_tile: ReadTile = _read_tile
    token_key: Callable[[], bytes] = _token_key
    redeem: Redeem = _redeem
    identify: Identify = _identify
    open_form: OpenForm = _open_form
    send_form: SendForm = _send_form
    contacts: Callable[[], object] = _contacts


def app_options(services: Services | None = None, lifespan: Lifespan | None = None) -> dict[str, Any]:
    """Everything ``st.App`` is given besides the main page.

    ``streamlit run`` finds an application only where it reads ``app = st.App(…)`` in so many words, which is why
    ``app.py`` calls this and not ``build_app``.
    """
    asked = services or Services()
    keep_secrets_out_of_logs()
    routes: list[BaseRoute] = [
        *asset_routes(),
        *tile_routes(asked.read_tile, asked.token_key),
        *download_routes(asked.redeem, asked.identify),
        *report_routes(
            asked.open_form,
            asked.send_form,
            contacts=asked.contacts,
            longest_note=NOTE_ASKED_FOR,
            address=lambda: get_settings().public_address,
        ),
    ]
    middleware = [
        Middleware(SecurityHeaders),
        Middleware(LocalOnly, is_local=_is_local),
        Middleware(SignedInOnly, identify=asked.identify),
    ]
    return {"routes": routes, "middleware": middleware, "lifespan": lifespan}


def _is_local() -> bool:
    return get_settings().sign_in is SignIn.LOCAL


def require_safe_sign_in(settings: Settings, host: str) -> None:
    """Stop a server that would let in people it does not know.

    Raises
    ------
    SetupError
        With what to set.
    """
    if settings.sign_in is SignIn.LOCAL and not is_loopback(host):
        raise SetupError(
            f"In local mode nobody signs in, so the app listens on this machine alone, and not on {host}. To open it "
            "to colleagues set CS_GEO_SIGN_IN to oidc or proxy (docs/operating.md)."
        )
    if settings.sign_in is SignIn.PROXY:
        _require_proof_of_proxy(settings)
    if settings.sign_in is SignIn.OIDC and not secrets_file(settings).is_file():
        raise SetupError(
            f"For sign-in by a provider, {secrets_file(settings).name} must stand in the folder CS_GEO_HOME with a "
            "section [auth]: redirect_uri, cookie_secret, client_id, client_secret and server_metadata_url "
            "(docs/operating.md)."
        )


def _require_proof_of_proxy(settings: Settings) -> None:
    """A header alone is no proof: a signed token is asked for, or a secret."""
    if settings.proxy_keys is not None:
        if not settings.proxy_issuer or not settings.proxy_audience:
            raise SetupError(
                "With CS_GEO_PROXY_KEYS set CS_GEO_PROXY_ISSUER and CS_GEO_PROXY_AUDIENCE too: who signs the proxy's "
                "tokens, and for whom. A token for another program would open this one otherwise."
            )
        read_keys(settings.proxy_keys)
    elif len(settings.proxy_secret or "") < LEAST_SECRET:
        raise SetupError(
            f"Behind a proxy, CS_GEO_PROXY_SECRET must hold at least {LEAST_SECRET} characters of chance, the same as "
            "the proxy sends; or CS_GEO_PROXY_KEYS names the public keys of the tokens that it signs. Otherwise "
            "anybody could claim to be anybody."
        )


def secrets_file(settings: Settings) -> Path:
    """Where the site keeps what it agreed with its provider."""
    return home_folder(settings) / "secrets.toml"


def build_app(
    script: Path = MAIN_PAGE, *, services: Services | None = None, lifespan: Lifespan | None = None
) -> st.App:
    """The application as an ASGI app, for a wheel and for tests."""
    return st.App(script, **app_options(services, lifespan))


def streamlit_options(file: Path = SETTINGS_FILE) -> dict[str, Any]:
    """The packaged Streamlit settings by their dotted names."""
    sections: dict[str, dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))
    return {f"{section}.{name}": value for section, named in sections.items() for name, value in named.items()}


def serve(host: str, port: int, *, lifespan: Lifespan | None = None) -> None:
    """Serve until stopped, whatever the current folder: the settings are handed over, not looked for."""
    settings = get_settings()
    require_safe_sign_in(settings, host)
    build_app(lifespan=lifespan).run(
        config={
            **streamlit_options(),
            "secrets.files": [str(secrets_file(settings))],
            "server.address": host,
            "server.port": port,
            "server.headless": True,
        }
    )
