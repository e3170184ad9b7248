"""Reading linkages: what waits, how far a review is, and how reviewers agree. No rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from marsad.collection.models import Snapshot
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.production.linkage.models import Linkage, PairVerdict, ReviewPair
from marsad.production.linkage.rules import (
    Agreement,
    LinkageState,
    Verdict,
    agreement,
    consensus,
)


def linkages() -> QuerySet[Linkage]:
    return Linkage.objects.all()


def linkage_of(linkage_id: UUID) -> Linkage | None:
    return Linkage.objects.filter(pk=linkage_id).first()


def asked() -> QuerySet[Linkage]:
    return Linkage.objects.filter(state=LinkageState.ASKED).order_by("asked_at", "id")


def resting_on(snapshots: Iterable[str]) -> list[Linkage]:
    """The linkages that rest on one of some snapshots and are not erased."""
    wanted = set(map(str, snapshots))
    standing = Linkage.objects.exclude(state=LinkageState.ERASED)
    return [one for one in standing if wanted & {each["snapshot"] for each in one.lists}]


def without_lists() -> list[Linkage]:
    """The linkages of which a snapshot does not stand any more."""
    standing = {str(pk) for pk in frozen_snapshots().values_list("pk", flat=True)}
    found = Linkage.objects.exclude(state=LinkageState.ERASED)
    return [one for one in found if not {each["snapshot"] for each in one.lists} <= standing]


def linkable() -> list[Snapshot]:
    """The snapshots that can be linked: persons' lists collected for that use, the latest of each list first."""
    found = frozen_snapshots().order_by("dataflow_id", "-created_at", "pk")
    return [one for one in found if one.dataflow.identified_by and "linkage" in one.dataflow.uses]


@dataclass(frozen=True)
class Progress:
    """How far a review is: pairs given out, pairs with all their verdicts, verdicts by word, and agreement."""

    pairs: int
    done: int
    verdicts: Mapping[str, int]
    agreement: Agreement
    mine: int

    @property
    def share(self) -> int:
        return round(100 * self.done / self.pairs) if self.pairs else 0


def progress(linkage: Linkage, reviewer: str = "") -> Progress:
    """How far the review is; ``mine`` counts the standing verdicts of one reviewer."""
    by_pair: dict[int, list[PairVerdict]] = {}
    for one in PairVerdict.objects.filter(pair__linkage=linkage, taken_back_at=None):
        by_pair.setdefault(one.pair_id, []).append(one)
    pairs = list(linkage.reviewed.values_list("pk", "twice"))
    done = sum(len(by_pair.get(pk, ())) >= (2 if twice else 1) for pk, twice in pairs)
    said = [one for each in by_pair.values() for one in each]
    counted = {verdict.value: sum(one.verdict == verdict for one in said) for verdict in Verdict}
    twice_judged = [tuple(Verdict(one.verdict) for one in each[:2]) for each in by_pair.values() if len(each) > 1]
    mine = sum(one.reviewer == reviewer for one in said)
    return Progress(len(pairs), done, counted, agreement((a, b) for a, b in twice_judged), mine)


def next_pair(linkage: Linkage, reviewer: str) -> ReviewPair | None:
    """The first pair that waits for this reviewer; those that the other reviewer has judged come last but surely."""
    standing = Q(verdicts__taken_back_at=None)
    found = linkage.reviewed.annotate(
        given=Count("verdicts", filter=standing),
        own=Count("verdicts", filter=standing & Q(verdicts__reviewer=reviewer)),
    )
    waiting = found.filter(own=0).filter(Q(twice=True, given__lt=2) | Q(twice=False, given=0))
    return waiting.order_by("number").first()


def decided(linkage: Linkage) -> dict[int, Verdict]:
    """What the reviewers say together of pairs, by the place of the pair among those kept."""
    said: dict[int, list[Verdict]] = {}
    for one in PairVerdict.objects.filter(pair__linkage=linkage, taken_back_at=None).select_related("pair"):
        said.setdefault(one.pair.place, []).append(Verdict(one.verdict))
    together = {place: consensus(each) for place, each in said.items()}
    return {place: verdict for place, verdict in together.items() if verdict is not None}
