# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Source this file. It creates the environment in which tools/test.sh and
# tools/demo.sh run, on a machine that has only Python (3.11 or newer, with
# venv) and a network. Select another Python with PYTHON=python3.13. Everything
# is installed in .tox-tools and .tox of this checkout, and is used again by
# the next run.

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

# Fail, and print the reason, if this Python cannot be used.
function check_python {
    if ! command -v "$PYTHON" >/dev/null; then
        echo "$PYTHON was not found; select another one: PYTHON=python3.12"
    elif ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "$("$PYTHON" --version) is too old: 3.11 or newer is required;" \
            "select another one: PYTHON=python3.12"
    elif ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$PYTHON cannot create virtual environments:" \
            "install its venv package (python3-venv)"
    else
        return 0
    fi
    return 1
}

# Create the py3 environment of tox.ini, and put its commands on the PATH.
function install_environment {
    if ! "$TOOLS/bin/tox" --version >/dev/null 2>&1; then
        "$PYTHON" -m venv --clear "$TOOLS" &&
            "$TOOLS/bin/pip" install --quiet 'tox>=4.28.0' || return 1
    fi
    # The version comes from git; without git, any version works here.
    if ! git -C "$TOP" rev-parse --git-dir >/dev/null 2>&1; then
        export PBR_VERSION=${PBR_VERSION:-0.0.1}
    fi
    "$TOOLS/bin/tox" run --conf "$TOP" --workdir "$TOP/.tox" -e py3 --notest ||
        return 1
    export PATH=$TOP/.tox/py3/bin:$PATH
}
