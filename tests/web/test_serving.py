import tomllib
from pathlib import Path

import pytest
from streamlit import config
from streamlit.web.server.app_discovery import discover_asgi_app

from cs_geo.maps import style
from cs_geo.serving import SETTINGS_FILE, Services, app_options, streamlit_options
from cs_geo.web.identity import SignedInOnly
from cs_geo.web.local_only import LocalOnly
from cs_geo.web.security import SecurityHeaders

ROOT = Path(__file__).parents[2]


def test_streamlit_run_finds_the_application_in_app_py() -> None:
    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app
    assert found.import_string == "app:app"
    assert len((ROOT / "app.py").read_text("utf-8").splitlines()) <= 40


def test_a_checkout_and_a_wheel_have_the_same_settings() -> None:
    assert (ROOT / ".streamlit" / "config.toml").read_bytes() == SETTINGS_FILE.read_bytes()


def test_every_setting_is_one_that_streamlit_knows() -> None:
    config.get_config_options()
    assert set(streamlit_options()) <= set(config._config_options_template)


def test_what_must_not_be_served_or_sent_is_turned_off() -> None:
    options = streamlit_options()
    assert options["browser.gatherUsageStats"] is False
    assert options["client.showErrorDetails"] == "none"
    assert options["client.toolbarMode"] == "minimal"
    assert options["client.disableDataExport"] is True
    assert options["server.enableStaticServing"] is False
    assert options["server.enableAgentApi"] is False
    assert options["server.enableXsrfProtection"] is True


def test_pages_and_maps_share_their_colours() -> None:
    theme = tomllib.loads(SETTINGS_FILE.read_text("utf-8"))["theme"]
    assert theme["primaryColor"] == style.ACTION
    assert set(style.REPORTS) <= set(theme["chartSequentialColors"])
    assert style.STRENGTH in theme["chartCategoricalColors"]


def test_captions_drawn_at_sixty_per_cent_keep_their_contrast() -> None:
    colour = tomllib.loads(SETTINGS_FILE.read_text("utf-8"))["theme"]["textColor"]
    channels = [0.6 * int(colour[i : i + 2], 16) + 0.4 * 255 for i in (1, 3, 5)]
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_routes_are_beside_streamlits_own_and_headers_around_all() -> None:
    options = app_options(Services())
    assert [route.path.split("/")[1] for route in options["routes"]] == [
        "assets", "tiles", "downloads", "report", "report",
    ]  # fmt: skip
    assert [middleware.cls for middleware in options["middleware"]] == [SecurityHeaders, LocalOnly, SignedInOnly]


def test_building_the_application_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bytes:
        raise AssertionError("asked before the first request")

    app_options(Services(token_key=fail))
