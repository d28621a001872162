# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage cloud: tries the clouds, and changes nothing there."""

import prettytable

from heat_spreader import exception
from heat_spreader.clouds import check


def add_commands(subparsers):
    """Add the commands to a parser of the command line."""
    cloud = subparsers.add_parser('cloud', help='Check the clouds.')
    actions = cloud.add_subparsers(
        title='commands', dest='action', required=True
    )
    parser = actions.add_parser(
        'check',
        help='Try each step from the entry in clouds.yaml to a list of the '
        'stacks, and whether an update would be allowed. Nothing is changed '
        'in any cloud.',
    )
    parser.add_argument(
        'names',
        metavar='NAME',
        nargs='*',
        help='An entry of clouds.yaml (default: all enabled clouds).',
    )
    parser.set_defaults(run=_check)


def _check(conf):
    names = list(dict.fromkeys(conf.command.names or conf.clouds.enabled))
    if not names:
        raise exception.ConfigurationInvalid(
            'No cloud is enabled: set enabled in [clouds], or name entries of '
            'clouds.yaml.'
        )
    reports = check.check(names, conf.clouds)
    table = prettytable.PrettyTable(['Cloud', *check.STEPS])
    table.align = 'l'
    table.add_rows([[r.cloud, *r.outcomes.values()] for r in reports])
    print(table)
    for report in reports:
        if report.error or report.remark:
            print(report.error or f'PATCH was not checked: {report.remark}')
    if any(report.outcomes[check.PATCH] == 'allowed' for report in reports):
        print(
            'PATCH allowed: the role may update stacks. Not checked: quotas '
            'and trusts, which only an update of a stack shows.'
        )
    return int(any(report.error for report in reports))
