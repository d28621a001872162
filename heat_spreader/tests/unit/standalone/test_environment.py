# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader import exception
from heat_spreader.standalone import environment


def options(**variables):
    return environment.log_options(
        {f'HEAT_SPREADER_LOG_{name}': v for name, v in variables.items()}
    )


class TestLogOptions(base.BaseTestCase):
    def test_nothing_is_set_without_variables(self):
        self.assertEqual({}, environment.log_options({'HOME': '/'}))
        self.assertEqual({}, options(JSON='', LEVEL='', VERBOSE='', FILE=''))

    def test_each_variable_is_an_option(self):
        self.assertEqual({'use_json': 'True'}, options(JSON='yes'))
        self.assertEqual({'use_json': 'False'}, options(JSON='0'))
        self.assertEqual({'log_file': '/a.log'}, options(FILE='/a.log'))
        self.assertEqual(
            {
                'default_log_levels': 'root=WARNING,heat_spreader=DEBUG,'
                'cotyledon=INFO,keystoneauth.identity=ERROR,'
                'sqlalchemy.pool=CRITICAL'
            },
            options(LEVEL='debug'),
        )
        self.assertEqual(
            {'default_log_levels': 'root=INFO,stevedore=INFO'},
            options(VERBOSE='true'),
        )
        self.assertEqual(
            {'default_log_levels': 'root=ERROR,stevedore=ERROR'},
            options(LEVEL='ERROR', VERBOSE='1'),
        )

    def test_third_party_logs_are_never_more_verbose_than_ours(self):
        for level, others, parent, identity in (
            ('DEBUG', 'WARNING', 'INFO', 'ERROR'),
            ('INFO', 'WARNING', 'INFO', 'ERROR'),
            ('WARNING', 'WARNING', 'WARNING', 'ERROR'),
            ('ERROR', 'ERROR', 'ERROR', 'ERROR'),
            ('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL'),
        ):
            self.assertEqual(
                [
                    f'root={others}',
                    f'heat_spreader={level}',
                    f'cotyledon={parent}',
                    f'keystoneauth.identity={identity}',
                    'sqlalchemy.pool=CRITICAL',
                ],
                environment.default_log_levels(level),
            )

    def test_an_invalid_value_is_reported(self):
        for name, value, allowed in (
            ('LEVEL', 'loud', 'one of DEBUG, INFO, WARNING, ERROR, CRITICAL'),
            ('JSON', 'maybe', 'true or false'),
            ('VERBOSE', '2', 'true or false'),
        ):
            error = self.assertRaises(
                exception.ConfigurationInvalid, options, **{name: value}
            )
            self.assertIn(
                f'HEAT_SPREADER_LOG_{name} must be {allowed}, not', str(error)
            )
