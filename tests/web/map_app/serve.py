"""Serve the test application on a loopback port: ``python serve.py PORT``."""

import sys
from pathlib import Path

import service
import streamlit as st
import uvicorn
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from cs_geo.serving import Services, app_options, streamlit_options
from cs_geo.web import assets

JQUERY = Path(assets.__file__).parent / "node_modules" / "jquery" / "dist" / "jquery.min.js"


def fail(request: Request) -> Response:
    raise RuntimeError("canary")


def main(port: int) -> None:
    from streamlit import config

    services = Services(read_tile=service.read_tile, token_key=lambda: service.KEY, redeem=lambda ticket, asker: None)
    options = app_options(services)
    options["routes"] += [
        # Only folium's own popups need jQuery; the product has none, so it does not serve it.
        Route("/test-assets/jquery.js", lambda request: FileResponse(JQUERY)),
        Route("/test-runs", lambda request: JSONResponse(service.RUNS[0])),
        Route("/test-fault", fail),
    ]
    app = st.App(Path(__file__).with_name("page.py"), **options)
    config.get_config_options(force_reparse=True, options_from_flags=streamlit_options())
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
