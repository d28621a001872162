# SPDX-License-Identifier: Apache-2.0
"""One real OpenStack cloud: a Keystone, a Heat and requests to them."""

import re
import time

from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import heat
from heat_spreader.tests.real.testbed import keystone
from heat_spreader.tests.real.testbed import templates

POLL_INTERVAL = 0.2


class StackUnsettled(Exception):
    """A stack did not reach the state that a test waited for."""


class RealCloud:
    """A cloud with databases, keys and processes of its own."""

    region = accounts.REGION

    def __init__(self, name, directory, machine, environment, blueprint):
        self.name = name
        self._directory = directory
        self._connection = None
        self._heat = None
        keystone_port = machine.reserve_port()
        heat_port = machine.reserve_port()
        self.auth_url = keystone.url(keystone_port)
        blueprint.copy(directory)
        keystone.configure(directory)
        keystone.move_endpoints(
            directory,
            {'identity': self.auth_url, 'orchestration': heat.url(heat_port)},
        )
        heat.configure(directory, environment, heat_port, self.auth_url)
        where = (machine, environment, directory)
        self.keystone = keystone.make_process(*where, keystone_port, name)
        self.heat = heat.make_process(*where, heat_port, name)

    def launch(self):
        """Start the processes and do not wait for them."""
        self.keystone.launch()
        self.heat.launch()

    def wait_until_ready(self):
        """Wait for the processes, then log in."""
        self.keystone.wait_until_ready()
        self.heat.wait_until_ready()
        self._connection = self.stack_connection()
        # Touched once here: several threads making it would make several.
        self._heat = self._connection.orchestration

    def close(self):
        """Close the connection that the questions went over."""
        if self._connection:
            self._connection.close()

    def clouds_yaml_entry(self):
        """Give the cloud's entry in a clouds.yaml."""
        return {
            'auth': accounts.SPREADER.auth(self.auth_url),
            'region_name': self.region,
        }

    def stack_connection(self, timeout=60):
        """Open a connection as the user who owns the stacks."""
        return accounts.SPREADER.connect(self.auth_url, timeout)

    def create_stack(
        self,
        name,
        count,
        template=None,
        parameter='count',
        files=None,
        rollback=False,
    ):
        """Create a stack and wait until it is COMPLETE.

        :param rollback: whether Heat rolls back an update that fails
        """
        body = {
            'stack_name': name,
            'disable_rollback': not rollback,
            'template': template or templates.group(parameter),
            'files': files or {},
            'parameters': {parameter: count},
        }
        self._request('POST', '/stacks', json=body)
        self.wait_complete(name)

    def set_count(self, name, count, parameter='count'):
        """Change the count parameter and do not wait for what follows."""
        body = {'parameters': {parameter: count}}
        self._request('PATCH', self._path(name), json=body)

    def cancel(self, name, rollback):
        """Cancel the update of a stack, and wait until that is done."""
        action = 'cancel_update' if rollback else 'cancel_without_rollback'
        end = 'ROLLBACK_COMPLETE' if rollback else 'UPDATE_FAILED'
        self._act(name, action)
        self._wait(name, lambda status: status == end)

    def act(self, name, action):
        """Suspend or resume a stack, and wait until that is done."""
        self._act(name, action)
        self._wait(name, lambda status: status == f'{action.upper()}_COMPLETE')

    def delete_stack(self, name):
        """Delete a stack and wait until it is gone."""
        self._request('DELETE', self._path(name))
        self._wait(name, lambda status: status is None)

    def status(self, name):
        """Give Heat's action and status of a stack, None without a stack."""
        row = self._row(name)
        return row and row['stack_status']

    def count(self, name, parameter='count'):
        """Give the count parameter as Heat has it."""
        # Outputs resolved during an update could make Heat lose a row.
        answer = self._get(self._path(name), resolve_outputs=False)
        return int(answer['stack']['parameters'][parameter])

    def group_members(self, name):
        """Count the group's instances that really are COMPLETE in Heat."""
        answer = self._get(f'{self._path(name)}/resources', nested_depth=1)
        return sum(
            'parent_resource' in resource
            and resource['resource_status'].endswith('_COMPLETE')
            and resource['resource_status'] != 'DELETE_COMPLETE'
            for resource in answer['resources']
        )

    def servers(self, name, group):
        """Count the servers that exist for a group of a stack."""
        found = (self._directory / 'servers').glob(f'{name}-*{group}-*')
        return len(list(found))

    def limit_servers(self, limit, way):
        """Let there be no more servers than that.

        :param way: how one more fails: quota, host or image
        """
        (self._directory / 'limit').write_text(f'{limit} {way}')

    def make_room(self):
        """Let there be any number of servers."""
        (self._directory / 'limit').unlink(missing_ok=True)

    def patches(self, name):
        """Count the PATCH requests that came for a stack of the name."""
        lines = self.heat.log.read_text(errors='replace').splitlines()
        asked = re.compile(rf'REQUEST PATCH /v1/[^/]+/stacks/{name}/')
        return sum(bool(asked.match(line)) for line in lines)

    def wait_complete(self, name, timeout=120):
        """Wait until a stack is COMPLETE."""
        self._wait(
            name,
            lambda status: status and status.endswith('_COMPLETE'),
            timeout,
        )

    def _act(self, name, action):
        path = f'{self._path(name)}/actions'
        self._request('POST', path, json={action: None})

    def _wait(self, name, settled, timeout=120):
        deadline = time.monotonic() + timeout
        while not settled(status := self.status(name)):
            hopeless = status is None or status.endswith('_FAILED')
            if hopeless or time.monotonic() > deadline:
                row = self._row(name) or {}
                raise StackUnsettled(
                    f'{name} in {self.name} is {status}: '
                    f'{row.get("stack_status_reason")}'
                )
            time.sleep(POLL_INTERVAL)

    def _row(self, name):
        rows = self._get('/stacks', name=name)['stacks']
        return next(iter(rows), None)

    def _path(self, name):
        # By name and id: only a name is redirected, without its query.
        return f'/stacks/{name}/{self._row(name)["id"]}'

    def _get(self, path, **params):
        return self._request('GET', path, params=params).json()

    def _request(self, method, path, **arguments):
        return self._heat.request(
            path,
            method,
            raise_exc=True,
            # Heat cannot check a token while a busy Keystone does not answer.
            retriable_status_codes=[503],
            status_code_retries=3,
            **arguments,
        )
