# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg
from oslotest import base

from heat_spreader import exception
from heat_spreader.conf import witnesses
from heat_spreader.tests.unit.conf import base as conf_base

URL = 'https://mon.example.org:9115/probe'


class TestWitnesses(base.BaseTestCase):
    def make_conf(self, names=('office', 'valencia'), **options):
        """Two witnesses; the options are those of the first one."""
        conf = conf_base.make_conf()
        conf.set_override('enabled', ['valencia', 'cairo'], 'clouds')
        conf.set_override('witnesses', list(names), 'health')
        witnesses.register_witness_opts(conf)
        conf.set_override('url', URL, 'witness_valencia')
        for name, value in {'url': URL, **options}.items():
            conf.set_override(name, value, 'witness_office')
        return conf

    def assert_invalid(self, reason, **options):
        error = self.assertRaises(
            exception.ConfigurationInvalid,
            witnesses.check,
            self.make_conf(**options),
        )
        self.assertIn(reason, str(error))
        self.assertNotIn('secret', str(error))

    def test_complete_section_is_valid(self):
        witnesses.check(
            self.make_conf(
                near=['cairo'],
                reference='http://www.example.org',
                username='ann',
                password='secret',
                ca_file='/etc/ssl/ca.pem',
            )
        )

    def test_missing_section_is_refused_with_its_name(self):
        self.assert_invalid('[witness_office] has no url', url=None)

    def test_wrong_section_is_refused_with_what_to_correct(self):
        self.assert_invalid('the cloud athens in near', near=['athens'])
        self.assert_invalid('both username and password', username='ann')
        self.assert_invalid('both username and password', password='secret')
        self.assert_invalid(
            'in a URL', url='https://ann:secret@mon.example.org/probe'
        )
        self.assert_invalid(
            'in a URL', reference='https://ann:secret@www.example.org'
        )
        self.assert_invalid('twice', names=['office', 'valencia', 'office'])

    def test_engine_is_no_name_for_a_witness(self):
        conf = conf_base.make_conf()
        conf.set_override('witnesses', ['engine'], 'health')
        witnesses.register_witness_opts(conf)

        self.assertRaises(
            exception.ConfigurationInvalid, witnesses.check, conf
        )

    def test_url_needs_a_scheme(self):
        conf = self.make_conf()

        self.assertRaises(
            ValueError,
            conf.set_override,
            'url',
            'ftp://mon/probe',
            'witness_office',
        )

    def test_too_few_voters_are_remarked_for_each_cloud(self):
        self.assertEqual([], witnesses.remarks(conf_base.make_conf()))
        valencia, cairo = witnesses.remarks(self.make_conf(near=['valencia']))

        self.assertIn('Only 1 of the witnesses vote about the cloud', valencia)
        self.assertIn('Only 2 of the witnesses vote about the cloud', cairo)
        conf = self.make_conf(['office', 'valencia', 'lab'])
        self.assertEqual([], witnesses.remarks(conf))

    def test_password_is_not_logged(self):
        (password,) = (
            opt for opt in witnesses.WITNESS_OPTS if opt.name == 'password'
        )

        self.assertIsInstance(password, cfg.StrOpt)
        self.assertTrue(password.secret)
