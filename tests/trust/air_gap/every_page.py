"""Opens every page in every role, in one process without a network, and says what the kernel counted.

Run by ``tests/trust/test_air_gap.py`` in a network namespace of its own: there is no interface but a loopback that is
down, so that whatever leaves by any library, in Python or not, finds no route and is counted.
"""

import json
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import Actor, Role, tier_of
from cs_geo.ui.navigation import screens_for
from cs_geo.ui.widgets.session import BROKEN
from cs_geo.ui.widgets.signing_in import LOCAL_ROLES

MAIN = Path(__file__).parents[3] / "cs_geo" / "ui" / "main.py"


def kernel_counts() -> dict[str, int]:
    """What this namespace sent: packets and datagrams, and those for which there was no way."""
    found = {}
    for name in ("snmp", "snmp6"):
        lines = Path("/proc/net", name).read_text().splitlines()
        if name == "snmp6":
            found |= {line.split()[0]: int(line.split()[1]) for line in lines}
            continue
        for heads, values in zip(lines[::2], lines[1::2], strict=True):
            group, *names = heads.split()
            found |= {group.strip(":") + one: int(n) for one, n in zip(names, values.split()[1:], strict=True)}
    asked = ("IpOutRequests", "IpOutNoRoutes", "TcpActiveOpens", "UdpOutDatagrams", "Ip6OutRequests", "Ip6OutNoRoutes")
    return {name: found[name] for name in asked if name in found}


def open_every_page() -> list[str]:
    """Open every page of every role; the pages that were drawn."""
    drawn = []
    for role in Role:
        for screen in screens_for(Actor("local", frozenset({role}), tier_of({role}))):
            app = AppTest.from_file(str(MAIN), default_timeout=60)
            app.session_state[LOCAL_ROLES] = [role]
            app.run()
            app.switch_page(f"screens/{screen.file}").run()
            is_whole = not app.exception and len(app.main) > 0 and BROKEN not in [one.value for one in app.error]
            drawn += [screen.file] if is_whole else []
    return sorted(set(drawn))


if __name__ == "__main__":
    json.dump({"drawn": open_every_page(), "sent": kernel_counts()}, sys.stdout)
