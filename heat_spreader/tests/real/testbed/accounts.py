# SPDX-License-Identifier: Apache-2.0
"""The accounts of a testbed cloud: users, their projects and roles."""

import dataclasses

import openstack

REGION = 'RegionOne'


@dataclasses.dataclass(frozen=True)
class Account:
    """A user with roles in one project."""

    name: str
    project: str
    roles: tuple[str, ...]

    @property
    def password(self):
        """The password: nothing else, so a leak is found by searching."""
        return f'secret-of-{self.name}'

    def auth(self, auth_url):
        """Give the account's credentials as keystoneauth names them."""
        return {
            'auth_url': auth_url,
            'username': self.name,
            'password': self.password,
            'project_name': self.project,
            'user_domain_name': 'Default',
            'project_domain_name': 'Default',
        }

    def connect(self, auth_url, timeout=60):
        """Open a connection to a cloud as this user."""
        return openstack.connect(
            auth=self.auth(auth_url),
            region_name=REGION,
            api_timeout=timeout,
            # Ignore the configuration of this machine's user.
            load_yaml_config=False,
            load_envvars=False,
        )


ADMIN = Account('admin', 'admin', ('admin',))
HEAT = Account('heat', 'service', ('admin',))
MULTICLOUD = Account('multicloud', 'service', ('admin', 'service'))
SPREADER = Account('spreader', 'spreader', ('member', 'heat_stack_owner'))
# Another user of the project of the stacks.
DEPUTY = Account('deputy', 'spreader', ('member', 'heat_stack_owner'))
ALICE = Account('alice', 'demo', ('member',))
RITA = Account('rita', 'demo', ('reader',))
BOB = Account('bob', 'other', ('member',))

CREATED = (HEAT, MULTICLOUD, SPREADER, DEPUTY, ALICE, RITA, BOB)
NAMED = {account.name: account for account in (ADMIN, *CREATED)}

HEAT_ROLES = ('heat_stack_owner', 'heat_stack_user')


def create(connection):
    """Create all that bootstrapping a Keystone leaves out."""
    identity = connection.identity
    for role in HEAT_ROLES:
        identity.create_role(name=role)
    roles = {role.name: role for role in identity.roles()}
    projects = {
        name: identity.create_project(name=name, domain_id='default')
        for name in sorted({account.project for account in CREATED})
    }
    for account in CREATED:
        user = identity.create_user(
            name=account.name,
            password=account.password,
            domain_id='default',
        )
        for role in account.roles:
            identity.assign_project_role_to_user(
                projects[account.project], user, roles[role]
            )


def exchange_roles(connection, account, taken, given):
    """Take roles from an account in its project, and give it others."""
    identity = connection.identity
    project = identity.find_project(account.project)
    user = identity.find_user(account.name)
    for role in given:
        identity.assign_project_role_to_user(
            project, user, identity.find_role(role)
        )
    for role in taken:
        identity.unassign_project_role_from_user(
            project, user, identity.find_role(role)
        )


def register_service(connection, service_type, name, url):
    """Enter a service in the catalog, or move it to another URL."""
    identity = connection.identity
    service = identity.find_service(name) or identity.create_service(
        type=service_type, name=name
    )
    for endpoint in identity.endpoints(service_id=service.id):
        identity.delete_endpoint(endpoint)
    for interface in ('public', 'internal', 'admin'):
        identity.create_endpoint(
            service_id=service.id,
            interface=interface,
            region_id=REGION,
            url=url,
        )
