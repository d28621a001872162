# SPDX-License-Identifier: Apache-2.0
"""The plugin of python-openstackclient: ``openstack multicloud ...``."""

from osc_lib import utils

from heat_spreader.sdk import multicloud

API_NAME = 'multicloud'
API_VERSION_OPTION = 'os_multicloud_api_version'
API_VERSIONS = ('1', '1.0')
DEFAULT_API_VERSION = '1'


def make_client(instance):
    """Make the proxy of the service, with the connection of the shell."""
    return multicloud.connect(instance.sdk_connection)


def build_option_parser(parser):
    """Add the global option of the plugin."""
    parser.add_argument(
        '--os-multicloud-api-version',
        metavar='<multicloud-api-version>',
        default=utils.env('OS_MULTICLOUD_API_VERSION'),
        help='Multicloud API version, '
        f'default={DEFAULT_API_VERSION} (Env: OS_MULTICLOUD_API_VERSION)',
    )
    return parser
