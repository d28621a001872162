"""Create a stack over three clouds, wait for it, and double it."""

import openstack
from openstack import exceptions

from heat_spreader.sdk import multicloud

# An entry of clouds.yaml, with the credentials for Heat Spreader's Keystone.
connection = openstack.connect(cloud='home')
client = multicloud.connect(connection)

stack = client.create_stack(
    name='workers',
    count=10,
    count_parameter='size',
    weights={'athens': 0.6, 'berlin': 0.2, 'cairo': 0.2},
)
stack = client.wait_for_stack(stack, wait=600)
for member in stack.members:
    print(member['cloud'], member['count'], member['state'])

# By its ID: only what is given is sent, and everything else stays as it is.
stack = client.update_stack(stack.id, count=20)
try:
    stack = client.wait_for_stack(stack, wait=600)
except exceptions.ResourceFailure as exc:
    # It does not end by itself; the message says why.
    print(exc)
except exceptions.ResourceTimeout as exc:
    # The engine goes on.
    print(exc)
else:
    print(stack.name, stack.status, stack.placed, 'of', stack.count)

for event in client.events(stack, sort_dir='asc'):
    print(event.kind, event.message)
