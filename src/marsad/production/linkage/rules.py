"""The states of a linkage and of its clerical review, what a reviewer may say of a pair, and how far reviewers agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from migstat.model.refusals import Refused


class LinkageState(StrEnum):
    """``linked``: pairs stand and are reviewed; ``closed``: the review is ended; ``erased``: a list it rests on is gone."""

    ASKED = "asked"
    LINKED = "linked"
    CLOSED = "closed"
    FAILED = "failed"
    ERASED = "erased"


class LinkageMove(StrEnum):
    LINK = "link"
    FAIL = "fail"
    AGAIN = "again"
    CLOSE = "close"
    REOPEN = "reopen"
    ERASE = "erase"


TRANSITIONS: Mapping[tuple[LinkageState, LinkageMove], LinkageState | None] = {
    (state, move): None for state in LinkageState for move in LinkageMove
} | {
    (LinkageState.ASKED, LinkageMove.LINK): LinkageState.LINKED,
    (LinkageState.ASKED, LinkageMove.FAIL): LinkageState.FAILED,
    (LinkageState.FAILED, LinkageMove.AGAIN): LinkageState.ASKED,
    (LinkageState.LINKED, LinkageMove.CLOSE): LinkageState.CLOSED,
    (LinkageState.CLOSED, LinkageMove.REOPEN): LinkageState.LINKED,
    **{
        (state, LinkageMove.ERASE): LinkageState.ERASED
        for state in (LinkageState.ASKED, LinkageState.FAILED, LinkageState.LINKED, LinkageState.CLOSED)
    },
}


def reached(state: LinkageState, move: LinkageMove) -> LinkageState:
    """The state after a move. Raises ``Refused("linkage.move")`` where the table has none."""
    after = TRANSITIONS[state, move]
    if after is None:
        raise Refused("linkage.move", found=f"{move} of a linkage that is {state}", remedy="choose an open step")
    return after


class Verdict(StrEnum):
    """What a reviewer says of a pair after reading where the two records agree."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNSURE = "unsure"


def consensus(verdicts: Sequence[Verdict]) -> Verdict | None:
    """What the reviewers of a pair say together; None where nobody has spoken, they differ, or one is unsure.

    >>> consensus([Verdict.MATCH, Verdict.MATCH]), consensus([Verdict.MATCH, Verdict.NO_MATCH]), consensus([])
    (<Verdict.MATCH: 'match'>, None, None)
    """
    said = set(verdicts)
    return said.pop() if len(said) == 1 and said != {Verdict.UNSURE} else None


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree: pairs judged twice, the share judged alike, and Cohen's kappa (None: not defined)."""

    pairs: int
    alike: float | None
    kappa: float | None


def agreement(twice: Iterable[tuple[Verdict, Verdict]]) -> Agreement:
    """Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960).

    >>> agreement([(Verdict.MATCH, Verdict.MATCH), (Verdict.MATCH, Verdict.NO_MATCH), (Verdict.NO_MATCH, Verdict.NO_MATCH)])
    Agreement(pairs=3, alike=0.6666666666666666, kappa=0.4)
    """
    judged = list(twice)
    if not judged:
        return Agreement(0, None, None)
    number = len(judged)
    alike = sum(one == other for one, other in judged) / number
    first, second = Counter(one for one, _ in judged), Counter(other for _, other in judged)
    chance = sum(first[verdict] * second[verdict] for verdict in Verdict) / number**2
    return Agreement(number, alike, None if chance == 1 else round((alike - chance) / (1 - chance), 12))


MOST_REVIEWED = 1000
EVERY_SECOND = 5
# The chances of a pair between which it is doubtful, and what share of the review such pairs are given.
DOUBTFUL = (0.1, 0.9)
DOUBTFUL_SHARE = 0.6
# Reviewers err too: a pair that they call one person keeps one chance in a thousand of being two.
DECIDED_LOG_ODDS = 6.9
