"""English function words that carry no subject."""

from __future__ import annotations

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before
    being below between both but by can cannot could did do does doing down during each either
    else few for from further had has have having he her here hers him his how however i if in
    into is it its itself just may me might more most must my neither no nor not of off on once
    only onto or other our ours out over own per same shall she should so some such than that
    the their theirs them then there these they this those through thus to too under until up
    upon us very via was we were what when where whether which while who whom whose why will
    with within without would you your
    """.split()
)
"""Left out of a query; the index keeps them."""
