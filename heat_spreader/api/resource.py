# SPDX-License-Identifier: Apache-2.0
"""How a URL finds its handler, and what a handler takes and answers."""

import dataclasses
import functools
import inspect

import pecan

from heat_spreader import exception
from heat_spreader import routes
from heat_spreader.api import request
from heat_spreader.api import schemas


@dataclasses.dataclass(frozen=True)
class Operation:
    """What a method of a URL takes and answers.

    ``summary``: what it does, in a sentence. ``answer``: the schema of the
    body of the response, None for no body. ``body``: that of the request, None
    if it has none. ``errors``: the statuses that only what it does can have;
    openapi.py adds those of every request with such a URL and body.
    """

    summary: str
    answer: dict | None
    status: int = 200
    body: dict | None = None
    query: dict = dataclasses.field(default_factory=lambda: schemas.NO_QUERY)
    errors: tuple[int, ...] = ()


def operation(**fields):
    """Make a method of a resource a handler; takes the fields of Operation.

    The summary is its docstring.
    """

    def decorate(handler):
        described = Operation(inspect.getdoc(handler), **fields)

        @functools.wraps(handler)
        def handle(self):
            answer = handler(self)
            if described.answer is None:
                return pecan.Response(status=described.status)
            pecan.response.status = described.status
            return answer

        handle.operation = described
        return pecan.expose('json')(handle)

    return decorate


class Resource:
    """What is at a URL, for one request; its HTTP methods are its methods.

    The arguments of the URL are attributes, such as ``stack_id``.

    :param rule: the policy rule of the request, None if it needs none
    :param operation: what the method of the request takes, None if the URL
        does not have the method
    """

    def __init__(self, conf, rule, operation, **arguments):
        self.conf = conf
        self.rule = rule
        self.operation = operation
        vars(self).update(arguments)

    def body(self):
        """Return the JSON body of the request.

        :raises Invalid: if it is not JSON or does not match its schema
        :raises MediaTypeNotSupported: if its content type is not JSON
        """
        return request.body(self.operation.body)

    def query(self):
        """Return the query parameters, with the types that the schema has.

        :raises Invalid: if they do not match the schema
        """
        return request.query(self.operation.query)


class Dispatcher:
    """The root controller: finds the handler of every request.

    pecan's RestController looks each part of a path up among the attributes
    of the controller, and takes the method from a query parameter. Here the
    routes decide, so a stack or a cloud may have any name, and a DELETE is a
    DELETE.

    :param resources: the class of the resource by route
    """

    def __init__(self, conf, resources):
        self.conf = conf
        self.resources = resources

    @pecan.expose()
    def _route(self, path, request):
        """Return the handler of a request, as pecan asks for it.

        :raises NotFound: if there is nothing at the URL
        :raises MethodNotAllowed: if the URL does not have the method
        """
        method = request.method
        route, arguments = routes.find('/'.join(['', *path]))
        if route not in self.resources:
            raise exception.NotFound
        rules = routes.RULES[route]
        if method not in rules:
            raise exception.MethodNotAllowed(
                method=method, allow=', '.join(rules)
            )
        handler = method.lower()
        described = getattr(self.resources[route], handler).operation
        resource = self.resources[route](
            self.conf, rules[method], described, **arguments
        )
        return getattr(resource, handler), []
