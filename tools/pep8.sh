#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Run the static checks, all of them or only those that are named:
#   tools/pep8.sh            tools/pep8.sh ruff doc8
# A check that fails does not stop the others. The tools must be on the PATH,
# as they are in tox -e pep8.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

CHECKS=(ruff format hacking bandit imports types bashate shellcheck hadolint
    doc8 docs api-ref releasenotes)

SCRIPTS=() DOCUMENTS=(./*.rst)
for path in .ci/run tools/*.sh devstack/*.sh devstack/settings \
    heat_spreader/tests/functional/devstack/*.sh; do
    [[ -f $path ]] && SCRIPTS+=("$path")
done
for path in devstack doc/source api-ref/source releasenotes/source; do
    [[ -d $path ]] && DOCUMENTS+=("$path")
done

# Build Sphinx documents and discard the result; a warning is a failure.
function build {
    local built status
    built=$(mktemp -d) || return 1
    sphinx-build -q -W --keep-going -b html "$1" "$built"
    status=$?
    rm -rf "$built"
    return "$status"
}

# reno reads the notes from the history of git.
function build_releasenotes {
    if git rev-parse --git-dir >/dev/null 2>&1; then
        build releasenotes/source
    else
        echo "This is not a git checkout: the release notes are not built."
    fi
}

function run_check {
    case $1 in
        ruff) ruff check . ;;
        format) ruff format --diff . ;;
        hacking) flake8 heat_spreader benchmarks ;;
        bandit) bandit --quiet --recursive heat_spreader \
            --exclude heat_spreader/tests ;;
        imports) lint-imports --no-cache ;;
        types) mypy --no-incremental ;;
        # E006: shell lines may be long; a URL or a message is not split.
        bashate) bashate --ignore E006 --error . "${SCRIPTS[@]}" ;;
        shellcheck) shellcheck --external-sources "${SCRIPTS[@]}" ;;
        hadolint) hadolint containers/Containerfile ;;
        doc8) doc8 --quiet "${DOCUMENTS[@]}" ;;
        docs) build doc/source ;;
        api-ref) build api-ref/source ;;
        releasenotes) build_releasenotes ;;
        *)
            echo "Unknown check '$1'. The checks are: ${CHECKS[*]}." >&2
            return 1
            ;;
    esac
}

if [[ $# -eq 0 ]]; then
    set -- "${CHECKS[@]}"
fi
failed=0
for check in "$@"; do
    if run_check "$check"; then
        echo "pep8 $check ... ok"
    else
        echo "pep8 $check ... FAILED"
        failed=$((failed + 1))
    fi
done
exit $((failed > 0))
