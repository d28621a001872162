# SPDX-License-Identifier: Apache-2.0
"""The API reference has the fields and statuses that the API describes."""

import pathlib
import re

import yaml
from oslotest import base

import heat_spreader
from heat_spreader import routes
from heat_spreader.tests.functional import answers

SOURCE = pathlib.Path(heat_spreader.__path__[0]).parent / 'api-ref' / 'source'
# Their responses are not listed by field.
WITHOUT_FIELDS = {routes.HEALTHCHECK, routes.DESCRIPTION}
# What every request can get is on the page about errors.
EVERYWHERE = {400, 401, 403, 405, 406, 413, 415, 500, 503}


class Section:
    """What the reference has about one operation."""

    def __init__(self, title, text):
        self.title = title
        method, self.route = re.search(
            r'rest_method:: (\w+) (\S+)', text
        ).groups()
        self.method = method.lower()
        before, _, answer = text.partition('\nResponse\n')
        asked = before.partition('\nRequest\n')[2]
        self.asked, self.answer = fields(asked), fields(answer)
        self.others = re.findall(r'fields of\s+`([^`]+)`_', before)
        self.like = re.search(r'(?m)^As in `', answer)
        self.statuses = set(map(int, re.findall(r'(?m)^   - (\d+)$', before)))


def fields(text):
    """The parameter of each field that a list has."""
    return dict(re.findall(r'(?m)^   - ([\w.]+): (\w+)$', text))


def sections():
    """The section of each operation, by its title."""
    found = {}
    for path in sorted(SOURCE.glob('*.inc')):
        parts = re.split(r'(?m)^(.+)\n=+\n', path.read_text())
        for title, text in zip(parts[1::2], parts[2::2], strict=True):
            if 'rest_method::' in text:
                found[title] = Section(title, text)
    return found


class TestReference(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.described = answers.description()
        self.sections = sections()
        self.parameters = yaml.safe_load(
            (SOURCE / 'parameters.yaml').read_text()
        )

    def each(self):
        for section in self.sections.values():
            item = self.described['paths'][section.route]
            yield section, item, item[section.method]

    def part(self, found):
        """What a reference leads to."""
        while '$ref' in found:
            value = self.described
            for key in found['$ref'].split('/')[1:]:
                value = value[key]
            found = value
        return found

    def properties(self, schema):
        """The fields of a schema, with dots for those within."""
        schema = self.part(schema)
        found = {}
        for part in (schema.get('then'), schema.get('else'), schema):
            found |= self.part(part or {}).get('properties', {})
        for name, value in list(found.items()):
            inner = self.part(value)
            inner = self.part(inner.get('items', inner))
            for key, each in self.properties(inner).items():
                found[f'{name}.{key}'] = each
        return found

    def body(self, operation):
        content = operation.get('requestBody', {}).get('content', {})
        return self.properties(
            content.get('application/json', {}).get('schema', {})
        )

    def test_every_operation_has_its_section(self):
        self.assertEqual(
            {
                (method.lower(), route)
                for route, rules in routes.RULES.items()
                for method in rules
            },
            {(each.method, each.route) for each in self.sections.values()},
        )

    def test_parameters_of_urls_and_queries_are_the_same(self):
        for section, item, operation in self.each():
            parameters = [
                *item.get('parameters', ()),
                *operation['parameters'],
            ]
            for place in ('path', 'query'):
                self.assertEqual(
                    {
                        each['name']
                        for each in map(self.part, parameters)
                        if each['in'] == place
                    },
                    self.asked(section, place),
                    section.title,
                )

    def asked(self, section, place):
        return {
            name
            for name, parameter in section.asked.items()
            if self.parameters[parameter]['in'] == place
        }

    def test_fields_of_requests_are_the_same(self):
        for section, _, operation in self.each():
            taken = {name for name in self.body(operation) if '.' not in name}
            asked = self.asked(section, 'body')
            self.assertLessEqual(asked, taken, section.title)
            for title in section.others:
                asked |= self.asked(self.sections[title], 'body')
            self.assertLessEqual(taken, asked, section.title)

    def test_fields_of_responses_are_the_same(self):
        for section, _, operation in self.each():
            if section.like or section.route in WITHOUT_FIELDS:
                continue
            schema = {}
            for status in ('200', '201'):
                answer = operation['responses'].get(status, {})
                for content in answer.get('content', {}).values():
                    schema = content['schema']
            # What is within is listed completely, or in words.
            parents = {name.rpartition('.')[0] for name in section.answer}
            self.assertEqual(
                {
                    name
                    for name in self.properties(schema)
                    if name.rpartition('.')[0] in parents
                },
                set(section.answer),
                section.title,
            )

    def test_statuses_are_those_that_are_described(self):
        for section, _, operation in self.each():
            described = {int(status) for status in operation['responses']}
            self.assertLessEqual(section.statuses, described, section.title)
            self.assertLessEqual(
                described - EVERYWHERE, section.statuses, section.title
            )
