# SPDX-License-Identifier: Apache-2.0
"""Names in bash, from the script and the names that the commands print."""

import os
import pathlib
import shlex
import subprocess

import fixtures

from heat_spreader.tests.functional.osc import base

# The command, which says what it was asked, and the function of the command
# "complete", which says that it was asked.
STUBS = r"""
openstack() {
  echo "$*" >>asked
  case "${*: -1}" in
    stacks) printf '%s\n' "$STACKS" ;;
    clouds) printf '%s\n' "$CLOUDS" ;;
  esac
}
_openstack() { COMPREPLY=(others); }
ask() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _multicloud_openstack_complete openstack
  (IFS='|'; echo "${COMPREPLY[*]}")
}
"""
EVIL = '$(touch asked.evil)'
STACKS = ['api', 'a b', EVIL, 'web']
QUOTED = r'\$\(touch\ asked.evil\)'
# What is typed, and what is proposed.
CASES = {
    'multicloud stack show ': f'{QUOTED}|a\\ b|api|web',
    'multicloud stack show w': 'web',
    'multicloud stack show -f json a': 'a\\ b|api',
    'multicloud stack show --max-width = 80 w': 'web',
    'multicloud stack show x': '',
    'multicloud stack delete web a': 'a\\ b|api',
    'multicloud stack show web ': 'others',
    'multicloud stack show -': 'others',
    'multicloud stack ': 'others',
    'multicloud stack apply -f ': 'others',
    'server show ': 'others',
    'multicloud cloud show ': 'east|north|vault|west',
    'multicloud stack weight set web w': 'west',
    'multicloud stack weight set web west ': 'others',
    'multicloud stack preview web --down e': 'east',
    'multicloud stack list --cloud =': 'east|north|vault|west',
    'multicloud stack list --cloud = n': 'north',
    'multicloud stack create web --weight n': 'north=',
    'multicloud stack create web --weight north =': '',
    'multicloud stack create web --weight north = 1 --max w': 'west=',
}


class TestCompletion(base.ShellTestCase):
    def names(self, kind):
        return self.run_command('completion', 'names', kind)

    def test_names_are_listed(self):
        self.create('web')
        self.create('api')

        self.assertEqual('api\nweb\n', self.names('stacks'))
        self.assertEqual('east\nnorth\nvault\nwest\n', self.names('clouds'))

    def test_bash_proposes_names_where_commands_take_them(self):
        for name in STACKS:
            self.create(name, '--stack-name=s')
        script = self.run_command('completion', 'bash', '--name=openstack')
        asks = '\n'.join(
            f'ask openstack {shlex.join(case.split(" "))}' for case in CASES
        )
        directory = self.useFixture(fixtures.TempDir()).path

        ended = subprocess.run(
            ['bash', '--norc'],
            input=f'{script}{STUBS}{asks}\n'
            'ask openstack --os-cloud = home multicloud cloud set n\n',
            cwd=directory,
            env={
                'STACKS': self.names('stacks'),
                'CLOUDS': self.names('clouds'),
                'PATH': os.environ['PATH'],
            },
            capture_output=True,
            text=True,
            check=True,
        )

        self.assertEqual('', ended.stderr)
        *proposed, last = ended.stdout.splitlines()
        self.assertEqual(CASES, dict(zip(CASES, proposed, strict=True)))
        self.assertEqual('north', last)
        # No name was run; names are kept for a while, for each cloud.
        self.assertEqual(
            [
                'multicloud completion names stacks',
                'multicloud completion names clouds',
                '--os-cloud=home multicloud completion names clouds',
            ],
            pathlib.Path(directory, 'asked').read_text().splitlines(),
        )
        self.assertEqual(['asked'], os.listdir(directory))
