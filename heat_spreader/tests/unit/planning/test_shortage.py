# SPDX-License-Identifier: Apache-2.0
"""The words of the clouds that mean that there is no room."""

from oslotest import base

from heat_spreader.planning import facts
from heat_spreader.planning import shortage

FAILED = 'Resource UPDATE failed: {}'
# What each service says, as Heat repeats it, and what people read.
SHORTAGES = {
    'Forbidden: resources.workers.resources[4].resources.server: Quota '
    'exceeded for instances: Requested 1, but already used 4 of 4 instances '
    '(HTTP 403) (Request-ID: req-1)': 'quota: instances',
    'Forbidden: resources[1]: Quota exceeded for cores, ram: Requested 8, '
    '16384, but already used 16, 32768 of 20, 40960 cores, ram (HTTP 403)': (
        'quota: cores, ram'
    ),
    'Forbidden: resources[1]: Quota exceeded, too many servers in group '
    '(HTTP 403)': 'quota: servers in group',
    'OverQuotaClient: resources[2].resources.port: Quota exceeded for '
    "resources: ['port'].": 'quota: port',
    "OverQuotaClient: resources[2]: Quota exceeded for resources: ['port', "
    "'floatingip'].": 'quota: port, floatingip',
    'Forbidden: resources.lb: Quota has been met for resources: Load Balancer '
    '(HTTP 403)': 'quota: Load Balancer',
    'OverLimit: resources[3]: VolumeLimitExceeded: Maximum number of volumes '
    "allowed (10) exceeded for quota 'volumes'. (HTTP 413)": 'quota: volumes',
    'OverLimit: resources[3]: VolumeSizeExceedsAvailableQuota: Requested '
    'volume or snapshot exceeds allowed gigabytes quota. Requested 10G, quota '
    'is 1000G and 995G has been consumed. (HTTP 413)': 'quota: gigabytes',
    'ResourceInError: resources[5]: Went to status ERROR due to "Message: No '
    'valid host was found. There are not enough hosts available., Code: '
    '500"': 'no valid host',
    'ResourceInError: resources[5]: Went to status ERROR due to "Message: '
    'Exceeded maximum number of retries. Exceeded max scheduling attempts 3 '
    'for instance 1. Last exception: Insufficient compute resources: Free '
    'memory 100.00 MB < requested 512 MB., Code: 500"': (
        'insufficient compute resources'
    ),
    'IpAddressGenerationFailureClient: resources[1].resources.port: No more '
    'IP addresses available on network 3e2b.': 'no free address',
    'RequestLimitExceeded: resources.workers: Request limit exceeded: Maximum '
    'resources per stack exceeded.': facts.HEAT_LIMIT,
}
OTHERS = (
    'ResourceInError: resources[5]: Went to status ERROR due to "Message: '
    'Image 7 could not be found., Code: 404"',
    'Forbidden: resources[1]: Policy does not allow os_compute_api:servers:'
    'create to be performed. (HTTP 403)',
    'OverLimit: resources[1]: This request was rate-limited. (HTTP 413)',
    'RequestLimitExceeded: resources.group: Request limit exceeded: Recursion '
    'depth exceeds 5.',
    'StackValidationFailed: resources.workers: Property error: count: 12 is '
    'out of range (min: 0, max: 6)',
    'Stack UPDATE cancelled',
    'UPDATE timed out',
    '',
    None,
)


class TestShortage(base.BaseTestCase):
    def test_want_of_room_is_recognised_with_what_there_is_no_room_for(self):
        for reason, short in SHORTAGES.items():
            found = shortage.of_text(FAILED.format(reason))
            self.assertEqual(shortage.Shortage(short), found, reason)

    def test_no_other_failure_is_taken_for_it(self):
        for reason in OTHERS:
            self.assertIsNone(shortage.of_text(reason), reason)

    def test_what_is_shown_has_no_more_than_names(self):
        found = shortage.of_text(
            'Quota exceeded for <b>\x1b[31minstances</b>: Requested 1'
        )
        self.assertEqual(shortage.Shortage('quota: b31minstancesb'), found)
        found = shortage.of_text(f'Quota exceeded for {"x" * 300}: Requested')
        self.assertLess(len(found.reason), 100)
