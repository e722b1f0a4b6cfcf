"""Loaded by Python before anything else where this folder stands first on its path: no way out but to this machine.

Every attempt to reach another machine, or to ask for its name, is written into the file ``OUTBOUND_ATTEMPTS`` and then
refused. The first line says that the guard stands; without it a file without attempts would show nothing.
"""

import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

ASKS_FOR_NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")
HERE = (None, "", "localhost", b"localhost")


def is_here(host: object) -> bool:
    """Is it this machine?"""
    try:
        return host in HERE or ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return host == socket.gethostname()


def guard(event: str, given: tuple[object, ...]) -> None:
    """Refuse what leads elsewhere."""
    if event in ASKS_FOR_NAMES:
        host = given[0]
    elif event in SENDS and isinstance(given[1], tuple):  # a path is a socket of this machine; None is a connected one
        host = given[1][0]
    else:
        return
    unspecified = host in ("0.0.0.0", "::")  # to listen on, and no address of another machine
    if not unspecified and not is_here(host):
        note(f"{event} {host}")
        raise OSError(f"The air gap refused {event}.")


def note(line: str) -> None:
    """Append a line for the test to read."""
    with Path(os.environ["OUTBOUND_ATTEMPTS"]).open("a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")


if "OUTBOUND_ATTEMPTS" in os.environ:
    note("guarded")
    sys.addaudithook(guard)
