# SPDX-License-Identifier: Apache-2.0
"""Boot real clouds, and keep them until ctrl-C."""

import argparse
import logging
import signal

from heat_spreader.tests.real.testbed import testbed

MESSAGE = """
The clouds are ready: {names}. In another shell:

  export OS_CLIENT_CONFIG_FILE={clouds_yaml}
  openstack --os-cloud {first} stack list

Logs and configurations are beside that file; ctrl-C deletes all of it.
"""


def main():
    """Boot the clouds, print how to use them, wait."""
    parser = argparse.ArgumentParser(
        prog='python -m heat_spreader.tests.real.testbed',
        description='Boot real Keystones and Heats on this machine.',
    )
    parser.add_argument(
        '--clouds', type=int, default=3, help='how many clouds (default: 3)'
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logging.getLogger('heat_spreader').setLevel(logging.INFO)
    # Both leave by way of the context manager; a shell's background job
    # would ignore ctrl-C's signal otherwise.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _run(_names(arguments.clouds))
    except KeyboardInterrupt:
        print('The clouds are gone.')


def _run(names):
    with testbed.Testbed(names) as bed:
        print(
            MESSAGE.format(
                names=', '.join(names),
                clouds_yaml=bed.clouds_yaml,
                first=names[0],
            ),
            flush=True,
        )
        signal.pause()


def _names(count):
    more = [f'cloud{number}' for number in range(4, count + 1)]
    return [*testbed.NAMES, *more][:count]


if __name__ == '__main__':
    main()
