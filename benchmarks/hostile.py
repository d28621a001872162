# SPDX-License-Identifier: Apache-2.0
"""Clients that keep connections and never finish a request.

python -m benchmarks.hostile PORT CONNECTIONS ADDRESSES

Each sends a byte of a header each second, and connects again when it is cut
off. It prints a line when all have connected once.
"""

import asyncio
import itertools
import sys

_HEAD = b'GET /v1/stacks HTTP/1.1\r\nHost: x\r\nX-Padding: '
_PAUSE = 1


async def _occupy(port, address, connected):
    while True:
        try:
            _, writer = await asyncio.open_connection(
                '127.0.0.1', port, local_addr=(address, 0)
            )
            connected()
            writer.write(_HEAD)
            while True:
                await writer.drain()
                await asyncio.sleep(_PAUSE)
                writer.write(b'x')
        except OSError:
            await asyncio.sleep(_PAUSE)


async def _run(port, connections, addresses):
    number = itertools.count(1)

    def connected():
        if next(number) == connections:
            print('connected', flush=True)

    await asyncio.gather(
        *(
            _occupy(port, f'127.0.1.{1 + n % addresses}', connected)
            for n in range(connections)
        )
    )


if __name__ == '__main__':
    asyncio.run(_run(*map(int, sys.argv[1:])))
