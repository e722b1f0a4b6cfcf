"""The set-up script and the lock files: what it would install and say, on machines that lack something."""

import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    return {name.lower().replace("_", "-"): version for name, version in PIN.findall(text)}


class Machine:
    """A machine of stand-ins: every program that would change something only writes down how it was called."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        self.calls = folder / "calls"
        self.programs.mkdir()
        (self.checkout / ".ci").mkdir(parents=True)
        (self.checkout / ".ci" / "setup.sh").write_bytes((CHECKOUT / ".ci" / "setup.sh").read_bytes())
        for name in (
            "bash",
            "basename",
            "cat",
            "cut",
            "dirname",
            "echo",
            "flock",
            "grep",
            "head",
            "mktemp",
            "rm",
            "sh",
        ):
            self.borrow(name)
        for name in ("sha256sum", "tail", "xargs"):
            self.borrow(name)
        self.add("id", "echo 1000")
        self.add("dpkg-query", "echo installed")
        self.add("apt-get")
        self.add("chromium")
        self.give_python()

    def borrow(self, name: str) -> None:
        found = next(path for folder in ("/usr/bin", "/bin") if (path := Path(folder, name)).exists())
        (self.programs / name).symlink_to(found)

    def add(self, name: str, does: str = "true") -> None:
        program = self.programs / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.calls}"\n{does}\n', encoding="utf-8")
        program.chmod(0o755)

    def give_python(self, *, missing: str = "", venv: bool = True, new_enough: bool = True) -> None:
        """A Python that answers the script's questions; making an environment ends the set-up here."""
        self.add(
            "python3",
            f"""case "$*" in
*version_info*) {"exit 0" if new_enough else "exit 1"};;
*packages_to_install*) echo {missing};;
*ensurepip*) {"exit 0" if venv else "exit 1"};;
*--version*) echo Python 3.9.2;;
*) exit 1;;
esac""",
        )

    def set_up(self, aim: str, **settings: str) -> tuple[str, list[str]]:
        """What was said, and the calls of what would have changed the machine."""
        done = subprocess.run(
            ["bash", ".ci/setup.sh", aim],
            cwd=self.checkout,
            env={"PATH": str(self.programs), **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 1
        calls = self.calls.read_text(encoding="utf-8").splitlines()
        return done.stdout + done.stderr, [call for call in calls if call.startswith(("apt-get", "sudo -n "))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_permission_the_exact_command_is_named_and_nothing_is_done(machine: Machine) -> None:
    machine.give_python(missing="postgresql-15 postgresql-15-postgis-3", venv=False)
    said, calls = machine.set_up("run")
    assert (
        "sudo apt-get update && sudo apt-get install --no-install-recommends "
        "postgresql-15 postgresql-15-postgis-3 python3-venv\n"
    ) in said
    assert calls == []


def test_with_permission_packages_are_installed_without_a_cluster_of_debians_own(machine: Machine) -> None:
    machine.give_python(missing="postgresql-15 postgresql-15-postgis-3")
    machine.add("sudo", "true")
    _, calls = machine.set_up("run")
    note = "/etc/postgresql-common/createcluster.d/cs_geo-setup.conf"
    assert calls == [
        "sudo -n true",
        "sudo -n apt-get update",
        "sudo -n mkdir -p /etc/postgresql-common/createcluster.d",
        f"sudo -n tee {note}",
        "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "
        "-o DPkg::Lock::Timeout=300 postgresql-15 postgresql-15-postgis-3",
        f"sudo -n rm -f {note}",
    ]


def test_where_nothing_is_missing_the_archive_is_not_asked(machine: Machine) -> None:
    said, calls = machine.set_up("test")
    assert calls == []
    assert "venv" in said


def test_a_served_database_needs_no_postgresql_here_except_for_the_tests(machine: Machine) -> None:
    machine.give_python(missing="postgresql-15 postgresql-15-postgis-3")
    served = "postgresql://app@db.example/cs_geo"
    assert "postgresql-15" not in machine.set_up("run", CS_GEO_DATABASE_URL=served)[0]
    assert "postgresql-15" in machine.set_up("test", CS_GEO_DATABASE_URL=served)[0]


def test_a_browser_is_only_wanted_for_the_tests_and_typesetting_by_the_program(machine: Machine) -> None:
    (machine.programs / "chromium").unlink()
    machine.add("dpkg-query", "echo not-installed")
    typesetting = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
    said, _ = machine.set_up("run")
    assert typesetting in said
    assert "chromium" not in said
    assert f"{typesetting} chromium fonts-liberation" in machine.set_up("test")[0]


def test_an_old_python_is_refused_by_its_version(machine: Machine) -> None:
    machine.give_python(new_enough=False)
    said, calls = machine.set_up("run")
    assert "Python 3.11 or newer is needed, and python3 is Python 3.9.2" in said
    assert calls == []


def test_a_system_without_apt_is_told_what_it_lacks(machine: Machine) -> None:
    (machine.programs / "apt-get").unlink()
    machine.give_python(missing="postgresql-15 postgresql-15-postgis-3")
    assert "postgresql-15 postgresql-15-postgis-3. Install them with this system's own" in machine.set_up("run")[0]


def test_setting_up_again_takes_seconds_and_installs_nothing() -> None:
    if not (CHECKOUT / ".venv" / ".stamp-dev").exists():
        pytest.skip("this checkout was not set up by its own script")
    begun = time.monotonic()
    done = subprocess.run(
        ["bash", ".ci/setup.sh", "dev"], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    assert time.monotonic() - begun < 15


def test_set_up_can_ask_for_postgresql_before_any_package_is_installed() -> None:
    question = "import sys; sys.path.insert(0, sys.argv[1]); import cs_geo.store.cluster_programs"
    subprocess.run([sys.executable, "-I", "-S", "-c", question, str(CHECKOUT)], check=True)


def test_the_development_lock_holds_all_of_the_other_one() -> None:
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert len(run) > 50
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def test_every_package_the_product_names_is_pinned() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in wanted}

    assert names(project["dependencies"]) <= pins("requirements.lock").keys()
    assert names(project["optional-dependencies"]["dev"]) <= pins("requirements-dev.lock").keys()
    assert names(project["optional-dependencies"]["node"]) <= pins("requirements-node.lock").keys()


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-node.lock",
        "cs_geo/web/assets/package-lock.json",
    ],
)
def test_a_lock_has_hashes_and_names_no_registry(lock: str) -> None:
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "sha256:" in text or "sha512-" in text


def test_the_scripts_are_sound_bash() -> None:
    for script in (".ci/run", ".ci/setup.sh", ".ci/check.sh"):
        subprocess.run(["bash", "-n", script], cwd=CHECKOUT, check=True)
    assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)
