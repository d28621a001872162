# SPDX-License-Identifier: Apache-2.0
"""A multicloud service that exists only in requests-mock."""

import fixtures
from openstack import config
from openstack import connection
from requests_mock.contrib import fixture as requests_mock_fixture

from heat_spreader.sdk import multicloud

URL = 'http://multicloud.test:8784'
STACK_ID = '6a3f4e0c-7c5b-4f0d-9a52-0d8f9e1b2c3d'
STACKS = f'{URL}/v1/stacks'
STACK = f'{STACKS}/{STACK_ID}'
CLOUDS = f'{URL}/v1/clouds'
EVENTS = f'{URL}/v1/events'

VERSION = {
    'id': 'v1',
    'status': 'CURRENT',
    'min_version': '1.0',
    'version': '1.0',
    'links': [{'rel': 'self', 'href': f'{URL}/v1'}],
}


class Service(fixtures.Fixture):
    """The version documents, and a proxy of openstacksdk to ask through.

    ``requests`` is the mock, in which each test sets the answers.
    """

    def __init__(self, **auth):
        self.auth = auth or {'auth_type': 'none', 'auth': {'endpoint': URL}}

    def _setUp(self):
        self.requests = self.useFixture(requests_mock_fixture.Fixture())
        self.requests.get(URL, json={'versions': [VERSION]})
        self.requests.get(f'{URL}/v1', json={'version': VERSION})
        # Neither a clouds.yaml nor a variable of this machine is read.
        files = config.OpenStackConfig(
            load_yaml_config=False, load_envvars=False
        )
        self.connection = connection.Connection(
            config=files.get_one(**self.auth)
        )

    @property
    def client(self):
        """The proxy, made at the first use."""
        return multicloud.connect(self.connection)

    @property
    def last(self):
        """The last request."""
        return self.requests.last_request


class Clock(fixtures.Fixture):
    """The time of openstacksdk, which passes only while it sleeps.

    ``meanwhile`` is called in each sleep.
    """

    def __init__(self, meanwhile=lambda: None):
        self.meanwhile = meanwhile
        self.now = 0
        self.slept = []

    def _setUp(self):
        self.useFixture(fixtures.MonkeyPatch('openstack.utils.time', self))

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.slept.append(seconds)
        self.meanwhile()


def member(cloud='athens', **values):
    """A member as the API shows it."""
    return {
        'cloud': cloud,
        'weight': 0.6,
        'effective_weight': 0.6,
        'min_count': 0,
        'max_count': None,
        'target': 6,
        'count': 6,
        'ready': 6,
        'state': 'OK',
        'reason': '',
        'since': '2026-11-22T09:00:00Z',
        'retry_at': None,
        'admin_state': 'ENABLED',
        'admin_from': None,
        'admin_until': None,
        'admin_reason': '',
        'heat_id': 'e1',
        'heat_status': 'UPDATE_COMPLETE',
        'cap': None,
        'cap_until': None,
        'cap_reason': '',
        'updated_at': '2026-11-22T10:00:00Z',
    } | values


def stack(**values):
    """A stack as the API shows it."""
    return {
        'id': STACK_ID,
        'name': 'web',
        'project_id': 'p1',
        'user_id': 'u1',
        'stack_name': 'web',
        'count': 10,
        'placed': 10,
        'count_parameter': 'size',
        'weights': {'athens': 0.6, 'berlin': 0.4},
        'failover': 'even',
        'failback': 'auto',
        'paused': False,
        'status': 'ACTIVE',
        'status_reason': '',
        'generation': 1,
        'observed_generation': 1,
        'unplaced': 0,
        'readiness': {'survives': True, 'unplaced': {}, 'frozen': []},
        'created_at': '2026-11-22T10:00:00Z',
        'updated_at': '2026-11-22T10:00:00Z',
        'members': [
            member(),
            member(
                'berlin',
                weight=0.4,
                effective_weight=0.4,
                target=4,
                count=4,
                ready=4,
            ),
        ],
    } | values


def preview(**values):
    """A preview as the API shows it."""
    return {
        'stack_id': STACK_ID,
        'name': 'web',
        'count': 10,
        'placed': 10,
        'status': 'DEGRADED',
        'status_reason': 'cairo has been unreachable since yesterday.',
        'unplaced': 0,
        'members': [
            {
                'cloud': 'athens',
                'weight': 0.6,
                'effective_weight': 0.7,
                'min_count': 0,
                'max_count': None,
                'count': 6,
                'ready': 6,
                'target_now': 6,
                'target_then': 7,
                'state': 'OK',
                'reason': '',
                'why': ['10 x 0.6 = 6.0.', 'Target: 7.'],
                'waits': ['6 -> 7 is the next update, because of cairo.'],
            }
        ],
        'waves': [
            [{'cloud': 'athens', 'old': 6, 'new': 7, 'why': 'cairo is DOWN'}]
        ],
        'unread': [],
        'suggestions': [],
        'refusals': [],
        'notes': [],
    } | values


def error(detail, status=400, **headers):
    """The arguments of an answer that refuses a request."""
    return {
        'status_code': status,
        'json': {'errors': [{'status': status, 'detail': detail}]},
        'headers': {
            'Content-Type': 'application/json',
            'X-OpenStack-Request-Id': 'req-1',
            **headers,
        },
    }
