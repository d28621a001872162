# SPDX-License-Identifier: Apache-2.0
"""Send requests over several connections: a client with its own process.

It reads one JSON document and prints one: see send().
"""

import asyncio
import dataclasses
import json
import sys
import time

import aiohttp

from benchmarks import emulation
from heat_spreader.tests import process

_TIMEOUT = 600


@dataclasses.dataclass(frozen=True)
class Sent:
    """What requests have taken.

    :param seconds: from the first request to the last answer
    :param latencies: seconds of each request
    :param cpu: seconds of CPU of the client
    :param refused: how often the answer was 503; the request was then sent
        again, and has taken the time of both
    """

    seconds: float
    latencies: list
    cpu: float
    refused: int

    @property
    def each(self):
        """Milliseconds for each request."""
        return self.seconds / len(self.latencies) * 1000

    @property
    def p99(self):
        """Milliseconds within which 99 % of the requests were answered."""
        ordered = sorted(self.latencies)
        return ordered[len(ordered) * 99 // 100] * 1000


def send(servers, method, paths, body=None, connections=4):
    """Send requests in a process of their own; wait for all answers.

    :param servers: URLs; each gets its share of the requests
    :param paths: one for each request
    :param connections: to each server
    """
    wanted = {
        'servers': servers,
        'method': method,
        'paths': paths,
        'body': body,
        'connections': connections,
    }
    done = process.run(
        *(sys.executable, '-m', __name__),
        input=json.dumps(wanted),
        cwd=emulation.TOP,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    return Sent(**json.loads(done.stdout))


async def _send(servers, method, paths, body, connections):
    left, latencies, refused = iter(paths), [], 0

    async def use_connection(session, server):
        nonlocal refused
        for path in left:
            at = time.perf_counter()
            while await _request(session, method, server + path, body) == 503:
                refused += 1
            latencies.append(time.perf_counter() - at)

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0)
    ) as session:
        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(
            *(
                use_connection(session, server)
                for server in servers * connections
            )
        )
        return {
            'seconds': time.perf_counter() - begun,
            'latencies': latencies,
            'cpu': time.process_time() - cpu,
            'refused': refused,
        }


async def _request(session, method, url, body):
    async with session.request(method, url, json=body) as answer:
        text = await answer.text()
    if answer.status not in {200, 503}:
        raise AssertionError(f'{method} {url}: {answer.status}: {text}')
    return answer.status


if __name__ == '__main__':
    print(json.dumps(asyncio.run(_send(**json.load(sys.stdin)))))
