# SPDX-License-Identifier: Apache-2.0
"""The proxy of the multicloud service."""

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import exceptions
from openstack import proxy
from openstack import resource
from openstack import utils

from heat_spreader.sdk import cloud as _cloud
from heat_spreader.sdk import engine as _engine
from heat_spreader.sdk import event as _event
from heat_spreader.sdk import paths
from heat_spreader.sdk import preview as _preview
from heat_spreader.sdk import readiness as _readiness
from heat_spreader.sdk import stack as _stack
from heat_spreader.sdk import wait as _wait
from heat_spreader.sdk import witness as _witness

# Temporary failures: of the service, or of a proxy before it.
TEMPORARY = (502, 503, 504)


class Proxy(proxy.Proxy):
    """Version 1 of the multicloud service."""

    api_version = '1'

    _resource_registry = {'cloud': _cloud.Cloud, 'stack': _stack.Stack}

    def request(self, url, method, *args, **kwargs):
        """Send a request; a status of 400 or more raises HttpException.

        Its ``details`` are the message of the service.
        """
        response = super().request(url, method, *args, **kwargs)
        try:
            exceptions.raise_from_response(response)
        except exceptions.HttpException as exc:
            exc.details = detail(response) or exc.details
            raise
        return response

    def stacks(self, **query):
        """List stacks: name, status, cloud, all_projects, sort, page."""
        return self._list(_stack.Stack, **query)

    def create_stack(self, **attrs):
        """Create a stack: manage the Heat stacks in its clouds.

        With ``adopt``, a list of clouds, and without ``count`` and
        ``weights``, it is one that is only read, to be adopted::

            stack = client.create_stack(
                name='web', count_parameter='size', adopt=['athens', 'berlin']
            )
            client.wait_for_reads(stack)
            client.update_stack(stack.id, adopt=['athens', 'berlin'])

        Delete it if it is not to be adopted; nothing is left behind.
        """
        return self._create(_stack.Stack, **attrs)

    def get_stack(self, stack):
        """Read a stack, given as its id or as a Stack."""
        return self._get(_stack.Stack, stack)

    def find_stack(self, name_or_id, ignore_missing=False):
        """Find a stack by its id, else by its exact name in the project."""
        return self._find(
            _stack.Stack, name_or_id, ignore_missing=ignore_missing
        )

    def update_stack(self, stack, **attrs):
        """Update the given attributes; ``weights`` replaces all weights.

        ``failback_now=True`` orders the failback that the stack waits for;
        ``retry_capacity=True`` tries now what found no room.
        ``adopt``: as in create_stack(); the total and the weights become what
        runs in these clouds.
        """
        return self._update(_stack.Stack, stack, **attrs)

    def preview_stack(self, stack=None, **body):
        """Preview a new stack, a change, or what would happen to a stack.

        Nothing is changed::

            client.preview_stack(name='web', count=10, count_parameter='size')
            client.preview_stack(stack, count=20)
            client.preview_stack(stack, down=['athens'])

        :param stack: its id or a Stack; None for one that is to be created
        :param body: what create_stack() or update_stack() takes, and lists of
            clouds that are assumed to be down, drained or back
        """
        stack_id = stack and resource.Resource._get_id(stack)
        return _preview.Preview.request(self, stack_id, body)

    def delete_stack(self, stack, ignore_missing=True):
        """Delete a stack; the Heat stacks in the clouds stay as they are."""
        self._delete(_stack.Stack, stack, ignore_missing=ignore_missing)

    def set_weight(self, stack, cloud, weight):
        """Set the weight of one cloud in a stack, and return the stack."""
        stack = self._get_resource(_stack.Stack, stack)
        return stack.set_weight(self, cloud, weight)

    def unset_weight(self, stack, cloud):
        """Remove a cloud from a stack; the Heat stack there stays."""
        self._get_resource(_stack.Stack, stack).unset_weight(self, cloud)

    def events(self, stack=None, **query):
        """List events, newest first: what happened to stacks and clouds.

        :param stack: the one stack, given as its id or as a Stack; the
            default is every stack of the project
        :param query: sort_dir, since, kind and cloud; without a stack
            all_projects, for administrators
        """
        if stack is None:
            return self._list(_event.Event, **query)
        path = resource.Resource._get_id(stack)
        return self._list(_event.StackEvent, stack_path=path, **query)

    def clouds(self):
        """List the clouds that the caller may use."""
        return self._list(_cloud.Cloud)

    def find_cloud(self, name, ignore_missing=False):
        """Find a cloud that the caller may use, by its name."""
        return self._find(_cloud.Cloud, name, ignore_missing=ignore_missing)

    def update_cloud(self, cloud, **body):
        """Order how a cloud is used, or declare its state; return the cloud.

        ::

            client.update_cloud('athens', admin_state='CORDONED')
            client.update_cloud('athens', declared='DOWN', until=until)
            client.update_cloud('athens', planned=None)

        :param cloud: its name, or a Cloud
        :param body: admin_state with from, until, reason, drill and force;
            or declared with until and reason; or planned, which is None
        """
        if not isinstance(cloud, _cloud.Cloud):
            cloud = _cloud.Cloud.existing(name=cloud)
        return cloud.order(self, **body)

    def cloud_events(self, cloud, **query):
        """List the events of a cloud, newest first (administrators only)."""
        path = paths.quote_cloud(cloud)
        return self._list(_event.CloudEvent, cloud_path=path, **query)

    def clouds_readiness(self):
        """What the loss of each cloud would do (administrators only)."""
        return self._list(_readiness.CloudReadiness)

    def cloud_readiness(self, cloud):
        """What the loss of a cloud would do (administrators only).

        :param cloud: its name
        """
        return _readiness.CloudReadiness.of_cloud(self, cloud)

    def engines(self):
        """List the engines that have not stopped (administrators only)."""
        return self._list(_engine.Engine)

    def witnesses(self):
        """List the witnesses (administrators only)."""
        return self._list(_witness.Witness)

    def wait_for_stack(
        self,
        stack,
        generation=None,
        interval=2,
        wait=3600,
        callback=None,
        paused=False,
    ):
        """Wait until the engine has applied a generation of a stack.

        It ends early where that does not happen by itself: the stack is
        ERROR, FROZEN or PAUSED, or no member can be changed.

        :param stack: its id or a Stack
        :param generation: the default is that of ``stack``, or for an id the
            one that it has now
        :param interval: seconds between two reads
        :param wait: the maximum seconds to wait; None waits forever
        :param callback: is called with the stack each time it was read
        :param paused: whether it is the pause that is waited for
        :returns: the stack as it was last read
        :raises ResourceFailure: if the engine cannot apply it
        :raises ResourceTimeout: if it has not after ``wait`` seconds
        """
        if not isinstance(stack, _stack.Stack):
            stack = self.get_stack(stack)
        if generation is None:
            generation = stack.generation
        message = (
            f"The stack '{stack.name}' is not ready after {wait} seconds; "
            'the engine continues with it.'
        )
        for _ in utils.iterate_timeout(wait, message, wait=interval):
            current = self.poll(self.get_stack, stack.id)
            if current is None:
                continue
            stack = current
            if callback:
                callback(stack)
            outcome = _wait.outcome(stack, generation, paused)
            if outcome is _wait.Outcome.FAILED:
                raise exceptions.ResourceFailure(
                    f"The stack '{stack.name}' is {stack.status}: "
                    f'{stack.status_reason} It does not end by itself.'
                )
            if outcome is _wait.Outcome.DONE:
                return stack

    def wait_for_reads(self, stack, interval=1, wait=300, callback=None):
        """Wait until the engine has tried to read each member of a stack.

        :param interval: seconds between two reads
        :param wait: the maximum seconds to wait; None waits forever
        :param callback: is called with the stack each time it was read
        :returns: the stack
        :raises ResourceTimeout: if some are not read after ``wait`` seconds
        """
        unread = []
        try:
            for _ in utils.iterate_timeout(wait, '', wait=interval):
                current = self.poll(self.get_stack, stack.id)
                if current is None:
                    continue
                if callback:
                    callback(current)
                unread = _wait.unread(current)
                if not unread:
                    return current
        except exceptions.ResourceTimeout:
            reasons = ' '.join(filter(None, (m['reason'] for m in unread)))
            raise exceptions.ResourceTimeout(
                f'Not every cloud was read within {wait} seconds. '
                + (
                    reasons
                    or f"No engine has looked at the stack '{stack.name}' yet."
                )
            ) from None

    def wait_for_drain(self, cloud, interval=5, wait=3600, callback=None):
        """Wait until a cloud is drained, and return the cloud.

        :param interval: seconds between two reads
        :param wait: the maximum seconds to wait; None waits forever
        :param callback: is called each time with the cloud, and with how many
            instances each stack has there, by its name
        :raises ResourceFailure: if the drain was ended
        :raises ResourceTimeout: if it goes on after ``wait`` seconds
        """
        message = (
            f"The cloud '{cloud.name}' is not drained after {wait} "
            'seconds; the engine continues with it.'
        )
        for _ in utils.iterate_timeout(wait, message, wait=interval):
            found = self.poll(self._read_drain, cloud.name)
            if found is None:
                continue
            cloud, left = found
            if callback:
                callback(cloud, left)
            outcome = _wait.drain_outcome(cloud)
            if outcome is _wait.Outcome.FAILED:
                raise exceptions.ResourceFailure(
                    f"The cloud '{cloud.name}' is {cloud.admin_state}: the "
                    'drain was ended.'
                )
            if outcome is _wait.Outcome.DONE:
                return cloud

    def _read_drain(self, name):
        """Read a cloud, and what its stacks have there."""
        cloud = self.find_cloud(name)
        stacks = self.stacks(cloud=name, all_projects=True)
        return cloud, _wait.left(name, stacks)

    def poll(self, read, *args):
        """Read something; None if the service is temporarily unavailable.

        :param read: what is called, with the arguments
        """
        try:
            return read(*args)
        except ksa_exceptions.RetriableConnectionFailure as exc:
            self.log.info('%s', exc)
        except exceptions.HttpException as exc:
            if exc.status_code not in TEMPORARY:
                raise
            self.log.info('%s', exc)


def detail(response):
    """The message of an error, or None if it is not from the service."""
    try:
        error = response.json()['errors'][0]
        return f'{error["detail"]}'
    except (ValueError, LookupError, TypeError):
        return None
