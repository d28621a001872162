# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Stands in for DevStack: the functions of it that a plugin may call. Each
# call is written down in $PLACE/calls, a line with tabs; one that DevStack's
# own function could not take, or that it does not have, in $PLACE/refused.

set -o errexit -o errtrace -o nounset -o pipefail

function refuse {
    echo "$*" | tee -a "$PLACE/refused" >&2
    exit 1
}

function command_not_found_handle {
    refuse "DevStack has no $1"
}

# record NAME LEAST MOST ARGUMENT...: how many arguments there must be.
function record {
    local name=$1 least=$2 most=$3 argument
    shift 3
    if (($# < least || $# > most)); then
        refuse "$name takes $least to $most arguments and got $#: $*"
    fi
    for argument in "$@"; do
        if [[ -z $argument ]]; then
            refuse "$name got an empty argument: $*"
        fi
    done
    local IFS=$'\t'
    echo "$name$IFS$*" >> "$PLACE/calls"
}

# Those of which only the call matters.
while read -r name least most; do
    eval "function $name { record $name $least $most \"\$@\"; }"
done << 'FUNCTIONS'
create_service_user 1 2
define_plugin 1 1
echo_summary 1 1
get_or_add_user_project_role 3 5
get_or_create_endpoint 3 5
get_or_create_project 2 2
get_or_create_service 3 3
plugin_requires 2 2
recreate_database 1 1
setup_develop 1 3
setup_logging 1 1
stop_process 1 1
wait_for_service 2 2
FUNCTIONS

function sudo {
    "$@"
}

function die {
    set +o xtrace
    [[ $1 == [0-9]* ]] || refuse "die takes the number of a line first"
    echo "[ERROR] ${*:2}" >&2
    exit 1
}

function enable_service {
    local service
    for service in "$@"; do
        if [[ ,$DISABLED_SERVICES, != *,$service,* ]]; then
            ENABLED_SERVICES+=,$service
        fi
    done
}

# True if any of them is.
function is_service_enabled {
    local service
    for service in "$@"; do
        if [[ ,$ENABLED_SERVICES, == *,$service,* ]]; then
            return 0
        elif [[ $(type -t "is_${service}_enabled") == function ]]; then
            "is_${service}_enabled" && return 0
        fi
    done
    return 1
}

function get_python_exec_prefix {
    echo "$PLACE/bin"
}

function database_connection_url {
    record database_connection_url 1 1 "$@"
    echo "$DATABASE_URL"
}

function iniset {
    record iniset 4 4 "$@"
    # As in DevStack the shell looks at the value once more.
    # shellcheck disable=SC2086,SC2116
    set -- "$1" "$2" "$3" "$(echo $4)"
    "$PYTHON" -S -E - "$@" << 'INISET'
import configparser
import sys

path, section, option, value = sys.argv[1:]
parser = configparser.RawConfigParser(default_section=None)
parser.optionxform = str
parser.read(path)
if not parser.has_section(section):
    parser.add_section(section)
parser.set(section, option, value)
with open(path, 'w') as file:
    parser.write(file)
INISET
}

function configure_keystone_authtoken_middleware {
    record configure_keystone_authtoken_middleware 2 4 "$@"
    local section=${3:-keystone_authtoken}
    iniset "$1" "$section" auth_type password
    iniset "$1" "$section" auth_url "$KEYSTONE_SERVICE_URI"
    iniset "$1" "$section" username "$2"
    iniset "$1" "$section" password service-secret
    iniset "$1" "$section" www_authenticate_uri "$KEYSTONE_SERVICE_URI"
    iniset "$1" "$section" service_type "$4"
}

function apache_site_config_for {
    record apache_site_config_for 1 1 "$@"
    echo "$PLACE/apache/$1.conf"
}

# With an address to listen on Apache is not used; this one is used with it.
function write_uwsgi_config {
    [[ $# -eq 5 && -z $4 ]] || refuse "write_uwsgi_config: $*"
    record write_uwsgi_config 4 4 "$1" "$2" "$3" "$5"
    [[ $2 =~ ^[a-zA-Z0-9_.]+:[a-zA-Z0-9_]+$ ]] || refuse "no module: $2"
    rm -f "$1"
    iniset "$1" uwsgi module "$2"
    # As DevStack does, behind whatever is in the file.
    echo "ProxyPass \"$3\" $5" >> "$(apache_site_config_for "$5")"
}

function remove_uwsgi_config {
    record remove_uwsgi_config 2 2 "$@"
    rm -f "$1"
}

function run_process {
    record run_process 2 5 "$@"
    [[ -x ${2%% *} && $2 == /* ]] || refuse "systemd cannot run $2"
}
