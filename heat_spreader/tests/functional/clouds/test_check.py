# SPDX-License-Identifier: Apache-2.0
"""Each step of the way to a cloud, and where it ends."""

import pathlib
import sys

import fixtures
from oslo_config import cfg
from oslotest import base

from heat_spreader.clouds import check
from heat_spreader.conf import clouds
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import cloud as emulated
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import tls

FORBIDDEN = faults.heat_error(403, 'Forbidden', 'You are not authorized')


class TestCheck(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.path = self.useFixture(fixtures.TempDir()).join('clouds.yaml')
        self.remote = emulated.EmulatedCloud('east', update_seconds=None)
        self.addCleanup(self.remote.stop)
        self.remote.start()
        self.options = cfg.ConfigOpts()
        clouds.register_opts(self.options)
        self.options([])
        self.options.set_override('config_files', [self.path], 'clouds')

    def check(self, change=None, **changes):
        """Check the cloud, with changes of auth and of the entry itself."""
        entry = self.remote.clouds_yaml_entry()
        entry['auth'].update(change or {})
        entry.update(changes)
        emulated.write_entries(self.path, {'east': entry})
        (report,) = check.check(['east'], self.options.clouds)
        return report

    def assert_outcomes(self, report, *outcomes):
        """Compare the words of the steps after the entry."""
        path, *others = report.outcomes.values()
        self.assertEqual(self.path, path)
        self.assertEqual(list(outcomes), others, report.error)

    def assert_ends(self, report, reason, *outcomes):
        """Check the words up to the failure, after which there are none."""
        rest = ['-'] * (len(check.STEPS) - 1 - len(outcomes))
        self.assert_outcomes(report, *outcomes, *rest)
        self.assertIn(reason, str(report.error))
        self.assertNotIn(self.remote.password, str(report.error))

    def test_a_cloud_that_can_be_used_passes_each_step(self):
        self.assert_outcomes(
            self.check(),
            *('ok', 'ok', 'not used', 'ok', 'ok', 'ok', 'allowed'),
        )

    def test_nothing_is_changed(self):
        self.remote.add_stack('web', 3)
        before = self.remote.stacks()
        self.check()
        self.assertEqual(before, self.remote.stacks())
        (patch,) = self.remote.patches
        self.assertEqual(404, patch.status)

    def test_an_invalid_entry_is_the_first_step(self):
        report = self.check({'password': ''})
        self.assertEqual(
            ['failed', *['-'] * 7], list(report.outcomes.values())
        )
        self.assertIn('its password is missing', str(report.error))

    def test_a_name_that_is_unknown(self):
        for changes in (
            {'change': {'auth_url': 'http://keystone.invalid/v3'}},
            {'orchestration_endpoint_override': 'http://heat.invalid/v1'},
        ):
            report = self.check(**changes)
            self.assertEqual('failed', report.outcomes[check.NAME])
            self.assertIn('.invalid', str(report.error))
        self.assertEqual('ok', report.outcomes[check.CATALOG])
        self.assertEqual('-', report.outcomes[check.LIST])

    def test_an_address_that_refuses(self):
        self.remote.keystone.fault = faults.REFUSE
        self.assert_ends(self.check(), 'refused', 'ok', 'failed')

    def test_a_certificate_that_does_not_verify(self):
        server = self.useFixture(tls.UntrustedServer())
        self.assert_ends(
            self.check({'auth_url': f'{server.url}/v3'}),
            'Correct cacert of the cloud',
            *('ok', 'ok', 'failed'),
        )

    def test_a_password_that_is_wrong(self):
        self.assert_ends(
            self.check({'password': 'wrong'}),
            'rejected the engine',
            *('ok', 'ok', 'not used', 'failed'),
        )

    def test_a_keystone_that_does_not_answer_in_time(self):
        self.options.set_override('read_timeout', 0.2, 'clouds')
        self.remote.keystone.fault = faults.HANG
        self.assert_ends(
            self.check(), 'cannot be reached', '-', '-', '-', 'failed'
        )

    def test_a_catalog_without_heat(self):
        for fault in (
            faults.NO_ORCHESTRATION,
            faults.changed(_without_addresses),
        ):
            self.remote.keystone.fault = fault
            self.assert_ends(
                self.check(),
                'has no orchestration endpoint',
                *('ok', 'ok', 'not used', 'ok', 'failed'),
            )

    def test_a_heat_that_does_not_list_its_stacks(self):
        self.remote.heat.fault = faults.answer(500)
        self.assert_ends(
            self.check(),
            '500 Internal Server Error',
            *('ok', 'ok', 'not used', 'ok', 'ok', 'failed'),
        )

    def test_a_role_that_may_not_update(self):
        self.remote.heat.fault = FORBIDDEN.only('PATCH')
        self.assert_ends(
            self.check(),
            'You are not authorized',
            *('ok', 'ok', 'not used', 'ok', 'ok', 'ok', 'failed'),
        )

    def test_an_answer_that_does_not_show_whether_updates_are_allowed(self):
        self.remote.heat.fault = faults.answer(502).only('PATCH')
        report = self.check()
        self.assertEqual('not checked', report.outcomes[check.PATCH])
        self.assertIsNone(report.error)
        self.assertIn('502 Bad Gateway', report.remark)

    def test_a_heat_without_keystone(self):
        emulated.write_entries(
            self.path,
            {
                'east': {
                    'auth_type': 'none',
                    'auth': {'endpoint': 'http://127.0.0.1:1/v1/p'},
                }
            },
        )
        (report,) = check.check(['east'], self.options.clouds)
        self.assert_outcomes(report, 'ok', 'failed', '-', 'ok', 'ok', '-', '-')

    def test_clouds_are_reported_in_the_order_of_their_names(self):
        self.check()
        reports = check.check(['west', 'east'], self.options.clouds)
        self.assertEqual(['west', 'east'], [r.cloud for r in reports])
        self.assertIn('has no entry', str(reports[0].error))
        self.assertIsNone(reports[1].error)


class TestCommand(base.BaseTestCase):
    """heat-spreader-manage cloud check, as a process of its own."""

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.clouds = [emulated.EmulatedCloud(n) for n in ('east', 'west')]
        for cloud in self.clouds:
            self.addCleanup(cloud.stop)
            cloud.start()
        self.path = self.directory / 'clouds.yaml'
        emulated.write_clouds_yaml(self.path, *self.clouds)

    def check(self, *names, enabled='east'):
        """Run the command; return its status, rows, other lines and errors."""
        config = self.directory / 'heat-spreader.conf'
        process.write_config(config, {'clouds': {'enabled': enabled}})
        done = process.run(
            *(sys.executable, '-m', 'heat_spreader.cmd.manage'),
            *('--config-file', config, 'cloud', 'check', *names),
            env=process.environ(
                PYTHONWARNINGS='ignore', OS_CLIENT_CONFIG_FILE=str(self.path)
            ),
        )
        lines = [line for line in done.stdout.splitlines() if line[:1] != '+']
        rows = [
            [cell.strip() for cell in line.split('|')[1:-1]]
            for line in lines
            if line[0] == '|'
        ]
        others = [line for line in lines if line[0] != '|']
        self.assertNotIn(self.clouds[0].password, done.stdout + done.stderr)
        return done.returncode, rows[1:], others, done.stderr

    def test_enabled_clouds_are_checked(self):
        status, rows, others, errors = self.check()
        self.assertEqual((0, ''), (status, errors))
        ((name, path, *_, patch),) = rows
        self.assertEqual(
            ('east', str(self.path), 'allowed'), (name, path, patch)
        )
        self.assertIn('Not checked: quotas and trusts', others[0])

    def test_named_clouds_are_checked_and_each_reason_is_printed(self):
        emulated.write_clouds_yaml(self.path, self.clouds[0])
        self.clouds[0].stop()
        status, rows, others, errors = self.check('west', 'east', 'west')
        self.assertEqual((1, ''), (status, errors))
        self.assertEqual(['west', 'east'], [row[0] for row in rows])
        self.assertEqual(['failed', '-'], rows[0][1:3])
        self.assertIn("The cloud 'west' has no entry in", others[0])
        self.assertIn("The cloud 'east' cannot be reached", others[1])
        self.assertEqual(2, len(others))

    def test_without_a_cloud_nothing_can_be_checked(self):
        status, rows, others, errors = self.check(enabled='')
        self.assertEqual((1, [], []), (status, rows, others))
        self.assertIn('set enabled in [clouds]', errors)


def _without_addresses(body):
    for service in body.get('token', {}).get('catalog', []):
        for endpoint in service['endpoints']:
            endpoint['url'] = None
    return body
