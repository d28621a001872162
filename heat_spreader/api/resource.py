# SPDX-License-Identifier: Apache-2.0
"""How a URL finds its handler."""

import pecan

from heat_spreader import exception

METHODS = ('DELETE', 'GET', 'PATCH', 'POST', 'PUT')


class Resource:
    """A URL: its HTTP methods are its methods, its children are looked up.

    pecan's RestController looks every part of a path up among the attributes
    of the controller, and takes the method from a parameter. Here nothing is
    guessed, so a stack may have any name, and DELETE is DELETE.
    """

    def child(self, name):
        """The resource below this one, None where there is none."""

    def methods(self):
        """The HTTP methods that this URL takes."""
        return [name for name in METHODS if hasattr(self, name.lower())]


class Root(Resource):
    """The resource that pecan starts from."""

    @pecan.expose()
    def _route(self, path, request):
        """The handler of a request, found from here down.

        :raises NotFound: if the URL is nobody's
        :raises MethodNotAllowed: if it is not for this method
        """
        if path and not path[-1]:
            path = path[:-1]
        found = self
        for name in path:
            found = found.child(name)
            if found is None:
                raise exception.NotFound
        methods = found.methods()
        if not methods:
            raise exception.NotFound
        if request.method not in methods:
            raise exception.MethodNotAllowed(
                method=request.method, allow=', '.join(methods)
            )
        return getattr(found, request.method.lower()), []
