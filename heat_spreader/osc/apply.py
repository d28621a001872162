# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack export and apply."""

import argparse
import dataclasses
import functools
import typing

import yaml
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from heat_spreader import schema
from heat_spreader.osc import command
from heat_spreader.osc import documents
from heat_spreader.osc import manifest
from heat_spreader.planning import specification

# The exit status of a dry run that finds a difference.
DIFFERS = 2
_STDIN = '-'


class ExportStack(command.Command):
    """Print stacks as the YAML that "stack apply" takes

    It has everything that the owner of a stack declares, and nothing that the
    service reports. Orders to cordon or drain are not part of it.
    """

    prints_text = True

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stacks',
            metavar='<stack>',
            nargs='*',
            help='Stacks to export (name or ID; default: all stacks of the '
            'project)',
        )
        return parser

    def take_action(self, parsed_args):
        if parsed_args.stacks:
            found = [self.client.find_stack(s) for s in parsed_args.stacks]
        else:
            found = self.client.stacks(sort_key='name')
        yaml.safe_dump_all(
            [manifest.document(stack) for stack in found],
            self.app.stdout,
            sort_keys=False,
            allow_unicode=True,
        )


@dataclasses.dataclass(frozen=True)
class _Change:
    """What a document changes.

    ``stack``: as it is now, None if there is none. ``before`` and ``after``:
    what is asked for, as specification.Specification.
    """

    document: documents.Document
    stack: typing.Any
    before: specification.Specification | None
    after: specification.Specification

    @functools.cached_property
    def body(self):
        """The body of the request, empty if nothing differs."""
        return manifest.body(self.before, self.after)


class ApplyStack(command.Waiting, command.Command):
    """Create or change stacks as a YAML file declares them

    Each document of the file is a stack, as "stack export" prints it. A stack
    that does not exist is created. Of one that exists, what differs is
    changed; what its document leaves out stays as it is. Every difference is
    shown. Nothing is changed if anything in the file is invalid.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '-f',
            '--file',
            metavar='<file>',
            required=True,
            help=f'The file, or {_STDIN} for the standard input',
        )
        parser.add_argument(
            '--dry-run',
            action='store_true',
            help='Change nothing: show the differences. The exit status is '
            f'{DIFFERS} if there are any, otherwise 0',
        )
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        changes = self._plan(parsed_args.file)
        differing = [change for change in changes if change.body]
        if parsed_args.dry_run:
            for change in changes:
                self._show(change, 'would be ')
            return DIFFERS if differing else 0
        changed = [
            self._try('apply', self._carry_out, change) for change in changes
        ]
        if parsed_args.wait:
            for change, stack in zip(changes, changed, strict=True):
                if change.body and stack:
                    self._try(
                        'wait for', self._wait_for, change, stack, parsed_args
                    )
        if failed := len(self._failed):
            raise exceptions.CommandError(
                f'{failed} of {len(changes)} stacks failed.'
            )
        return 0

    # -- before anything is changed

    def _plan(self, file):
        """What each document of the file changes; all of it is valid.

        :raises CommandError: if anything is invalid; every error is logged
        """
        self._file, self._failed, self._errors = file, set(), 0
        found = self._documents()
        if not self._errors:
            found = [change for d in found if (change := self._change(d))]
            self._check_masters(found)
        if not self._errors:
            for change in found:
                self._check_with_service(change)
        if self._errors:
            raise exceptions.CommandError(
                f'Nothing was changed. Errors in {file}: {self._errors}.'
            )
        return found

    def _documents(self):
        try:
            found = documents.parse(self._read())
        except documents.Invalid as exc:
            self._error(f'{exc}.')
            return []
        if not found:
            self._error('it has no document.')
        lines = {}
        for each in found:
            problems = schema.problems(
                each.value, manifest.SCHEMA, 'The document'
            )
            for path, text in sorted(problems, key=lambda p: each.line(p[0])):
                self._error(text, each, path)
            name = isinstance(each.value, dict) and each.value.get('name')
            if name in lines:
                self._error(
                    f"the stack '{name}' is in line {lines[name]} already.",
                    each,
                    ('name',),
                )
            elif name:
                lines[name] = each.line(('name',))
        return found

    def _read(self):
        try:
            if self._file == _STDIN:
                return self.app.stdin.read()
            with open(self._file, encoding='utf-8') as file:
                return file.read()
        except OSError as exc:
            raise documents.Invalid(exc.strerror) from None
        except ValueError:
            raise documents.Invalid('it is not UTF-8') from None

    def _change(self, document):
        """The _Change of a document, None if it is invalid."""
        value = document.value
        # Not by find_stack(), which takes an ID as well.
        stack = next(iter(self.client.stacks(name=value['name'])), None)
        before = stack and manifest.specification_of(stack)
        missing = [] if stack else manifest.missing(value)
        if missing:
            self._error(
                f"the stack '{value['name']}' does not exist, and a new one "
                f'must have: {", ".join(missing)}.',
                document,
            )
            return None
        try:
            after = manifest.asked(before, value)
        except specification.InvalidSpecification as exc:
            self._error(str(exc), document)
            return None
        return _Change(document, stack, before, after)

    def _check_masters(self, changes):
        """Refuse a file in which two stacks have one Heat stack."""
        masters = {}
        for change in changes:
            for part in change.after.parts:
                key = part.cloud, change.after.stack_name
                master = masters.setdefault(key, change.after.name)
                if master != change.after.name:
                    self._error(
                        f"the Heat stack '{key[1]}' in the cloud '{key[0]}' "
                        f"is also that of the stack '{master}'.",
                        change.document,
                        ('weights', key[0]),
                    )

    def _check_with_service(self, change):
        """Have the service check a change as it checks the request."""
        if not change.body:
            return
        try:
            self.client.preview_stack(change.stack, **self._request(change))
        except sdk_exceptions.HttpException as exc:
            if exc.status_code >= 500:
                raise
            self._error(command.sentence(exc), change.document)

    def _error(self, sentence, document=None, path=()):
        self._errors += 1
        where = self._file
        if document:
            where += f', document {document.number}, line '
            where += f'{document.line(path)}'
        self.log.error('%s: %s', where, sentence)

    # -- the changes

    @staticmethod
    def _request(change):
        """The values of the request; it fails if the stack was changed."""
        if change.stack is None:
            return change.body
        return {**change.body, 'generation': change.stack.generation}

    def _carry_out(self, change):
        """Make a change; return the stack."""
        stack = change.stack
        if stack is None:
            stack = self.client.create_stack(**change.body)
        elif change.body:
            # By its id, as in "stack set".
            stack = self.client.update_stack(stack.id, **self._request(change))
        self._show(change)
        return stack

    def _wait_for(self, change, stack, parsed_args):
        # For a stack that is paused, it is the pause that is waited for.
        self.wait(
            stack, argparse.Namespace(**vars(parsed_args), paused=stack.paused)
        )

    def _try(self, verb, action, change, *more):
        """Do it, or log why it failed; the other stacks go on."""
        try:
            return action(change, *more)
        except Exception as exc:
            name = change.after.name
            self._failed.add(name)
            self.log.error(
                "Failed to %s the stack '%s': %s",
                verb,
                name,
                command.sentence(exc),
            )
            return None

    def _show(self, change, tense=''):
        name = change.after.name
        if not change.body:
            self.app.stdout.write(f'{name}: no difference\n')
            return
        verb = 'changed' if change.stack else 'created'
        self.app.stdout.write(f'{name}: {tense}{verb}\n')
        for line in manifest.differences(change.before, change.after):
            self.app.stdout.write(f'  {line}\n')
        for cloud in manifest.leaving(change.before, change.after):
            self.app.stdout.write(
                f'  {cloud} leaves the stack; the Heat stack there stays as '
                'it is\n'
            )
