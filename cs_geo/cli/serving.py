"""``cs-geo demo``, ``serve`` and ``worker``: the app and the process that does its long work."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.cli.saying import end_progress, say, say_progress
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store, owner_url
from cs_geo.store.upgrading import upgrade_database

Host = Annotated[str | None, typer.Option(help="Address to listen on; this machine only, unless given.")]
Port = Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")]


def demo(
    serve_app: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the app when all is loaded.")] = True,
    host: Host = None,
    port: Port = None,
) -> None:
    """Make the database, load the fictional sample borough, find its hotspots and serve the app."""
    from cs_geo.workflows.load_demo import load_demo

    say("Preparing the database …")
    upgrade_database(owner_url(get_settings()))
    store = open_store(get_settings())
    try:
        for done in load_demo(store, LOCAL_ACTOR, progress=say_progress):
            end_progress()
            say(done)
    finally:
        end_progress()
        store.close()
    if serve_app:
        serve(host, port)
    else:
        say("Everything is loaded. Serve it with `cs-geo serve`.")


def serve(host: Host = None, port: Port = None) -> None:
    """Serve the app, with a worker beside it for long work, until stopped."""
    from cs_geo.serving import require_safe_sign_in
    from cs_geo.serving import serve as serve_app

    settings = get_settings()
    at = host or settings.host
    require_safe_sign_in(settings, at)
    open_store(settings).close()
    on = port or settings.port
    say(f"The app is at http://{'localhost' if at == '127.0.0.1' else at}:{on} (stop it with Ctrl+C).")
    with _workers(settings.job_workers):
        serve_app(at, on)


def worker(
    beside_server: Annotated[bool, typer.Option("--beside-server", hidden=True)] = False,
) -> None:
    """Do long work as it is asked for, until stopped. `cs-geo serve` starts one by itself."""
    from cs_geo.jobs.worker import run_worker

    if beside_server:
        threading.Thread(target=_stop_with_server, daemon=True).start()
    run_worker(open_store(get_settings()))


def _stop_with_server() -> None:
    """Stop this worker when the server's end of the pipe closes, however the server ended."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _workers(number: int) -> Iterator[None]:
    processes = [
        subprocess.Popen([sys.executable, "-m", "cs_geo.cli.main", "worker", "--beside-server"], stdin=subprocess.PIPE)
        for _ in range(number)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)
