# SPDX-License-Identifier: Apache-2.0
import pathlib
import pkgutil
import re

from oslo_config import cfg
from oslotest import base

import heat_spreader
from heat_spreader import conf as conf_package
from heat_spreader.conf import opts
from heat_spreader.tests.unit.conf import base as conf_base

EVERY = [(group, opt) for group, listed in opts.list_opts() for opt in listed]
# Groups of which there is one for each name.
NAMED = {'cloud_NAME', 'witness_NAME'}
SOURCE = pathlib.Path(heat_spreader.__file__).parent


class TestOptions(base.BaseTestCase):
    def test_every_group_is_listed_and_registered(self):
        modules = {
            module.name
            for module in pkgutil.iter_modules(conf_package.__path__)
        } - {'opts', 'witnesses'}

        self.assertEqual(
            {*modules, *NAMED}, {group for group, _ in opts.list_opts()}
        )
        conf = conf_base.make_conf()
        for group, opt in EVERY:
            if group not in NAMED:
                self.assertEqual(opt.default, conf[group][opt.dest])

    def test_help_explains_every_option_in_sentences(self):
        for group, opt in EVERY:
            self.assertRegex(
                opt.help or '', r'(?s)^[A-Z].{20,}\.$', f'[{group}] {opt.name}'
            )

    def test_every_number_has_a_minimum(self):
        for group, opt in EVERY:
            if isinstance(opt, cfg.IntOpt | cfg.FloatOpt):
                self.assertIsNotNone(opt.type.min, f'[{group}] {opt.name}')

    def test_every_option_is_read_by_the_code(self):
        source = '\n'.join(
            path.read_text()
            for path in SOURCE.rglob('*.py')
            if not path.is_relative_to(SOURCE / 'tests')
        )
        self.assertEqual(
            [],
            [
                f'[{group}] {opt.name}'
                for group, opt in EVERY
                if not re.search(rf'\.{opt.dest}\b', source)
            ],
        )

    def test_a_value_below_the_minimum_is_refused(self):
        conf = conf_base.make_conf()

        self.assertRaises(
            ValueError, conf.set_override, 'survey_interval', 0, 'engine'
        )
