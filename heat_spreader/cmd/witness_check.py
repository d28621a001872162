# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage witness: asks the witnesses, and changes nothing."""

import contextlib

import prettytable

from heat_spreader import context
from heat_spreader import exception
from heat_spreader.clouds import cloud
from heat_spreader.conf import witnesses as options
from heat_spreader.db import clouds as db
from heat_spreader.db import session
from heat_spreader.engine import targets
from heat_spreader.engine import witnesses

_WORDS = {True: 'yes', False: 'no', None: 'silent'}
_HELP = (
    'Ask each witness about each enabled cloud and about its reference, and '
    'show what it reaches. Run it on the host of the engine while all clouds '
    'are up: a witness that does not reach one then has a wrong vote.'
)


def add_commands(subparsers):
    """Add the commands to a parser of the command line."""
    witness = subparsers.add_parser('witness', help='Check the witnesses.')
    actions = witness.add_subparsers(
        title='commands', dest='action', required=True
    )
    parser = actions.add_parser('check', help=_HELP, description=_HELP)
    parser.set_defaults(run=_check)


def _check(conf):
    asked, names = witnesses.exporters(conf), conf.clouds.enabled
    if not asked:
        raise exception.ConfigurationInvalid(
            'No witness is configured: set witnesses in [health], and a '
            'section [witness_NAME] for each of them.'
        )
    urls = _urls(conf)
    begun = [
        (
            each,
            {name: each.begin(urls[name]) for name in names},
            each.begin([each.reference] if each.reference else []),
        )
        for each in asked
    ]
    table = prettytable.PrettyTable(['Witness', *names, 'Reference'])
    table.align = 'l'
    problems = options.remarks(conf)
    remarks = len(problems)
    for each, by_cloud, reference in begun:
        answers = {
            name: witnesses.combine([each.answer(call) for call in calls])
            for name, calls in by_cloud.items()
        }
        row = [_word(each, name, answers[name]) for name in names]
        problems += _problems(each, answers, urls)
        table.add_row([each.name, *row, _reference(each, reference, problems)])
    print(table)
    for problem in problems:
        print(problem)
    return int(len(problems) > remarks)


def _urls(conf):
    """The URLs of each cloud, from its catalog if it answers."""
    known = {}
    with (
        contextlib.suppress(*session.ERRORS),
        context.for_engine() as ctx,
    ):
        known = {n: row.heat_url for n, row in db.get_all(ctx).items()}
    for name, remote in cloud.enabled(conf.clouds).items():
        with contextlib.suppress(exception.CloudError):
            remote.authenticate()
            known[name] = targets.versions(remote.catalog_address)
    return {
        name: targets.of_cloud(conf, name, known.get(name))
        for name in conf.clouds.enabled
    }


def _word(exporter, name, answer):
    word = _WORDS[answer.reached]
    return f'{word}, near' if name in exporter.near else word


def _problems(exporter, answers, urls):
    silent = {a.problem for a in answers.values() if a.reached is None}
    for problem in sorted(silent):
        yield f'The witness {exporter.name} is silent: {problem}.'
    for name, answer in answers.items():
        if answer.reached is False:
            yield (
                f'The witness {exporter.name} does not reach the cloud {name} '
                f'at {" and ".join(urls[name])}.'
            )


def _reference(exporter, begun, problems):
    if not begun:
        return 'not set'
    answer = exporter.answer(begun[0])
    if not answer.reached:
        problems.append(
            f'The witness {exporter.name} does not reach its reference '
            f'{exporter.reference}.'
        )
    return _WORDS[answer.reached]
