# SPDX-License-Identifier: Apache-2.0
"""The URLs of the API::

    /                                   GET
    /v1                                 GET
    /v1/stacks                          GET POST
    /v1/stacks/{id}                     DELETE GET PATCH
    /v1/stacks/{id}/weights/{cloud}     DELETE PUT
    /v1/stacks/{id}/events              GET
    /v1/clouds                          GET
    /v1/clouds/{name}                   GET

The middleware answers /healthcheck.
"""

import pecan

from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.api.controllers import clouds
from heat_spreader.api.controllers import stacks


class V1(resource.Resource):
    def __init__(self, conf):
        self.children = {
            'stacks': stacks.Stacks(conf),
            'clouds': clouds.Clouds(conf),
        }

    def child(self, name):
        return self.children.get(name)

    @pecan.expose('json')
    def get(self):
        """Say what this version is."""
        request.query(schemas.NO_QUERY)
        return views.version(pecan.request.application_url)


class Root(resource.Root):
    def __init__(self, conf):
        self.v1 = V1(conf)

    def child(self, name):
        return self.v1 if name == 'v1' else None

    @pecan.expose('json')
    def get(self):
        """Say which versions there are."""
        request.query(schemas.NO_QUERY)
        return views.versions(pecan.request.application_url)
