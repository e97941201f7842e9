#!/usr/bin/env bash
# Run a command that opens windows: on the screen where there is one, else on a virtual one (Linux).
#
# usage: scripts/with-screen.sh command [argument ...]
set -euo pipefail

if [ "$(uname)" != Linux ] || [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
    exec "$@"
fi
if ! command -v xvfb-run >/dev/null; then
    printf '%s\n' "There is no screen, and no xvfb-run to make a virtual one. Install xvfb, or set DISPLAY." >&2
    exit 1
fi
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then # Qt wants one of its own, mode 700
    XDG_RUNTIME_DIR=$(mktemp -d)
    export XDG_RUNTIME_DIR
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi
xvfb-run --auto-servernum --server-args="-screen 0 1600x1000x24" "$@"
