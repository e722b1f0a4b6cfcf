from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cs_geo.errors import UserError
from cs_geo.web.downloads import download_routes
from cs_geo.web.identity import Identity

WHO = Identity("https://id.test", "a1", datetime(2026, 4, 20, tzinfo=UTC))


@dataclass
class File:
    filename: str
    media_type: str
    body: bytes | Path | Iterator[bytes]


@pytest.fixture
def tickets() -> dict[str, object]:
    return {}


@pytest.fixture
def downloads(ask, tickets):
    def redeem(ticket: str, asker: tuple[str, str] | None) -> object:
        assert asker == ("https://id.test", "a1")
        if ticket == "refused":
            raise UserError("Your role has changed; ask <your> coordinator.")
        return tickets.pop(ticket, None)

    return lambda path, method="GET": ask(download_routes(redeem, lambda scope: WHO), path, method=method)


@pytest.mark.trust("A11", figure="410 at the second use")
def test_a_file_is_given_once(downloads, tickets) -> None:
    tickets["abc"] = File("reports.csv", "text/csv", b"a,b\r\n1,2\r\n")
    first, second = downloads("/downloads/abc"), downloads("/downloads/abc")
    assert (first.status, first.body) == (200, b"a,b\r\n1,2\r\n")
    assert first.headers["content-disposition"] == "attachment; filename*=UTF-8''reports.csv"
    assert second.status == 410
    assert b"ask for the file again" in second.body


def test_a_file_is_not_kept_on_its_way(downloads, tickets) -> None:
    tickets["abc"] = File("reports.csv", "text/csv", b"")
    assert downloads("/downloads/abc").headers["cache-control"] == "no-store"
    assert downloads("/downloads/abc").headers["cache-control"] == "no-store"


def test_a_scanner_that_only_looks_does_not_use_the_ticket_up(downloads, tickets) -> None:
    tickets["abc"] = File("reports.csv", "text/csv", b"x")
    assert downloads("/downloads/abc", method="HEAD").status == 405
    assert downloads("/downloads/abc", method="POST").status == 405
    assert downloads("/downloads/abc").status == 200


def test_a_large_file_is_sent_in_pieces_and_its_source_is_closed(downloads, tickets) -> None:
    closed = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"one "
            yield b"two"
        finally:
            closed.append(True)

    tickets["abc"] = File("a.gpkg", "application/geopackage+sqlite3", pieces())
    assert downloads("/downloads/abc").body == b"one two"
    assert closed == [True]


def test_a_file_on_disk_is_sent(downloads, tickets, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"GPKG")
    tickets["abc"] = File("a.gpkg", "application/geopackage+sqlite3", path)
    answer = downloads("/downloads/abc")
    assert (answer.status, answer.body) == (200, b"GPKG")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a.gpkg"


def test_a_hostile_file_name_stays_inside_its_header(downloads, tickets) -> None:
    tickets["abc"] = File('x"\r\nSet-Cookie: a=b; filename="y.csv', "text/csv", b"")
    answer = downloads("/downloads/abc")
    assert "set-cookie" not in answer.headers
    assert "\n" not in answer.headers["content-disposition"]


def test_a_refusal_is_said_in_words_and_escaped(downloads) -> None:
    answer = downloads("/downloads/refused")
    assert answer.status == 403
    assert b"Your role has changed&#59; ask &#60;your&#62; coordinator." in answer.body
