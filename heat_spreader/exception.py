# SPDX-License-Identifier: Apache-2.0
"""Every exception of Heat Spreader, and the HTTP status it becomes.

::

    HeatSpreaderException                    500
     +-- Invalid                             400
     |    +-- CloudUnknown                   400
     +-- Unauthenticated                     401
     +-- Forbidden                           403
     |    +-- LimitReached                   403
     +-- NotFound                            404
     |    +-- StackNotFound                  404
     |    +-- CloudNotFound                  404
     |    +-- WeightNotFound                 404
     |    +-- MarkerNotFound                 400
     +-- MethodNotAllowed                    405
     +-- VersionNotSupported                 406
     +-- Conflict                            409
     |    +-- StackExists                    409
     |    +-- GenerationConflict             409
     |    +-- StackTaken                     409
     |    +-- NothingWaits                   409
     |    +-- CloudPlanned                   409
     |    +-- DrainRefused                   409
     |    +-- AdoptionRefused                409
     +-- TooLarge                            413
     +-- MediaTypeNotSupported               415
     +-- Unavailable                         503
     +-- ConfigurationInvalid                (start-up only)
     +-- CloudError                          (engine only)
          +-- CloudUnreachable
          +-- CloudFault
          +-- CloudUnauthorized
          +-- CloudMisconfigured
          +-- CloudThrottled
          |    +-- CloudPaused
          +-- RemoteStackNotFound
          +-- RemoteGroupUnknown
          +-- RemoteRejected
          +-- RemoteBusy

``error_code`` is part of the API: once published, it never changes. The
message is for people.
"""


class HeatSpreaderException(Exception):
    """The base class: a message template, an HTTP status and an error code.

    :param hint: what to do, or which name may be meant; it follows the message
    """

    template = 'An unexpected error occurred.'
    status = 500
    error_code = 'multicloud.internal'
    # Headers of the response, by name.
    headers = {}

    def __init__(self, message=None, hint='', **fields):
        self.fields = fields
        self.hint = hint
        text = message or self.template.format(**fields)
        super().__init__(f'{text.rstrip()} {hint}'.rstrip())


class Invalid(HeatSpreaderException):
    template = 'The request is not valid.'
    status = 400
    error_code = 'multicloud.invalid'


class CloudUnknown(Invalid):
    template = "There is no cloud '{cloud}'."
    error_code = 'multicloud.cloud.unknown'


class Unauthenticated(HeatSpreaderException):
    template = 'The request requires authentication.'
    status = 401
    error_code = 'multicloud.unauthenticated'
    headers = {
        'WWW-Authenticate': 'Basic realm="heat-spreader", charset="UTF-8"'
    }


class Forbidden(HeatSpreaderException):
    template = "The policy rule '{rule}' does not allow the request."
    status = 403
    error_code = 'multicloud.forbidden'


class LimitReached(Forbidden):
    template = (
        'The project has {usage} stacks, and its limit is {limit}. Delete a '
        'stack that is not needed, or ask the operator for a higher limit: '
        '{source}.'
    )
    error_code = 'multicloud.limit'


class NotFound(HeatSpreaderException):
    template = 'There is nothing at this URL.'
    status = 404
    error_code = 'multicloud.not_found'


class StackNotFound(NotFound):
    template = "There is no stack '{stack}'."
    error_code = 'multicloud.stack.not_found'


class CloudNotFound(NotFound):
    template = "There is no cloud '{cloud}'."
    error_code = 'multicloud.cloud.not_found'


class WeightNotFound(NotFound):
    template = "The stack '{stack}' has no weight for the cloud '{cloud}'."
    error_code = 'multicloud.weight.not_found'


class MarkerNotFound(NotFound):
    template = "The marker '{marker}' is not the ID of an item of this list."
    status = 400
    error_code = 'multicloud.marker.not_found'


class MethodNotAllowed(HeatSpreaderException):
    template = (
        'The method {method} is not allowed for this URL. Allowed: {allow}.'
    )
    status = 405
    error_code = 'multicloud.method_not_allowed'

    @property
    def headers(self):
        return {'Allow': self.fields['allow']}


class VersionNotSupported(HeatSpreaderException):
    template = 'The API does not have this version.'
    status = 406
    error_code = 'multicloud.version_not_supported'


class Conflict(HeatSpreaderException):
    status = 409
    error_code = 'multicloud.conflict'


class StackExists(Conflict):
    template = "The project already has a stack named '{name}'."
    error_code = 'multicloud.stack.exists'


class GenerationConflict(Conflict):
    template = (
        'The stack is at generation {current}, the request is for '
        'generation {given}. Read the stack again and repeat the change.'
    )
    error_code = 'multicloud.stack.generation'


class StackTaken(Conflict):
    template = (
        "The Heat stack '{stack_name}' in the cloud '{cloud}' is already "
        'managed as part of another stack. Give this one another stack_name, '
        'or no weight for that cloud.'
    )
    error_code = 'multicloud.stack.taken'


class NothingWaits(Conflict):
    template = (
        "No cloud of the stack '{stack}' waits for failback. Clouds that are "
        'not back yet: {away}.'
    )
    error_code = 'multicloud.stack.failback'


class CloudPlanned(Conflict):
    template = (
        "The cloud '{cloud}' is already planned to be {state} from {begin} "
        'on. Cancel that first, then plan something else.'
    )
    error_code = 'multicloud.cloud.planned'


class DrainRefused(Conflict):
    """The drain of a cloud would do harm; the message has the numbers."""

    error_code = 'multicloud.cloud.drain'


class AdoptionRefused(Conflict):
    """What runs cannot be adopted, or is not adopted now."""

    error_code = 'multicloud.stack.adoption'


class TooLarge(HeatSpreaderException):
    template = (
        'The body of the request is larger than max_request_body_size in '
        '[oslo_middleware] allows.'
    )
    status = 413
    error_code = 'multicloud.too_large'


class MediaTypeNotSupported(HeatSpreaderException):
    template = (
        'The body must be JSON: send it with the header '
        '"Content-Type: application/json".'
    )
    status = 415
    error_code = 'multicloud.media_type_not_supported'


class Unavailable(HeatSpreaderException):
    template = 'The service cannot answer now. Try again later.'
    status = 503
    error_code = 'multicloud.unavailable'


class ConfigurationInvalid(HeatSpreaderException):
    """The configuration is invalid; the process does not start."""


class CloudError(HeatSpreaderException):
    """A failed call to a remote cloud, classified in clouds/failure.py.

    ``kinds`` are the classes of the exceptions that led to it.
    """

    kinds = ()


class CloudUnreachable(CloudError):
    """No answer: refused, reset, DNS, TLS, timeout, 502, 503 or 504."""


class CloudFault(CloudError):
    """An invalid answer: 500, or a body that is not Heat's."""


class CloudUnauthorized(CloudError):
    """401 or 403, or 400 from Keystone: the credentials are rejected."""


class CloudMisconfigured(CloudError):
    """What only our configuration explains; the message says what to correct.

    No entry or password, an auth_url that is no Keystone, no orchestration
    endpoint, or a certificate that does not verify.
    """


class CloudThrottled(CloudError):
    """429 or 413: the cloud asks for fewer requests.

    ``retry_after``: the seconds that it asks to wait for, at most
    MAX_RETRY_AFTER of clouds/failure.py; 0.0 where it does not ask for any.
    """

    def __init__(self, message, retry_after=0.0):
        super().__init__(message)
        self.retry_after = retry_after


class CloudPaused(CloudThrottled):
    """Nothing was sent, for the cloud has asked for fewer requests before.

    ``retry_after``: the seconds that are left.
    """


class RemoteStackNotFound(CloudError):
    """Heat reports EntityNotFound."""


class RemoteGroupUnknown(CloudError):
    """It cannot be found which group of a stack the parameter sizes."""


class RemoteRejected(CloudError):
    """400: Heat rejects the request; the message is Heat's own."""


class RemoteBusy(CloudError):
    """409: Heat works on the stack."""


def responses(kind=HeatSpreaderException):
    """The exceptions that become responses: those with a code of their own."""
    if 'error_code' in vars(kind):
        yield kind
    for child in kind.__subclasses__():
        yield from responses(child)


def codes(status=None):
    """The error codes, or those of the responses with a status, sorted."""
    return sorted(
        kind.error_code
        for kind in responses()
        if status in (None, kind.status)
    )
