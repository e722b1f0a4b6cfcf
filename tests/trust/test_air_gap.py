"""With all ways out blocked every page works, and nothing tries to leave: asked of the kernel, and of Python."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cs_geo.store.opening import Store
from cs_geo.ui.navigation import SCREENS
from tests.conftest import Database
from tests.sheets import import_rows, open_test_store, report_row

ROOT = Path(__file__).parents[2]
GUARD = ROOT / "tests" / "trust" / "air_gap"


def run(words: list[str], *, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python under the guard."""
    return subprocess.run(
        words,
        env={
            **os.environ,
            "PYTHONPATH": f"{GUARD}{os.pathsep}{ROOT}",
            "OUTBOUND_ATTEMPTS": str(tmp_path / "attempts"),
            **environment,
        },
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=200,
        check=False,
    )


def apart() -> list[str]:
    """The words that begin a command in a network namespace of its own; skips where the machine does not allow it."""
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
        ):
            return words
    pytest.skip("This machine makes no network namespace for this user.")


@pytest.mark.trust("C11", figure="0 packets, 0 connections and 0 names asked for, every page in every role")
def test_every_page_works_without_a_network_and_nothing_tries_to_leave(database: Database, tmp_path: Path) -> None:
    store: Store = open_test_store(database)
    import_rows(store, tmp_path, [report_row(), report_row(easting="", northing="", location="nowhere known")])
    store.close()
    ran = run(
        [*apart(), sys.executable, str(GUARD / "every_page.py")],
        tmp_path=tmp_path,
        CS_GEO_DATABASE_URL=database.app_url,
        CS_GEO_HOME=str(tmp_path / "home"),
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert set(found["drawn"]) == {screen.file for screen in SCREENS}
    assert found["sent"]["IpOutRequests"] == 0
    assert set(found["sent"].values()) == {0}, found["sent"]
    assert (tmp_path / "attempts").read_text().splitlines() == ["guarded"]


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 443), 1)",
        "import urllib.request; urllib.request.urlopen('https://elsewhere.example/', timeout=1)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import asyncio; asyncio.run(asyncio.open_connection('2001:db8::1', 443))",
    ],
)
def test_the_guard_notices_who_tries_to_leave(tmp_path: Path, attempt: str) -> None:
    assert run([sys.executable, "-c", attempt], tmp_path=tmp_path).returncode != 0
    first, *attempts = (tmp_path / "attempts").read_text().splitlines()
    assert first == "guarded"
    assert attempts
