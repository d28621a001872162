# SPDX-License-Identifier: Apache-2.0
"""How a URL finds its handler."""

import pecan

from heat_spreader import exception
from heat_spreader import routes


class Resource:
    """What is at a URL, for one request; its HTTP methods are its methods.

    The arguments of the URL are attributes, such as ``stack_id``.

    :param rule: the policy rule of the request, None if it needs none
    """

    def __init__(self, conf, rule, **arguments):
        self.conf = conf
        self.rule = rule
        vars(self).update(arguments)


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
        resource = self.resources[route](
            self.conf, rules.get(method), **arguments
        )
        if method not in rules:
            raise exception.MethodNotAllowed(
                method=method, allow=', '.join(rules)
            )
        return getattr(resource, method.lower()), []
