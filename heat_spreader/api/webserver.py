# SPDX-License-Identifier: Apache-2.0
"""The web server of heat-spreader-api: waitress, with limits for clients.

One thread reads and writes for all clients, and the others have whole
requests only. So a slow client occupies a connection and no thread; when there
are too many connections, the one that has waited longest for its client goes.
"""

import socket
import threading
import time

from waitress import adjustments
from waitress import channel
from waitress import server
from waitress import task

from heat_spreader.api import webrequest

# More than any limit of connections: beyond that one, a connection is closed
# here, where waitress would accept no more.
_NO_LIMIT = 1_000_000
# Seconds after which a request that ended is noticed while the server stops.
_TURN = 0.1
# Seconds for the threads to end when nothing is in flight.
_END = 5
# Bytes of a piece of a request that is small, and how many such pieces are
# read as they come.
_PIECE = 512
_FREE_PIECES = 3
# Seconds after which the next small piece of each such request is read.
_REST = 0.1
# Connections that the kernel keeps until they are accepted.
_BACKLOG = 1024


class _Task(task.WSGITask):
    """A request that the application answers."""

    def build_response_header(self):
        if self.channel.server.stopping.is_set():
            self.set_close_on_finish()
        return super().build_response_header()


class Channel(channel.HTTPChannel):
    """The connection of a client.

    ``since``: when the server began to wait for the client, for a request or
    until it reads its answer. ``rests``: whether nothing is read from it for a
    moment, since it sends its request in small pieces.
    """

    task_class = _Task
    error_task_class = webrequest.Refusal
    parser_class = webrequest.Parser

    rests = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.since = self.creation_time
        self._pieces = 0
        self.server.make_room(self)

    def readable(self):
        """Whether to read from the client now, as waitress asks."""
        return not self.rests and super().readable()

    def received(self, data):
        """Take what a client has sent, as waitress asks."""
        if self.request is None:
            self.since = time.time()
            self._pieces = 0
        taken = super().received(data)
        if self.request is not None and len(data) < _PIECE:
            self._pieces += 1
            if self._pieces > _FREE_PIECES:
                self.server.rest(self)
        return taken

    def service(self):
        """Answer a request, as waitress asks."""
        super().service()
        self.since = time.time()

    @property
    def waits(self):
        """Whether the server waits for the client."""
        return not self.requests

    @property
    def idle(self):
        """Whether nothing of a request or of an answer is under way."""
        return (
            self.waits and self.request is None and not self.total_outbufs_len
        )


class Server(server.TcpWSGIServer):
    """A web server that listens.

    ``aborted``: whether requests were in flight when it ended.

    :param options: the [api] options
    :param max_body: how many bytes the body of a request may have
    :raises OSError: if it cannot listen
    """

    channel_class = Channel

    def __init__(self, application, options, max_body):
        self.options = options
        self.stopping = threading.Event()
        self.aborted = False
        # A signal may come while the thread of serve() has it.
        self._lock = threading.RLock()
        self._ended = False
        self._resting = []
        self._rest_ends = 0.0
        listening = _listen(str(options.host), options.port)
        super().__init__(
            application,
            _sock=listening,
            bind_socket=False,
            sockinfo=(
                *(listening.family, listening.type, listening.proto),
                listening.getsockname(),
            ),
            adj=adjustments.Adjustments(
                threads=options.threads,
                ident=None,
                max_request_header_size=webrequest.MAX_HEAD,
                max_request_body_size=max_body + 1,
                connection_limit=_NO_LIMIT,
                cleanup_interval=1,
                log_socket_errors=False,
                # oslo.middleware decides whether a proxy is trusted.
                clear_untrusted_proxy_headers=False,
            ),
        )

    def serve(self):
        """Serve until stop(), then finish the requests in flight."""
        while not self.stopping.is_set():
            self._turn(self.adj.asyncore_loop_timeout)
        self.del_channel(self._map)
        self.socket.close()
        deadline = time.monotonic() + self.options.shutdown_timeout
        while self._close_idle() and time.monotonic() < deadline:
            self._turn(_TURN)
        left = list(self.active_channels.values())
        self.aborted = bool(left)
        for each in left:
            each.handle_close()
        self.task_dispatcher.shutdown(timeout=0 if self.aborted else _END)
        with self._lock:
            self._ended = True
            self.trigger.close()

    def stop(self):
        """Have serve() end; any thread may call this."""
        self.stopping.set()
        self.pull_trigger()

    def pull_trigger(self):
        """Have serve() look at what has changed, unless it has ended."""
        with self._lock:
            # The descriptor may be that of another file by then.
            if not self._ended:
                super().pull_trigger()

    def rest(self, client):
        """Read nothing from a client for a moment.

        Each turn asks every connection whether it has anything to do, so a
        turn for each byte of many clients would keep the others waiting.
        """
        client.rests = True
        self._resting.append(client)

    def _turn(self, timeout):
        if self._resting:
            timeout = min(timeout, _REST)
        # select() knows no more than 1,024 files.
        self.asyncore.loop(timeout, use_poll=True, map=self._map, count=1)
        now = time.monotonic()
        if self._resting and now >= self._rest_ends:
            for each in self._resting:
                each.rests = False
            self._resting.clear()
            self._rest_ends = now + _REST

    def _close_idle(self):
        """Close what is idle; return whether anything is left."""
        for each in list(self.active_channels.values()):
            if each.idle:
                each.handle_close()
        return bool(self.active_channels)

    def make_room(self, new):
        """Close a connection if a new one is one too many."""
        every = list(self.active_channels.values())
        same = [each for each in every if each.addr[0] == new.addr[0]]
        for found, limit in (
            (same, self.options.connections_per_address),
            (every, self.options.connections),
        ):
            if limit and len(found) > limit:
                waiting = [each for each in found if each.waits]
                min(waiting, key=lambda each: each.since).handle_close()
                return

    def maintenance(self, now):
        """Close what has waited too long for its client."""
        begin = now - self.options.client_timeout
        for each in list(self.active_channels.values()):
            if each.waits and each.since < begin:
                each.handle_close()


def _listen(host, port):
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(
        address[:2],
        family=family,
        backlog=_BACKLOG,
        # "::" is every address of both kinds.
        dualstack_ipv6=address[0] == '::' and socket.has_dualstack_ipv6(),
    )
