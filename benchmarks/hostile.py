# SPDX-License-Identifier: Apache-2.0
"""Clients that keep connections and never finish a request.

python -m benchmarks.hostile PORT KIND CONNECTIONS ADDRESSES

Each connects again a second after it is cut off. It prints a line when all
have connected once.
"""

import asyncio
import dataclasses
import itertools
import sys

_HEAD = b'GET /v1/stacks HTTP/1.1\r\nHost: x\r\nX-Padding: '
_BODY = (
    b'POST /v1/stacks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json'
    b'\r\nContent-Length: 100000\r\n\r\n{'
)
_PAUSE = 1


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a client does with a connection.

    :param sent: at once
    :param more: each second after that
    :param half_closed: whether it then closes its side, and only reads
    """

    sent: bytes = b''
    more: bytes = b''
    half_closed: bool = False


KINDS = {
    'idle': Kind(),
    'slow-header': Kind(_HEAD, b'x'),
    'slow-body': Kind(_BODY, b' '),
    # Just less than what the server refuses.
    'large-header': Kind(_HEAD + b'x' * 15_000, b'x'),
    'half-closed': Kind(_HEAD, half_closed=True),
    'refused': Kind(_HEAD + b'x' * 20_000),
}


async def _occupy(kind, port, address, connected):
    while True:
        try:
            reader, writer = await asyncio.open_connection(
                '127.0.0.1', port, local_addr=(address, 0)
            )
            connected()
            await _use(kind, reader, writer)
        except OSError:
            pass
        await asyncio.sleep(_PAUSE)


async def _use(kind, reader, writer):
    """Use a connection until the server has closed it."""
    try:
        writer.write(kind.sent)
        if kind.half_closed:
            writer.write_eof()
        ended = asyncio.ensure_future(reader.read(65536))
        while not ended.done():
            await asyncio.wait([ended], timeout=_PAUSE)
            writer.write(kind.more)
        ended.result()
    finally:
        writer.close()


async def _run(port, kind, connections, addresses):
    number = itertools.count(1)

    def connected():
        if next(number) == connections:
            print('connected', flush=True)

    await asyncio.gather(
        *(
            _occupy(kind, port, f'127.0.1.{1 + n % addresses}', connected)
            for n in range(connections)
        )
    )


if __name__ == '__main__':
    _port, _kind, _connections, _addresses = sys.argv[1:]
    asyncio.run(
        _run(int(_port), KINDS[_kind], int(_connections), int(_addresses))
    )
