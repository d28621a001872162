#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Run every check and every suite on a machine that has only Python and a
# network. The last line shows how many passed, failed and were skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# shellcheck source=tools/environment.sh
. tools/environment.sh

SUITES=(unit functional packaging real)
# As in tox.ini: show the output of a test if it fails.
export OS_LOG_CAPTURE=1 OS_STDOUT_CAPTURE=1 OS_STDERR_CAPTURE=1

passed=0 failed=0 skipped=0
scratch=$(mktemp -d) || exit 1

function finish {
    rm -rf "$scratch"
    echo "$passed passed, $failed failed, $skipped skipped"
    exit $((failed > 0))
}
trap finish EXIT
trap 'broken "the run was interrupted"; exit 1' INT TERM

# Count one failure for a part that could not run, and continue.
function broken {
    echo "FAILED: $*" >&2
    failed=$((failed + 1))
}

function run_checks {
    say "Checks (pep8)"
    bash tools/pep8.sh 2>&1 | tee "$scratch/pep8"
    local ok bad
    ok=$(grep -c '^pep8 .* \.\.\. ok$' "$scratch/pep8")
    bad=$(grep -c '^pep8 .* \.\.\. FAILED$' "$scratch/pep8")
    passed=$((passed + ok)) failed=$((failed + bad))
    if ((ok + bad == 0)); then
        broken "the checks could not run"
    fi
}

function run_suite {
    local suite=$1 status counts ok bad skip
    local options=() timeout=300
    case $suite in
        # These tests mostly wait.
        functional) options=(--concurrency $(($(nproc) + 1))) ;;
        # These tests wait for real clouds; each process starts its own.
        real) options=(--concurrency 2) timeout=1200 ;;
    esac
    say "Tests: $suite"
    mkdir "$scratch/$suite"
    OS_TEST_TIMEOUT=$timeout stestr --repo-url "$scratch/$suite" \
        --test-path "./heat_spreader/tests/$suite" run "${options[@]}"
    status=$?
    if ! counts=$(stestr --repo-url "$scratch/$suite" last --subunit |
            python tools/tally.py 2>> "$scratch/failures"); then
        broken "the $suite tests could not run, or the suite is empty"
        return
    fi
    read -r ok bad skip <<< "$counts"
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
    if ((status != 0 && bad == 0)); then
        broken "the $suite tests ended with exit code $status"
    fi
}

if ! reason=$(check_python); then
    broken "$reason"
    exit 1
fi
say "Installing tox and the requirements of the tests"
if ! install_environment; then
    broken "the test environment could not be created, see above"
    exit 1
fi
run_checks
say "Databases"
python tools/databases.py
touch "$scratch/failures"
for suite in "${SUITES[@]}"; do
    run_suite "$suite"
done
say "All suites"
cat "$scratch/failures"
