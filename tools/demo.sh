#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Show one stack over three real clouds, on a machine that has only Python and
# a network. With --keep everything stays running, and the script prints the
# lines to use it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=tools/environment.sh
. tools/environment.sh

function give_up {
    echo "The demo cannot start: $*." >&2
    exit 1
}

[[ $# -eq 0 || $* == --keep ]] || give_up "its only option is --keep, not: $*"
reason=$(check_python) || give_up "$reason"
say "Installing what the demo needs; the next run uses it again"
install_environment || give_up "what it needs could not be installed, see above"
PYTHONPATH=$TOP exec python tools/demo.py "$@"
