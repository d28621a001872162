# SPDX-License-Identifier: Apache-2.0
import pathlib

import fixtures
from oslo_config import cfg
from oslo_policy import opts
from oslotest import base

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import policies
from heat_spreader import policy
from heat_spreader import routes

MINE = {'project_id': 'p1'}
READER = {'reader'}
MEMBER = {'reader', 'member'}
ADMIN = {'reader', 'member', 'admin'}

# The roles that each rule requires for the stacks of a project.
READERS = {
    'multicloud:stacks:list',
    'multicloud:stacks:preview',
    'multicloud:stacks:get',
    'multicloud:events:list',
    'multicloud:clouds:list',
    'multicloud:clouds:get',
}
MEMBERS = READERS | {
    'multicloud:stacks:create',
    'multicloud:stacks:update',
    'multicloud:stacks:delete',
    'multicloud:weights:set',
    'multicloud:weights:unset',
}
ADMINS = MEMBERS | {
    'multicloud:stacks:list:all_projects',
    'multicloud:events:list:all_projects',
    'multicloud:clouds:list_events',
    'multicloud:clouds:readiness',
    'multicloud:clouds:update',
    'multicloud:clouds:use_any',
    'multicloud:engines:list',
    'multicloud:witnesses:list',
}


class PolicyTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        self.conf = cfg.ConfigOpts()
        self.conf([], default_config_dirs=[])
        opts.set_defaults(self.conf, f'{self.directory}/policy.yaml')
        self.enforcer = policy.Enforcer(self.conf)

    def caller(self, roles, project_id='p1', **scope):
        return context.RequestContext(
            roles=sorted(roles),
            project_id=project_id,
            user_id='u1',
            overwrite=False,
            **scope,
        )

    def allowed(self, ctx, target=MINE):
        return {
            rule.name
            for rule in policies.list_rules()
            if self.enforcer.allows(rule.name, target, ctx)
        }


class TestPersonas(PolicyTestCase):
    def test_a_reader_may_read(self):
        self.assertEqual(READERS, self.allowed(self.caller(READER)))

    def test_a_member_may_change(self):
        self.assertEqual(MEMBERS, self.allowed(self.caller(MEMBER)))

    def test_an_admin_may_do_everything(self):
        self.assertEqual(ADMINS, self.allowed(self.caller(ADMIN)))

    def test_these_personas_cover_every_rule(self):
        self.assertEqual(ADMINS, {rule.name for rule in policies.list_rules()})

    def test_other_roles_may_do_nothing(self):
        for roles in (set(), {'service'}, {'Reader_of_else'}):
            self.assertEqual(set(), self.allowed(self.caller(roles)))

    def test_only_an_admin_may_act_on_another_project(self):
        for roles, rules in (
            (READER, set()),
            (MEMBER, set()),
            (ADMIN, ADMINS),
        ):
            self.assertEqual(
                rules, self.allowed(self.caller(roles, project_id='p2'))
            )

    def test_a_target_without_a_project_is_for_admins_only(self):
        for target in ({}, {'project_id': None}):
            self.assertEqual(set(), self.allowed(self.caller(MEMBER), target))

    def test_a_system_or_domain_token_may_not_use_stacks(self):
        for scope in ({'system_scope': 'all'}, {'domain_id': 'd1'}):
            self.assertEqual(
                set(), self.allowed(self.caller(ADMIN, None, **scope))
            )


class TestEnforcer(PolicyTestCase):
    def test_what_is_not_allowed_is_forbidden_by_its_rule(self):
        exc = self.assertRaises(
            exception.Forbidden,
            self.enforcer.authorize,
            'multicloud:stacks:create',
            MINE,
            self.caller(READER),
        )

        self.assertIn('multicloud:stacks:create', str(exc))

    def test_what_is_allowed_passes(self):
        self.enforcer.authorize(
            'multicloud:stacks:create', MINE, self.caller(MEMBER)
        )

    def test_the_policy_file_of_the_operator_takes_precedence(self):
        pathlib.Path(self.directory, 'policy.yaml').write_text(
            '"multicloud:stacks:create": "role:reader"\n'
        )

        self.assertIn(
            'multicloud:stacks:create', self.allowed(self.caller(READER))
        )


class TestRules(base.BaseTestCase):
    def test_every_rule_that_a_route_needs_is_defined(self):
        needed = {
            rule
            for rules in routes.RULES.values()
            for rule in rules.values()
            if rule
        }

        self.assertEqual(
            {
                policies.LIST_ALL_PROJECTS,
                policies.LIST_ALL_EVENTS,
                policies.USE_ANY_CLOUD,
            },
            {rule.name for rule in policies.list_rules()} - needed,
        )

    def test_every_rule_describes_what_it_guards(self):
        for rule in policies.list_rules():
            self.assertTrue(rule.operations, rule.name)
            self.assertRegex(rule.description, r'^[A-Z].*\.$')
            self.assertEqual(['project'], rule.scope_types)
            for operation in rule.operations:
                self.assertRegex(operation['path'], r'^/v1/')

    def test_no_two_rules_guard_the_same(self):
        guarded = [
            (operation['method'], operation['path'])
            for rule in policies.list_rules()
            if rule.name != policies.USE_ANY_CLOUD
            for operation in rule.operations
        ]

        self.assertEqual(len(guarded), len(set(guarded)))
