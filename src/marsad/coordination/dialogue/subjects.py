"""What discussions, challenges and commitments are about: names, pages, who may read, and whose data it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse

from marsad.catalogue import queries as catalogue
from marsad.coordination.agreements import queries as agreements
from marsad.coordination.agreements.models import Agreement
from marsad.coordination.dialogue.rules import ALWAYS_PUBLIC, SubjectKind
from marsad.coordination.needs import queries as needs
from marsad.coordination.needs.models import DataRequest, Need
from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Observation
from marsad.figures import queries as figures
from marsad.web.words import said

_ROUTES: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.INDICATOR: "observatory:indicator",
    SubjectKind.DATAFLOW: "observatory:dataset",
    SubjectKind.CASE: "observatory:case",
    SubjectKind.AGREEMENT: "agreements:agreement",
    SubjectKind.REQUEST: "needs:request",
    SubjectKind.NEED: "needs:need",
}


@dataclass(frozen=True)
class Subject:
    """Something that is talked about, as one reader sees it."""

    kind: SubjectKind
    code: str
    title: str
    is_public: bool

    @property
    def url(self) -> str:
        """Its page; of a public request the public one, where this process has no other."""
        try:
            return reverse(_ROUTES[self.kind], args=[self.code])
        except NoReverseMatch:
            return reverse("observatory:asked_request", args=[self.code]) if self.kind is SubjectKind.REQUEST else ""


def subject(kind: str, code: str, user: Any) -> Subject | None:
    """What stands under a kind and a code, where this person may read it; else None."""
    if kind not in set(SubjectKind) or not code:
        return None
    return _FINDERS[SubjectKind(kind)](code, user)


def _indicator(code: str, user: Any) -> Subject | None:
    return _named(SubjectKind.INDICATOR, code, catalogue.indicator(code), "name")


def _dataflow(code: str, user: Any) -> Subject | None:
    return _named(SubjectKind.DATAFLOW, code, dissemination.dataflows().filter(code=code).first(), "title")


def _case(code: str, user: Any) -> Subject | None:
    return _named(SubjectKind.CASE, code, figures.case(code), "title")


def _named(kind: SubjectKind, code: str, record: Any, field: str) -> Subject | None:
    return None if record is None else Subject(kind, code, said(record, field), True)


def _agreement(code: str, user: Any) -> Subject | None:
    found = agreements.agreement_of(code)
    if found is None or not agreements.may_read(user, found.organisation_id):
        return None
    return Subject(SubjectKind.AGREEMENT, code, said(found, "title"), False)


def _request(code: str, user: Any) -> Subject | None:
    found = needs.request_for(user, int(code)) if _is_number(code) else None
    return None if found is None else Subject(SubjectKind.REQUEST, code, found.title, found.is_public)


def _need(code: str, user: Any) -> Subject | None:
    found = needs.need_for(user, int(code)) if _is_number(code) else None
    return None if found is None else Subject(SubjectKind.NEED, code, found.question, found.is_public)


def _is_number(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) < 12


_FINDERS: Final[Mapping[SubjectKind, Callable[[str, Any], Subject | None]]] = {
    SubjectKind.INDICATOR: _indicator,
    SubjectKind.DATAFLOW: _dataflow,
    SubjectKind.CASE: _case,
    SubjectKind.AGREEMENT: _agreement,
    SubjectKind.REQUEST: _request,
    SubjectKind.NEED: _need,
}


def readable(user: Any) -> Q:
    """The rows with ``kind`` and ``code`` whose subject this person may read; of a stranger, the public ones."""
    open_ones = Q(kind__in=[str(kind) for kind in ALWAYS_PUBLIC])
    if not user.is_authenticated:
        return open_ones | _requests(needs.public_requests())
    own = agreements.agreements_for(user).order_by().values("code")
    return open_ones | Q(kind=SubjectKind.AGREEMENT, code__in=own) | _requests(needs.requests_for(user))


def _requests(found: Any) -> Q:
    """The discussions of some requests, told to the database as a question: there may be thousands of them."""
    numbers = found.order_by().annotate(as_code=Cast("pk", CharField(max_length=80))).values("as_code")
    return Q(kind=SubjectKind.REQUEST, code__in=numbers)


def titles_of(pairs: Iterable[tuple[str, str]], user: Any) -> dict[tuple[str, str], Subject]:
    """The subjects of several rows that this person may read: a question for each kind, however many rows there are."""
    codes: dict[str, set[str]] = defaultdict(set)
    for kind, code in pairs:
        if code and (kind not in _NUMBERED or _is_number(code)):
            codes[kind].add(code)
    every = {kind: _subjects(SubjectKind(kind), wanted, user) for kind, wanted in codes.items() if kind in _ROUTES}
    return {(kind, one.code): one for kind, found in every.items() for one in found}


def _subjects(kind: SubjectKind, codes: set[str], user: Any) -> list[Subject]:
    if kind is SubjectKind.AGREEMENT:
        own = agreements.agreements_for(user).filter(code__in=codes).prefetch_related(None)
        return [Subject(kind, one.code, said(one, "title"), False) for one in own]
    if kind is SubjectKind.REQUEST:
        asked = needs.requests_for(user).filter(pk__in=map(int, codes))
        return [Subject(kind, str(one.pk), one.title, one.is_public) for one in asked]
    if kind is SubjectKind.NEED:
        stated = needs.needs_for(user).filter(pk__in=map(int, codes))
        return [Subject(kind, str(one.pk), one.question, one.is_public) for one in stated]
    rows, field = _OPEN_TO_ALL[kind]
    found = rows().filter(code__in=codes).prefetch_related(None)
    return [Subject(kind, one.code, said(one, field), True) for one in found]


_NUMBERED: Final = frozenset({SubjectKind.REQUEST, SubjectKind.NEED})
_OPEN_TO_ALL: Final[Mapping[SubjectKind, tuple[Callable[[], Any], str]]] = {
    SubjectKind.INDICATOR: (catalogue.indicators, "name"),
    SubjectKind.DATAFLOW: (dissemination.dataflows, "title"),
    SubjectKind.CASE: (figures.cases, "title"),
}


def producers_of(kind: str, code: str) -> frozenset[str]:
    """The codes of the organisations whose data it is about.

    Of a dataflow: the publisher of its source, and whoever delivers it under an agreement or delivered what a released
    edition rests on. Of an indicator, a case or a request: those of the dataflows that speak to the indicator.
    """
    if kind == SubjectKind.AGREEMENT:
        return frozenset(Agreement.objects.filter(code=code).values_list("organisation_id", flat=True))
    if kind == SubjectKind.DATAFLOW:
        return _publishers([code])
    indicator = indicator_of(kind, code)
    if not indicator:
        return frozenset()
    speaking = Observation.objects.filter(indicator=indicator).order_by()
    return _publishers(list(speaking.values_list("edition__dataflow_id", flat=True).distinct()))


def indicator_of(kind: str, code: str, user: Any = None) -> str:
    """The indicator that a case, a need or a request is about, as far as a person may read it (all, where none is given)."""
    if kind == SubjectKind.INDICATOR:
        return code
    if kind == SubjectKind.CASE:
        found = figures.case(code)
        return (found.indicator_id or "") if found else ""
    rows = {SubjectKind.REQUEST: needs.requests_for, SubjectKind.NEED: needs.needs_for}
    if kind not in rows or not _is_number(code):
        return ""
    every = {SubjectKind.REQUEST: DataRequest.objects.all, SubjectKind.NEED: Need.objects.all}
    seen: Any = every[SubjectKind(kind)]() if user is None else rows[SubjectKind(kind)](user)
    return seen.filter(pk=int(code)).values_list("indicator", flat=True).first() or ""


def _publishers(dataflows: list[str]) -> frozenset[str]:
    flows = dissemination.dataflows().filter(code__in=dataflows)
    found = set(flows.values_list("source__publisher_id", flat=True))
    found |= set(Agreement.objects.filter(dataflow__in=dataflows).values_list("organisation_id", flat=True))
    rested = [
        str(one.get("code") if isinstance(one, Mapping) else one)
        for edition in dissemination.every_edition().filter(dataflow__in=dataflows, provenance__isnull=False)
        for one in edition.provenance.agreements
    ]
    return frozenset(found | set(Agreement.objects.filter(code__in=rested).values_list("organisation_id", flat=True)))
