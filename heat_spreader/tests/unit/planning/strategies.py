# SPDX-License-Identifier: Apache-2.0
"""Random specifications for the properties of spreading and planning."""

import fractions
import itertools

import hypothesis
from hypothesis import strategies as st

from heat_spreader import states
from heat_spreader.planning import specification

STEPS = 1_000_000
CLOUDS = ('athens', 'berlin', 'cairo', 'kraków', 'z', 'a')

# The seed of a failing case is printed with it, as @seed(...).
hypothesis.settings.register_profile(
    'contract',
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
CONTRACT = hypothesis.settings.get_profile('contract')


@st.composite
def specifications(draw, limits=False):
    """A specification that the API would take.

    Few draws with much in each: a draw is what costs time.
    """
    number = draw(st.integers(1, len(CLOUDS)))
    count = draw(st.one_of(st.integers(0, 30), st.integers(0, 1000)))
    # Round weights, as people write them, make ties and whole products.
    step = draw(st.sampled_from([1, 50_000, 100_000, 200_000]))
    cuts = draw(
        st.lists(
            st.integers(0, STEPS // step), min_size=number, max_size=number
        )
    )
    weights = [
        fractions.Fraction((high - low) * step, STEPS)
        for low, high in itertools.pairwise([0, *sorted(cuts)])
    ]
    minima, maxima = [0] * number, [None] * number
    if limits:
        wanted = st.lists(
            st.tuples(st.integers(0, 6), st.integers(-1, 12)),
            min_size=number,
            max_size=number,
        )
        left = count
        for i, (minimum, more) in enumerate(draw(wanted)):
            minima[i] = min(minimum, left)
            left -= minima[i]
            maxima[i] = None if more < 0 else minima[i] + more
    return specification.Specification(
        name=f'stack-{draw(st.integers(1, 3))}',
        stack_name='web',
        count_parameter='size',
        count=count,
        failover=draw(st.sampled_from(list(states.Failover))),
        parts=tuple(
            map(specification.Part, CLOUDS[:number], weights, minima, maxima)
        ),
    )
