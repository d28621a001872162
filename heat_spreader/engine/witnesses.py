# SPDX-License-Identifier: Apache-2.0
"""Ask the witnesses about a cloud that the engine cannot reach.

All of them, and the other clouds, are asked at the same time, and all have the
same deadline. Each round has threads of its own, so that what hangs there
delays the questions about no other cloud.
"""

import contextlib
import threading

from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader.conf import witnesses as options
from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import session
from heat_spreader.db import witnesses as db
from heat_spreader.engine import exporter
from heat_spreader.engine import metrics
from heat_spreader.engine import targets
from heat_spreader.planning import health
from heat_spreader.planning import quorum

LOG = logging.getLogger(__name__)


class Witnesses:
    """The configured witnesses; without any, the engine decides alone.

    :param remotes: every enabled cloud.Cloud, by name
    :param heartbeat: heartbeat.Heartbeat, of the engine with the leases
    """

    def __init__(self, conf, remotes, heartbeat):
        self.conf = conf
        self.remotes = remotes
        self.heartbeat = heartbeat
        self.exporters = exporters(conf)
        self._lock = threading.Lock()
        self._silent = set()
        self._heat_urls = {}

    def update(self, ctx, cloud, outcome, reason, thresholds):
        """A cloud after one more survey, and the votes if there were any.

        :param cloud: facts.Cloud
        :param outcome: health.SurveyOutcome
        """
        survey = cloud, outcome, reason, thresholds, self.heartbeat.now()
        if not self.exporters:
            return health.update(*survey), None
        if outcome is health.SurveyOutcome.GOOD:
            self._learn(ctx, cloud.name)
        if not health.depends_on_votes(
            cloud, outcome, thresholds, self.heartbeat.now()
        ):
            return health.update(*survey), None
        verdict = self.ask(ctx, cloud.name)
        after = health.update(
            cloud,
            outcome,
            f'{reason} {verdict.reason}',
            thresholds,
            self.heartbeat.now(),
            verdict.result is quorum.Result.CONFIRMED,
        )
        return after, dict(verdict.votes)

    def _learn(self, ctx, name):
        """Keep where Heat is, for an engine that starts during an outage."""
        url = targets.versions(self.remotes[name].catalog_address)
        if url and url != self._heat_urls.get(name):
            clouds_db.save_heat_url(ctx, name, url, self.heartbeat.id)
            self._heat_urls[name] = url

    def ask(self, ctx, suspect):
        """Ask everyone about a cloud; return the quorum.Verdict."""
        urls = targets.of_clouds(ctx, self.conf)
        rounds = [
            Round(each, suspect, urls)
            for each in self.exporters
            if suspect not in each.near
        ]
        end = self._observe(suspect)
        heard = {each.exporter.name: each.end() for each in rounds}
        found = [end(), *(each.observer for each in rounds)]
        verdict = quorum.decide(suspect, found)
        self._record(ctx, suspect, verdict, heard)
        return verdict

    def _observe(self, suspect):
        """Begin to probe the other clouds; return what gives the outcome."""
        timeout = self.conf.health.probe_timeout
        probes = {
            name: remote.begin_probe(timeout)
            for name, remote in self.remotes.items()
            if name != suspect
        }

        def end():
            reached = {suspect: False}
            for name, probe in probes.items():
                with contextlib.suppress(exception.CloudError):
                    probe.result()
                    reached[name] = True
            return quorum.Observer(quorum.ENGINE, reached)

        return end

    def _record(self, ctx, suspect, verdict, heard):
        """Count the votes, write them, and report witnesses that are silent.

        :param heard: the exporter.Answer of each witness about the suspect
        """
        LOG.info(
            'Votes about %(cloud)s: %(votes)s. %(reason)s',
            {
                'cloud': suspect,
                'votes': ', '.join(
                    f'{name} {vote}' for name, vote in verdict.votes.items()
                ),
                'reason': verdict.reason,
            },
        )
        answers = {}
        for name, answer in heard.items():
            vote = verdict.votes[name]
            metrics.voted(name, vote, answer.seconds)
            answers[name] = str(vote), answer.problem, answer.seconds
            self._report(name, suspect, answer)
        with contextlib.suppress(*session.UNAVAILABLE):
            # Only for people; the vote holds without it.
            db.save(ctx, suspect, answers, self.heartbeat.now())

    def _report(self, name, suspect, answer):
        """Log when a witness becomes silent, and when it answers again."""
        with self._lock:
            was_silent = name in self._silent
            if answer.reached is None:
                self._silent.add(name)
            else:
                self._silent.discard(name)
        if answer.reached is None and not was_silent:
            LOG.warning(
                'The witness %(witness)s is silent about %(cloud)s: '
                '%(problem)s.',
                {
                    'witness': name,
                    'cloud': suspect,
                    'problem': answer.problem,
                },
            )
        elif was_silent and answer.reached is not None:
            LOG.info('The witness %s answers again.', name)


class Round:
    """One witness is asked about a cloud, and what else it reaches.

    ``observer``: the quorum.Observer, after end().

    :param asked: exporter.Exporter
    :param urls: the URLs of every cloud, by name
    """

    def __init__(self, asked, suspect, urls):
        self.exporter = asked
        self.suspect = suspect
        self.observer = None
        self._asked = [(suspect, url) for url in urls[suspect]]
        # One URL shows whether another cloud is reached.
        self._asked += [
            (name, each[0])
            for name, each in urls.items()
            if each and name != suspect and name not in asked.near
        ]
        if asked.reference:
            self._asked.append((None, asked.reference))
        self._begun = asked.begin([url for _, url in self._asked])

    def end(self):
        """Wait for the answers; return that about the suspect."""
        answers = {}
        for (name, _), begun in zip(self._asked, self._begun, strict=True):
            answers.setdefault(name, []).append(self.exporter.answer(begun))
        found = {name: combine(several) for name, several in answers.items()}
        about = found.setdefault(self.suspect, combine([]))
        self.observer = quorum.Observer(
            self.exporter.name,
            {name: answer.reached for name, answer in found.items() if name},
            found[None].reached if None in found else None,
            self.exporter.near,
        )
        return about


def combine(answers):
    """One exporter.Answer for those about all the URLs of a cloud.

    A cloud is reached if all that it consists of is reached.
    """
    if not answers:
        return exporter.Answer(None, 'no address of the cloud is known')
    for reached in (False, None):
        for answer in answers:
            if answer.reached is reached:
                return answer
    return max(answers, key=lambda answer: answer.seconds)


def exporters(conf):
    """An exporter.Exporter for each witness."""
    return [
        exporter.Exporter(
            name, conf[options.group(name)], conf.health.probe_timeout
        )
        for name in conf.health.witnesses
    ]
