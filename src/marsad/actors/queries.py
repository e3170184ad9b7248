"""Reading the directory: organisations, what they do and where, what waits, and who speaks for which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from marsad.accounts.models import User
from marsad.actors.models import (
    Alias,
    Contact,
    EntryChange,
    Identifier,
    Mandate,
    Membership,
    Merge,
    Organisation,
    Relation,
    Service,
)
from marsad.actors.rules import ChangeState, ConsentScope, is_aged
from marsad.web.stemming import without_article
from migstat.quality.plain_words import plain


def organisations(*, kind: str = "", text: str = "") -> QuerySet[Organisation]:
    """The organisations that stand (not merged into another), of a kind, with the words of a text in one of their names.

    A name is also an acronym, another name, a code, a number of another register. Capitals, accents, vowel signs,
    letter variants and the Arabic article make no difference; on both databases, so they are compared here.
    """
    found = Organisation.objects.filter(merged_into=None)
    if kind:
        found = found.filter(kind=kind)
    if text.strip():
        wanted = [without_article(word, "ar") for word in plain(text).split()]
        found = found.filter(code__in=[code for code, names in _names().items() if _is_named(names, wanted)])
    return found


def _names() -> dict[str, list[str]]:
    """Every name of every organisation that stands, as names are compared."""
    stands = Organisation.objects.filter(merged_into=None)
    own = stands.values_list("code", "code", "acronym", "name_fr", "name_ar", "name_en")
    named = {code: [plain(name) for name in names] for code, *names in own}
    others = [
        *Alias.objects.values_list("organisation_id", "name"),
        *Identifier.objects.values_list("organisation_id", "value"),
    ]
    for code, name in others:
        if code in named:
            named[code].append(plain(name))
    return named


def _is_named(names: Iterable[str], wanted: Sequence[str]) -> bool:
    return bool(wanted) and any(all(word in name for word in wanted) for name in names)


def organisation(code: str) -> Organisation | None:
    """An entry by its code; one that was merged says so in ``merged_into``."""
    return Organisation.objects.filter(code=code).select_related("merged_into").first()


def services(*, on: date, kind: str = "", areas: frozenset[str] = frozenset()) -> QuerySet[Service]:
    """The services that run on a day, of a kind, in any of some areas."""
    found = Service.objects.filter(organisation__merged_into=None).select_related("organisation")
    found = found.filter(Q(until=None) | Q(until__gte=on), Q(since=None) | Q(since__lte=on))
    if kind:
        found = found.filter(kind=kind)
    return found.filter(area__in=areas) if areas else found


def services_of(code: str) -> QuerySet[Service]:
    return Service.objects.filter(organisation_id=code)


def mandates_of(code: str) -> QuerySet[Mandate]:
    return Mandate.objects.filter(organisation_id=code)


def contacts_of(code: str) -> QuerySet[Contact]:
    return Contact.objects.filter(organisation_id=code)


def contacts_for(user: Any, *, text: str = "") -> QuerySet[Contact]:
    """The contacts that an account may turn to: those of its own organisations, and those who consented that partners do.

    Whoever validates entries sees all; whoever speaks for no organisation is no partner and sees none. ``text`` is
    looked for in the names of the organisation.
    """
    found = Contact.objects.filter(organisation__merged_into=None).select_related("organisation")
    if not user.has_perm("actors.validate"):
        mine = codes_of(user)
        found = found.filter(Q(organisation__in=mine) | Q(scope=ConsentScope.PARTNERS)) if mine else found.none()
    if text:
        found = found.filter(organisation__in=organisations(text=text).order_by().values("code"))
    return found.order_by("organisation__sort", "organisation", "name")


def relations() -> QuerySet[Relation]:
    """How organisations stand to each other, both ends standing."""
    stands = {"organisation__merged_into": None, "other__merged_into": None}
    return Relation.objects.filter(**stands).select_related("organisation", "other")


def organisations_of(user: Any) -> list[Organisation]:
    """The organisations that an account speaks for now."""
    if not user.is_authenticated:
        return []
    return list(_spoken_for(user).filter(merged_into=None))


def _spoken_for(user: Any) -> QuerySet[Organisation]:
    return Organisation.objects.filter(memberships__user_id=user.pk, memberships__until=None)


def codes_of(user: Any) -> frozenset[str]:
    """Every code that an account speaks for now: its organisations and the entries that were made one with them.

    What was agreed, asked or promised under an entry before it was merged stays with whoever speaks for it now.
    """
    if not user.is_authenticated:
        return frozenset()
    return with_merged(_spoken_for(user).values_list("code", flat=True))


def with_merged(codes: Iterable[str]) -> frozenset[str]:
    """Some codes, and those of the entries that were made one with them."""
    own = frozenset(codes)
    return own.union(Organisation.objects.filter(merged_into__in=own).values_list("code", flat=True)) if own else own


def standing_codes() -> dict[str, str]:
    """For each entry that was merged, the code of the one that stands for it."""
    found = Organisation.objects.exclude(merged_into=None).values_list("code", "merged_into_id")
    return {code: str(kept) for code, kept in found}


def is_member(user: Any, code: str) -> bool:
    """Whether an account speaks for an organisation now, or for the one that it was merged into."""
    return code in codes_of(user)


def members_of(code: str) -> list[User]:
    """The accounts that speak for an organisation now, or for the one that it was merged into."""
    speaks = Q(memberships__organisation_id=code) | Q(memberships__organisation__merged=code)
    return list(User.objects.filter(speaks, memberships__until=None, is_active=True).distinct())


def memberships_of(code: str) -> QuerySet[Membership]:
    """The running memberships of an organisation, with their accounts."""
    return Membership.objects.filter(organisation_id=code, until=None, user__is_active=True).select_related("user")


def changes(*, organisation: str = "", waiting: bool = False) -> QuerySet[EntryChange]:
    """Changes to entries, of one organisation or of all; those that wait, the oldest first."""
    found = EntryChange.objects.select_related("organisation", "proposer", "decider")
    if organisation:
        found = found.filter(organisation_id=organisation)
    return found.filter(state=ChangeState.PROPOSED) if waiting else found.order_by("-proposed_at")


def change(number: int) -> EntryChange | None:
    return changes().filter(pk=number).first()


def merges() -> QuerySet[Merge]:
    """The merges, the latest first."""
    return Merge.objects.select_related("kept", "merged")


def account_of(address: str) -> User | None:
    """The account of an address, to make it a member; None where there is none."""
    return User.objects.filter(email=address.strip().lower(), is_active=True).first()


@dataclass(frozen=True)
class AgedEntry:
    """An entry that nobody has confirmed for a year, and whether anybody can."""

    organisation: Organisation
    has_member: bool


def aged_entries(*, today: date) -> list[AgedEntry]:
    """The entries that are due for a look."""
    speaking = set(Membership.objects.filter(until=None).values_list("organisation_id", flat=True))
    return [AgedEntry(one, one.code in speaking) for one in organisations() if is_aged(one.checked_on, today=today)]


def before(found: EntryChange) -> dict[str, Any]:
    """What stands now in the columns that a change would write; nothing for something new."""
    models: dict[str, Any] = {"organisation": Organisation, "service": Service, "mandate": Mandate}
    key = found.organisation_id if found.subject == "organisation" else found.target
    row = models[found.subject].objects.filter(pk=key).first() if key else None
    return {name: getattr(row, name) if row else None for name in found.content}
