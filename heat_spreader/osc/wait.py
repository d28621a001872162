# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack wait."""

from heat_spreader.osc import command


class WaitStack(command.Waiting, command.Command):
    """Wait until the engine has applied the last change of a stack

    It is what --wait of the other commands does, for a change or an outage
    that is under way. It fails if the engine cannot apply the change.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack to wait for (name or ID)'
        )
        self.add_timeout(parser)
        return parser

    def take_action(self, parsed_args):
        self.wait_for(self.client.find_stack(parsed_args.stack), parsed_args)
