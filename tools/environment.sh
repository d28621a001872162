# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# To be sourced: the environment that tools/test.sh and tools/demo.sh run in,
# made on a machine that has only Python (3.11 or newer, with venv) and a
# network. Another Python: PYTHON=python3.13. Everything it installs is in
# .tox-tools and .tox of this checkout; the next run finds it there.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$TOP/.tox-tools
PYTHON=${PYTHON:-python3}
# Nothing is written below the home directory.
export PIP_CACHE_DIR=${PIP_CACHE_DIR:-$TOOLS/pip-cache}
export VIRTUALENV_OVERRIDE_APP_DATA=$TOOLS/virtualenv
export PIP_DISABLE_PIP_VERSION_CHECK=1

function say {
    echo
    echo "=== $*"
}

# Fail, and print why, if this Python will not do.
function check_python {
    if ! command -v "$PYTHON" >/dev/null; then
        echo "there is no $PYTHON here; name another: PYTHON=python3.12"
    elif ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "$("$PYTHON" --version) is too old: 3.11 or newer is needed," \
            "which PYTHON=python3.12 may name"
    elif ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$PYTHON makes no virtual environments:" \
            "install its venv package (python3-venv)"
    else
        return 0
    fi
    return 1
}

# Make the py3 environment of tox.ini, and put its commands on the PATH.
function install_environment {
    if ! "$TOOLS/bin/tox" --version >/dev/null 2>&1; then
        "$PYTHON" -m venv --clear "$TOOLS" &&
            "$TOOLS/bin/pip" install --quiet 'tox>=4.28.0' || return 1
    fi
    # The version comes from git; without git any will do here.
    if ! git -C "$TOP" rev-parse --git-dir >/dev/null 2>&1; then
        export PBR_VERSION=${PBR_VERSION:-0.0.1}
    fi
    "$TOOLS/bin/tox" run --conf "$TOP" --workdir "$TOP/.tox" -e py3 --notest ||
        return 1
    export PATH=$TOP/.tox/py3/bin:$PATH
}
