# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Install and start Heat Spreader in DevStack, which sources this file in each
# phase of stack.sh, unstack.sh and clean.sh. The variables are set in settings
# and documented in README.rst.

# Save trace setting
_XTRACE_HEAT_SPREADER=$(set +o | grep xtrace)
set +o xtrace

# The DevStack user who owns the stacks. Stacks are updated as their owner: for
# another user, Heat would create a new trust.
HEAT_SPREADER_STACK_OWNER=demo

# Makes is_service_enabled heat_spreader true when either service is enabled.
function is_heat_spreader_enabled {
    [[ ,$ENABLED_SERVICES, =~ ,hs-(api|engine), ]]
}

function heat_spreader_url {
    echo "$HEAT_SPREADER_SERVICE_PROTOCOL://$HEAT_SPREADER_SERVICE_HOST/multicloud"
}

# Print the clouds, one per line: name, region, project.
function heat_spreader_clouds {
    local cloud name region project
    for cloud in ${HEAT_SPREADER_CLOUDS//,/ }; do
        IFS=: read -r name region project <<< "$cloud"
        echo "$name ${region:-$REGION_NAME} ${project:-demo}"
    done
}

# Call a function that handles a password, which the trace would show.
function heat_spreader_untraced {
    local xtrace
    xtrace=$(set +o | grep xtrace)
    set +o xtrace
    "$1"
    $xtrace
}

# Only the engine needs Heat; the API does not.
function _heat_is_missing {
    is_service_enabled hs-engine &&
        ! { is_service_enabled h-api && is_service_enabled h-eng; }
}

# Stop before anything is installed if the clouds cannot be used.
function check_heat_spreader {
    local cloud name region project names=' ' places=' '
    for cloud in ${HEAT_SPREADER_CLOUDS//,/ }; do
        if [[ ! $cloud =~ ^[A-Za-z0-9_.-]+(:[^:]*){0,2}$ ]]; then
            die $LINENO "HEAT_SPREADER_CLOUDS must be NAME[:REGION[:PROJECT]],... and is $HEAT_SPREADER_CLOUDS"
        fi
    done
    while read -r name region project; do
        if [[ $names == *" $name "* ]]; then
            die $LINENO "HEAT_SPREADER_CLOUDS names the cloud $name twice"
        elif [[ $places == *" $region:$project "* ]]; then
            die $LINENO "HEAT_SPREADER_CLOUDS has two clouds in project $project of region $region: their stacks would be the same ones"
        elif [[ $region == "$REGION_NAME" ]] && _heat_is_missing; then
            die $LINENO "Heat Spreader needs Heat (h-api and h-eng) for the cloud $name in region $region: put 'enable_plugin heat' before 'enable_plugin heat-spreader' into local.conf"
        fi
        names+="$name " places+="$region:$project "
    done < <(heat_spreader_clouds)
}

function install_heat_spreader {
    setup_develop -bindep "$HEAT_SPREADER_DIR" server
}

function _write_heat_spreader_clouds {
    local name region project
    local password=${ADMIN_PASSWORD//\'/\'\'}
    # No other user may read it, not even for a moment.
    install -m 600 /dev/null "$HEAT_SPREADER_CLOUDS_FILE"
    {
        echo 'clouds:'
        while read -r name region project; do
            cat <<CLOUD
  '$name':
    region_name: '$region'
    auth:
      auth_url: '$KEYSTONE_SERVICE_URI/v3'
      username: '$HEAT_SPREADER_STACK_OWNER'
      user_domain_id: default
      password: '$password'
      project_name: '$project'
      project_domain_id: default
CLOUD
            if [[ -f $SSL_BUNDLE_FILE ]]; then
                echo "    cacert: '$SSL_BUNDLE_FILE'"
            fi
        done < <(heat_spreader_clouds)
    } > "$HEAT_SPREADER_CLOUDS_FILE"
}

function _set_heat_spreader_database {
    iniset "$HEAT_SPREADER_CONF" database connection \
        "$(database_connection_url heat_spreader)"
}

function configure_heat_spreader {
    local name names='' region project
    sudo install -d -o "$STACK_USER" -m 755 "$HEAT_SPREADER_CONF_DIR" \
        "$HEAT_SPREADER_CONF_DIR/policy.d"
    # Start with an empty file, not with what an earlier stack.sh has left.
    install -m 600 /dev/null "$HEAT_SPREADER_CONF"
    sudo rm -f "$(apache_site_config_for hs-api)"

    iniset "$HEAT_SPREADER_CONF" DEFAULT debug "$ENABLE_DEBUG_LOG_LEVEL"
    setup_logging "$HEAT_SPREADER_CONF"
    heat_spreader_untraced _set_heat_spreader_database
    configure_keystone_authtoken_middleware "$HEAT_SPREADER_CONF" \
        heat-spreader keystone_authtoken multicloud
    # Apache is in front of the API; with tls-proxy it also terminates TLS.
    iniset "$HEAT_SPREADER_CONF" oslo_middleware \
        enable_proxy_headers_parsing True

    while read -r name region project; do
        names+=${names:+,}$name
        # Without noglob, iniset would expand the star to file names.
        (set -o noglob; iniset "$HEAT_SPREADER_CONF" "cloud_$name" projects '*')
    done < <(heat_spreader_clouds)
    iniset "$HEAT_SPREADER_CONF" clouds enabled "$names"
    iniset "$HEAT_SPREADER_CONF" clouds config_files \
        "$HEAT_SPREADER_CLOUDS_FILE"

    if is_service_enabled hs-engine; then
        heat_spreader_untraced _write_heat_spreader_clouds
    fi
    if is_service_enabled hs-api; then
        write_uwsgi_config "$HEAT_SPREADER_UWSGI_CONF" "$HEAT_SPREADER_UWSGI" \
            /multicloud '' hs-api
        iniset "$HEAT_SPREADER_UWSGI_CONF" uwsgi env \
            "OS_HEAT_SPREADER_CONFIG_FILES=$HEAT_SPREADER_CONF"
    fi
}

function create_heat_spreader_accounts {
    local project
    if is_service_enabled hs-api; then
        create_service_user heat-spreader
        get_or_create_service heat-spreader multicloud \
            'Heat stacks over several clouds'
        get_or_create_endpoint multicloud "$REGION_NAME" \
            "$(heat_spreader_url)"
    fi
    if is_service_enabled hs-engine; then
        for project in $(heat_spreader_clouds | cut -d ' ' -f 3 | sort -u); do
            get_or_create_project "$project" default
            get_or_add_user_project_role member "$HEAT_SPREADER_STACK_OWNER" \
                "$project" default default
        done
    fi
}

function _widen_heat_spreader_database {
    mysql -u"$DATABASE_USER" -p"$DATABASE_PASSWORD" -h"$MYSQL_HOST" \
        -e 'ALTER DATABASE heat_spreader CHARACTER SET utf8mb4'
}

function init_heat_spreader {
    # shellcheck disable=SC2086  # it is a list
    if is_service_enabled $DATABASE_BACKENDS; then
        recreate_database heat_spreader
        if is_service_enabled mysql; then
            heat_spreader_untraced _widen_heat_spreader_database
        fi
        "$(get_python_exec_prefix)/heat-spreader-manage" \
            --config-file "$HEAT_SPREADER_CONF" db sync
    fi
}

function start_heat_spreader {
    local bin url
    bin=$(get_python_exec_prefix)
    url=$(heat_spreader_url)/healthcheck
    if is_service_enabled hs-api; then
        run_process hs-api "$(which uwsgi) --procname-prefix hs-api --ini $HEAT_SPREADER_UWSGI_CONF"
        echo 'Waiting for hs-api to start...'
        # This waits for any response; the next check needs a good one.
        wait_for_service "$SERVICE_TIMEOUT" "$url" || true
        if ! curl -ksf --noproxy '*' -o /dev/null "$url"; then
            die $LINENO "hs-api did not start: $url gives no good answer"
        fi
    fi
    run_process hs-engine "$bin/heat-spreader-engine --config-file $HEAT_SPREADER_CONF"
}

function stop_heat_spreader {
    stop_process hs-api
    stop_process hs-engine
}

function clean_heat_spreader {
    remove_uwsgi_config "$HEAT_SPREADER_UWSGI_CONF" hs-api
    sudo rm -f "$(apache_site_config_for hs-api)"
    sudo rm -rf "$HEAT_SPREADER_CONF_DIR"
}

# Restore xtrace
$_XTRACE_HEAT_SPREADER

if is_service_enabled heat_spreader; then
    case "$1 ${2:-}" in
        'stack pre-install')
            check_heat_spreader
            ;;
        'stack install')
            echo_summary 'Installing Heat Spreader'
            install_heat_spreader
            ;;
        'stack post-config')
            echo_summary 'Configuring Heat Spreader'
            configure_heat_spreader
            create_heat_spreader_accounts
            ;;
        'stack extra')
            echo_summary 'Starting Heat Spreader'
            init_heat_spreader
            start_heat_spreader
            ;;
        'unstack ')
            echo_summary 'Stopping Heat Spreader'
            stop_heat_spreader
            ;;
        'clean ')
            echo_summary 'Cleaning Heat Spreader'
            clean_heat_spreader
            ;;
    esac
fi
