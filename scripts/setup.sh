#!/usr/bin/env bash
# Make .venv in the repository with everything that the tests, the checks and the demo need.
#
# usage: scripts/setup.sh [--viewer]
#
#   --viewer   look also for the system libraries of a napari window (Linux only); as root on Debian or Ubuntu
#              install what is missing, else say what is missing and how to get it
#
# PYTHON=/path/to/python chooses the interpreter, 3.11 or newer. Quick when there is nothing to do; after an
# interruption the next run starts where it has to, because the stamp is written last.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.venv
stamp=$venv/set-up-stamp

# library or command | Debian and Ubuntu package
viewer_needs="
libGL.so.1              libgl1
libEGL.so.1             libegl1
libOpenGL.so.0          libopengl0
libxkbcommon-x11.so.0   libxkbcommon-x11-0
libdbus-1.so.3          libdbus-1-3
libfontconfig.so.1      libfontconfig1
libglib-2.0.so.0        libglib2.0-0
libxcb-cursor.so.0      libxcb-cursor0
libxcb-icccm.so.4       libxcb-icccm4
libxcb-image.so.0       libxcb-image0
libxcb-keysyms.so.1     libxcb-keysyms1
libxcb-randr.so.0       libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0       libxcb-shape0
libxcb-xinerama.so.0    libxcb-xinerama0
xvfb-run                xvfb
xauth                   xauth
"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "set-up: $*"
    exit 1
}

apt_install() { # packages
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2
    apt-get install -q -y --no-install-recommends "$@" >&2
}

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# --- system libraries of a window -------------------------------------------------------------------------------

missing_packages() {
    local libraries need package
    libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p)
    while read -r need package; do
        case $need in
        '') ;;
        lib*) [[ $libraries == *"$need "* ]] || printf '%s ' "$package" ;;
        *) command -v "$need" >/dev/null || printf '%s ' "$package" ;;
        esac
    done <<<"$viewer_needs"
}

set_up_viewer() {
    local missing
    [ "$(uname)" = Linux ] || return 0
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if can_apt; then
        say "set-up: installing what a napari window needs: $missing"
        # shellcheck disable=SC2086 # a list of words
        apt_install $missing
    else
        say "set-up: a napari window needs system packages that are missing here. On Debian or Ubuntu run"
        say "    sudo apt-get update && sudo apt-get install -y $missing"
        say "and elsewhere install what your distribution calls them."
    fi
}

# --- Python -----------------------------------------------------------------------------------------------------

is_new_enough() { # interpreter
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python of version 3.11 or newer."
        printf '%s\n' "$PYTHON"
        return
    fi
    for candidate in python3 python python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "no Python of version 3.11 or newer was found. Install one, or name it: PYTHON=/path/to/python make ..."
}

is_usable() { # the environment: new enough, with pip, and made at this place (its programs know their path)
    is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
        grep -qF "$(pwd -P)/$venv" "$venv/bin/activate"
}

make_venv() {
    local python
    if is_usable; then
        return
    fi
    python=$(find_python)
    # Debian ships Python without ensurepip, which venv needs
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        can_apt || fail "$python cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install python3-venv"
        apt_install python3-venv
    fi
    say "set-up: making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
}

fingerprint() { # changes when the set-up has to run again: other folder, other requirements, other script
    { pwd && cat pyproject.toml constraints.txt scripts/setup.sh; } | cksum
}

set_up_python() {
    local wanted
    wanted=$(fingerprint)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    make_venv
    rm -f "$stamp"
    say "set-up: installing into $venv; the first time this downloads PyTorch and takes some minutes"
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    "$venv/bin/python" -m pip install -q --constraint constraints.txt pip
    "$venv/bin/python" -m pip install -q --constraint constraints.txt --editable '.[train,published,evaluate,cellpose]' --group test --group lint
    printf '%s\n' "$wanted" >"$stamp"
    say "set-up: done"
}

case ${1:-} in
'') ;;
--viewer) set_up_viewer ;;
*) fail "unknown option $1; usage: scripts/setup.sh [--viewer]" ;;
esac
set_up_python
