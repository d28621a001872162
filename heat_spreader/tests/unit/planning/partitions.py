# SPDX-License-Identifier: Apache-2.0
"""Networks with links that are cut, and what the observers find out there."""

import dataclasses
import datetime

from hypothesis import strategies as st

from heat_spreader.planning import facts
from heat_spreader.planning import health
from heat_spreader.planning import quorum

ENGINE = quorum.ENGINE
REFERENCE = 'reference'
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
THRESHOLDS = health.Thresholds()


@dataclasses.dataclass(frozen=True)
class Network:
    """Clouds, witnesses and the engine.

    ``cut``: pairs of who cannot send to whom; a request needs both ways.
    ``dead``: what answers no one. ``near``: the neighbours of a witness.
    ``liars``: what such a witness says about every cloud.
    """

    clouds: tuple
    witnesses: tuple
    cut: frozenset = frozenset()
    dead: frozenset = frozenset()
    near: dict = dataclasses.field(default_factory=dict)
    liars: dict = dataclasses.field(default_factory=dict)

    def reaches(self, one, other):
        """Whether a request of one is answered by the other."""
        return not (
            {(one, other), (other, one)} & self.cut or {one, other} & self.dead
        )

    def answers(self, witness):
        return self.reaches(ENGINE, witness)

    def voters(self, suspect):
        """The engine and the witnesses that vote on a cloud."""
        near = self.near
        voting = (w for w in self.witnesses if suspect not in near.get(w, ()))
        return [ENGINE, *voting]

    def can_vote(self, voter, suspect):
        """Whether a vote of an honest observer counts and gets here."""
        if voter != ENGINE and not self.answers(voter):
            return False
        near = (suspect, *self.near.get(voter, ()))
        others = [cloud for cloud in self.clouds if cloud not in near]
        if voter != ENGINE:
            others.append(REFERENCE)
        return any(self.reaches(voter, other) for other in (suspect, *others))

    def observers(self):
        """What each observer finds in a round, as quorum.Observer."""
        yield quorum.Observer(ENGINE, self._found(ENGINE))
        for witness in self.witnesses:
            near = self.near.get(witness, ())
            if not self.answers(witness):
                yield quorum.Observer(witness, {}, near=near)
            elif witness in self.liars:
                said = dict.fromkeys(self.clouds, self.liars[witness])
                yield quorum.Observer(witness, said, True, near)
            else:
                yield quorum.Observer(
                    witness,
                    self._found(witness),
                    self.reaches(witness, REFERENCE),
                    near,
                )

    def _found(self, observer):
        return {cloud: self.reaches(observer, cloud) for cloud in self.clouds}

    def verdict(self, suspect):
        return quorum.decide(suspect, self.observers())

    def states(self, suspect, surveys):
        """The states of a cloud, UP before, after each survey of it."""
        cloud = facts.Cloud(suspect, health.UP, NOW)
        outcome = health.SurveyOutcome.GOOD
        if not self.reaches(ENGINE, suspect):
            outcome = health.SurveyOutcome.FAILED
        for number in range(1, surveys + 1):
            now = NOW + number * datetime.timedelta(seconds=10)
            confirmed = True
            if health.depends_on_votes(cloud, outcome, THRESHOLDS, now):
                found = self.verdict(suspect).result
                confirmed = found is quorum.Result.CONFIRMED
            cloud = health.update(
                cloud, outcome, '', THRESHOLDS, now, confirmed
            )
            yield str(cloud.state)


def _chosen(draw, things):
    """Some of the things; one draw for all of them."""
    bits = draw(st.integers(0, (1 << len(things)) - 1))
    return frozenset(t for i, t in enumerate(things) if bits >> i & 1)


@st.composite
def networks(draw, witnesses=(1, 5), liars=0):
    """A network in which anything may be dead and any link may be cut.

    :param witnesses: the smallest and the largest number of them
    :param liars: how many of them do not say what they find
    """
    clouds = tuple(f'cloud-{i}' for i in range(draw(st.integers(2, 4))))
    names = tuple(f'witness-{i}' for i in range(draw(st.integers(*witnesses))))
    places = (*clouds, REFERENCE)
    pairs = [
        *((ENGINE, place) for place in (*clouds, *names)),
        *((name, place) for name in names for place in places),
    ]
    both = [*pairs, *((other, one) for one, other in pairs)]
    near = _chosen(draw, [(name, cloud) for name in names for cloud in clouds])
    some, more = _chosen(draw, both), _chosen(draw, both)
    return Network(
        clouds,
        names,
        # A quarter of the links, else hardly anything works.
        cut=some & more,
        dead=_chosen(draw, places) & _chosen(draw, places),
        near={name: [c for c in clouds if (name, c) in near] for name in names}
        if draw(st.booleans())
        else {},
        liars=dict.fromkeys(names[:liars], draw(st.booleans())),
    )
