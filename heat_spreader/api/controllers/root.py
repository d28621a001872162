# SPDX-License-Identifier: Apache-2.0
"""The resource of each route. The middleware answers /healthcheck."""

import pecan

from heat_spreader import routes
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.api.controllers import clouds
from heat_spreader.api.controllers import engines
from heat_spreader.api.controllers import events
from heat_spreader.api.controllers import previews
from heat_spreader.api.controllers import readiness
from heat_spreader.api.controllers import stacks
from heat_spreader.api.controllers import witnesses


class Versions(resource.Resource):
    @pecan.expose('json')
    def get(self):
        """List the versions of the API."""
        request.query(schemas.NO_QUERY)
        return views.versions(pecan.request.application_url)


class Version(resource.Resource):
    @pecan.expose('json')
    def get(self):
        """Show version 1 of the API."""
        request.query(schemas.NO_QUERY)
        return views.version(pecan.request.application_url)


RESOURCES = {
    routes.VERSIONS: Versions,
    routes.VERSION: Version,
    routes.STACKS: stacks.Stacks,
    routes.STACKS_PREVIEW: previews.NewStack,
    routes.STACK: stacks.Stack,
    routes.STACK_PREVIEW: previews.Stack,
    routes.WEIGHT: stacks.Weight,
    routes.STACK_EVENTS: stacks.Events,
    routes.EVENTS: events.Events,
    routes.CLOUDS: clouds.Clouds,
    routes.CLOUD: clouds.Cloud,
    routes.CLOUD_EVENTS: clouds.Events,
    routes.CLOUDS_READINESS: readiness.Clouds,
    routes.CLOUD_READINESS: readiness.Cloud,
    routes.ENGINES: engines.Engines,
    routes.WITNESSES: witnesses.Witnesses,
}
