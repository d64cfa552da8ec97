# Sourced by the commands beside it: finds Python 3.11+, makes .venv, installs the pinned requirements once.
# Usage: . script/_prepare.sh; prepare requirements.txt [requirements-dev.txt …]
# One clear sentence and exit 1 when something is missing.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# A machine that forbids compiled files would compile every module anew in each of our processes, which doubles a start.
unset PYTHONDONTWRITEBYTECODE

fail() { printf '%s\n' "$*" >&2; exit 1; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python3.14 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "The exchange needs Python 3.11 or newer and found none: install it, or name it with PYTHON=/path/to/python3."
}

install_once() {
    local stamp
    stamp=".venv/.installed-$(cat "$@" | cksum | tr -d ' ')-$(environment_version)"
    [ -e "$stamp" ] && return
    echo "Installing what $* names into .venv …" >&2
    local arguments=() file
    for file in "$@"; do arguments+=(-r "$file"); done
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "${arguments[@]}" >&2 ||
        fail "The packages in $* could not be installed; pip's message above says why. Nothing else was changed."
    : >"$stamp"
}

# Nothing when there is no environment, when its Python is gone or too old, or when its making was interrupted.
environment_version() {
    [ -x .venv/bin/pip ] && .venv/bin/python -c 'import sys
if sys.version_info >= (3, 11): print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

make_environment() {
    [ -n "$(environment_version)" ] && return
    local python
    python=$(find_python) || exit 1
    "$python" -m venv .venv >&2 ||
        fail "Python could not make a virtual environment in .venv (on Debian: apt-get install python3-venv)."
}

prepare() {
    mkdir -p .venv 2>/dev/null && [ -w .venv ] ||
        fail "Cannot write to $(pwd): the exchange keeps its environment in .venv there; make the folder writable."
    # Commands started at once prepare one after the other.
    if command -v flock >/dev/null 2>&1; then
        exec 9>.venv/.lock && flock 9
        make_environment && install_once "$@"
        exec 9>&-
    else
        make_environment && install_once "$@"
    fi
}
