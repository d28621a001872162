# SPDX-License-Identifier: Apache-2.0
"""The context in a log line, which ends with the work."""

import concurrent.futures
import json
import logging

from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslo_context import context as oslo_context
from oslo_context import fixture as context_fixture
from oslo_log import formatters
from oslo_log import log as oslo_log
from oslo_utils import uuidutils
from oslotest import base

from heat_spreader import context
from heat_spreader import service

STACK = uuidutils.generate_uuid()


class ContextTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(context_fixture.ClearRequestContext())
        self.conf = self.useFixture(
            config_fixture.Config(cfg.ConfigOpts())
        ).conf
        service.set_defaults()
        oslo_log.register_options(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.log = logging.getLogger(self.id())
        self.log.setLevel(logging.INFO)
        self.lines = self.collect(
            formatters.ContextFormatter(
                config=self.conf, datefmt='%Y-%m-%d %H:%M:%S'
            )
        )

    def collect(self, formatter):
        """The lines that a formatter makes, as they come."""
        lines = []
        handler = logging.Handler()
        handler.emit = lambda record: lines.append(formatter.format(record))
        self.log.addHandler(handler)
        self.addCleanup(self.log.removeHandler, handler)
        return lines

    def output(self):
        """Return what the last line has between its brackets."""
        return self.lines[-1].partition('[')[2].partition(']')[0]


class TestLines(ContextTestCase):
    def test_line_has_the_request_the_caller_the_stack_and_the_cloud(self):
        context.RequestContext(
            request_id='req-1',
            global_request_id='req-0',
            user_id='u',
            project_id='p',
            stack=STACK,
            cloud='athens',
        )
        self.log.info('Hello.')

        self.assertEqual(
            f'req-1 global=req-0 user=u project=p stack={STACK} cloud=athens',
            self.output(),
        )

    def test_unknown_values_are_left_out(self):
        with context.for_engine(cloud='athens') as ctx:
            self.log.info('Hello.')
            self.assertEqual(f'{ctx.request_id} cloud=athens', self.output())
        with context.for_engine() as ctx:
            self.log.info('Hello.')
            self.assertEqual(f'{ctx.request_id} -', self.output())
        self.log.info('Hello.')
        self.assertEqual('-', self.output())

    def test_json_has_the_context_and_no_token(self):
        lines = self.collect(formatters.JSONFormatter())
        with context.for_engine(stack=STACK, cloud='athens') as ctx:
            ctx.project_id = 'p'
            ctx.auth_token = 'secret'
            self.log.info('Hello.')
        output = json.loads(lines[-1])

        self.assertEqual(ctx.request_id, output['context']['request_id'])
        self.assertEqual(STACK, output['context']['stack'])
        self.assertEqual('athens', output['context']['cloud'])
        self.assertEqual('p', output['context']['project_id'])
        self.assertNotIn('secret', lines[-1])


class TestScope(ContextTestCase):
    def test_each_piece_of_work_has_a_request_id_of_its_own(self):
        with context.for_engine() as first, context.for_engine() as second:
            self.assertNotEqual(first.request_id, second.request_id)

    def test_a_thread_has_no_context_after_its_work(self):
        with context.for_engine(stack=STACK):
            pass
        self.assertIsNone(oslo_context.get_current())

    def test_a_thread_has_no_context_after_a_failure(self):
        try:
            with context.for_engine(stack=STACK):
                raise ValueError
        except ValueError:
            self.assertIsNone(oslo_context.get_current())

    def test_the_previous_context_of_a_thread_is_restored(self):
        before = context.RequestContext(user_id='u')
        with context.for_engine(stack=STACK) as ctx:
            self.assertIs(ctx, oslo_context.get_current())
        self.assertIs(before, oslo_context.get_current())


class TestPropagate(ContextTestCase):
    def setUp(self):
        super().setUp()
        # One thread: each task runs where the one before has run.
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.addCleanup(self.pool.shutdown)

    def work(self, number):
        self.log.info('At work.')
        return oslo_context.get_current(), number

    def test_another_thread_logs_with_this_context_and_more(self):
        with context.for_engine(stack=STACK) as ctx:
            ctx.project_id = 'p'
            task = context.propagate(self.work, cloud='athens')
            there, number = self.pool.submit(task, 7).result()

        self.assertEqual(7, number)
        self.assertEqual(
            f'{ctx.request_id} project=p stack={STACK} cloud=athens',
            self.output(),
        )
        self.assertIsNot(ctx, there)
        self.assertIsNone(ctx.cloud)

    def test_a_pool_thread_never_logs_with_the_previous_stack(self):
        def fail():
            raise ValueError

        with context.for_engine(stack=STACK):
            task = context.propagate(fail)
            self.assertIsInstance(
                self.pool.submit(task).exception(), ValueError
            )
        self.pool.submit(self.work, 1).result()

        self.assertEqual('-', self.output())
