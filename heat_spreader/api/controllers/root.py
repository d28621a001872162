# SPDX-License-Identifier: Apache-2.0
"""The resource of each route. The middleware answers /healthcheck."""

import pecan

from heat_spreader import routes
from heat_spreader.api import answers
from heat_spreader.api import openapi
from heat_spreader.api import resource
from heat_spreader.api import views
from heat_spreader.api.controllers import clouds
from heat_spreader.api.controllers import engines
from heat_spreader.api.controllers import events
from heat_spreader.api.controllers import previews
from heat_spreader.api.controllers import readiness
from heat_spreader.api.controllers import stacks
from heat_spreader.api.controllers import witnesses


class Versions(resource.Resource):
    @resource.operation(answer=answers.VERSIONS)
    def get(self):
        """List the versions of the API."""
        self.query()
        return views.versions(pecan.request.application_url)


class Version(resource.Resource):
    @resource.operation(answer=answers.VERSION)
    def get(self):
        """Show version 1 of the API."""
        self.query()
        return views.version(pecan.request.application_url)


class Description(resource.Resource):
    @resource.operation(answer=answers.DESCRIPTION)
    def get(self):
        """Describe the API by OpenAPI."""
        self.query()
        return openapi.describe(RESOURCES, pecan.request.application_url)


RESOURCES = {
    routes.VERSIONS: Versions,
    routes.VERSION: Version,
    routes.DESCRIPTION: Description,
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
