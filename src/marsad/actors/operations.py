"""Writes of the directory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

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
from marsad.actors.queries import with_merged
from marsad.actors.rules import TRANSITIONS, ChangeMove, ChangeRefused, ChangeState, ConsentScope, Subject, refusals
from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from migstat.model.refusals import Refused

_MODELS: Mapping[Subject, Any] = {
    Subject.ORGANISATION: Organisation,
    Subject.SERVICE: Service,
    Subject.MANDATE: Mandate,
}
_ENDS = ("organisation", "other")
_MOVED: Mapping[str, Any] = {
    "aliases": Alias,
    "identifiers": Identifier,
    "mandates": Mandate,
    "services": Service,
    "contacts": Contact,
    "memberships": Membership,
    "changes": EntryChange,
}


def _target(code: str) -> str:
    return f"organisation:{code}"


@writes("actors.join")
def add_membership(*, actor: Actor, at: datetime, user_id: UUID, organisation: str, function: str = "") -> Membership:
    """Let an account speak for an organisation. Raises ``Refused`` where the organisation is not known."""
    if not Organisation.objects.filter(code=organisation, merged_into=None).exists():
        raise Refused("actors.unknown", found="an organisation that is not in the directory", remedy="choose one of it")
    membership, _ = Membership.objects.get_or_create(
        user_id=user_id,
        organisation_id=organisation,
        until=None,
        defaults={"function": function.strip(), "since": at.date()},
    )
    record(actor=actor, action="actors.join", target=_target(organisation), at=at)
    return membership


@writes("actors.leave")
def end_membership(*, actor: Actor, at: datetime, membership_id: int) -> Membership:
    """End what an account may say for an organisation, and for the entries that were made one with it; its function is
    forgotten."""
    membership = Membership.objects.select_for_update().get(pk=membership_id, until=None)
    codes = with_merged([membership.organisation_id])
    running = Membership.objects.filter(user=membership.user_id, organisation__in=codes, until=None)
    running.update(until=at.date(), function="")
    membership.refresh_from_db()
    record(actor=actor, action="actors.leave", target=_target(membership.organisation_id), at=at)
    return membership


@writes("actors.forget_erased")
def forget_erased_members(*, actor: Actor, at: datetime) -> int:
    """End the memberships of accounts that were erased, with their functions; returns how many."""
    ended = Membership.objects.filter(user__erased_at__isnull=False, until=None).update(until=at.date(), function="")
    record(actor=actor, action="actors.forget_erased", target="memberships", at=at, details={"ended": ended})
    return ended


@writes("actors.propose")
def propose_change(
    *, actor: Any, at: datetime, organisation: str, subject: Subject, content: Mapping[str, Any], target: str = ""
) -> EntryChange:
    """Put forward a change to an entry, or something new in it; ``content`` holds the columns that change.

    Raises ``Refused`` for a target that belongs to another organisation, or a change that changes nothing.
    """
    if target and subject is not Subject.ORGANISATION:
        owner = _MODELS[subject].objects.filter(pk=target).values_list("organisation_id", flat=True).first()
        if owner != organisation:
            raise Refused("actors.foreign", found="an entry of another organisation", remedy="change your own entry")
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in content.items()}
    if not plain:
        raise Refused("actors.nothing", found="a change without a difference", remedy="change something first")
    change = EntryChange.objects.create(
        organisation_id=organisation, subject=subject, target=target, content=plain, proposer=actor, proposed_at=at
    )
    record(
        actor=actor,
        action="actors.propose",
        target=f"actors.change:{change.pk}",
        at=at,
        details={"subject": subject.value, "organisation": organisation, "columns": sorted(plain)},
    )
    return change


@writes("actors.decide")
def decide_change(*, actor: Any, at: datetime, change_id: int, move: ChangeMove, answer: str) -> EntryChange:
    """Accept, refuse or withdraw a change; an accepted one is carried out in the same transaction.

    Raises ChangeRefused with every reason when the rules forbid the move.
    """
    change = EntryChange.objects.select_for_update().get(pk=change_id)
    state = ChangeState(change.state)
    forbidden = refusals(state=state, move=move, proposer=change.proposer_id, person=actor.pk, answer=answer)
    new = TRANSITIONS[state, move]
    if forbidden or new is None:
        raise ChangeRefused(forbidden)
    change.state, change.decider, change.decided_at, change.answer = new, actor, at, answer.strip()
    change.save()
    if new is ChangeState.ACCEPTED:
        _carry_out(change, at=at)
    record(
        actor=actor,
        action="actors.decide",
        target=f"actors.change:{change.pk}",
        at=at,
        details={"move": move.value, "subject": change.subject, "organisation": change.organisation_id},
    )
    return change


def _carry_out(change: EntryChange, *, at: datetime) -> None:
    """What was validated no longer follows the pack, or the next load would take it back."""
    subject = Subject(change.subject)
    values = {**change.content, "from_pack": False, "confirmed": True}
    if subject is not Subject.MANDATE:
        values["checked_on"] = at.date()
    for name in ("since", "until"):
        if values.get(name):
            values[name] = date.fromisoformat(values[name])
    if subject is Subject.ORGANISATION:
        Organisation.objects.filter(pk=change.organisation_id).update(**values)
        return
    model = _MODELS[subject]
    if change.target:
        model.objects.filter(pk=change.target, organisation_id=change.organisation_id).update(**values)
    else:
        code = f"{change.organisation_id[:40]}-{subject.value}-{change.pk}"
        model.objects.create(code=code, organisation_id=change.organisation_id, **values)
    Organisation.objects.filter(pk=change.organisation_id).update(checked_on=at.date(), from_pack=False)


@writes("actors.confirm")
def confirm_entry(*, actor: Actor, at: datetime, organisation: str) -> None:
    """Say that an entry and its services still hold."""
    Organisation.objects.filter(pk=organisation).update(checked_on=at.date(), from_pack=False)
    Service.objects.filter(organisation_id=organisation).update(checked_on=at.date(), from_pack=False)
    record(actor=actor, action="actors.confirm", target=_target(organisation), at=at)


@writes("actors.name")
def add_alias(*, actor: Actor, at: datetime, organisation: str, name: str, language: str) -> Alias:
    """Note another name of an organisation."""
    alias, _ = Alias.objects.get_or_create(
        organisation_id=organisation, name=name.strip(), defaults={"language": language}
    )
    record(actor=actor, action="actors.name", target=_target(organisation), at=at)
    return alias


@writes("actors.identify")
def add_identifier(*, actor: Actor, at: datetime, organisation: str, scheme: str, value: str) -> Identifier:
    """Note a number of an organisation in another register. Raises ``Refused`` where another one holds it."""
    found = Identifier.objects.filter(scheme=scheme, value=value).first()
    if found and found.organisation_id != organisation:
        raise Refused(
            "actors.identifier",
            found=f"an identifier that {found.organisation_id} holds",
            remedy="merge the two entries if they are one organisation",
        )
    identifier = found or Identifier.objects.create(organisation_id=organisation, scheme=scheme, value=value)
    record(actor=actor, action="actors.identify", target=_target(organisation), at=at, details={"scheme": scheme})
    return identifier


@writes("actors.contact")
def add_contact(
    *, actor: Actor, at: datetime, organisation: str, scope: ConsentScope, consented_on: date, person: Mapping[str, str]
) -> Contact:
    """Note a person to turn to, with the day of the consent; ``person``: name, function, email, phone."""
    if consented_on > at.date():
        raise Refused("actors.consent", found="a consent of a day to come", remedy="give the day of the consent")
    contact = Contact.objects.create(
        organisation_id=organisation,
        scope=scope,
        consented_on=consented_on,
        recorded_by=actor.audit_code,
        **{name: person.get(name, "").strip() for name in ("name", "function", "email", "phone")},
    )
    record(actor=actor, action="actors.contact", target=_target(organisation), at=at, details={"scope": scope.value})
    return contact


@writes("actors.withdraw_contact")
def withdraw_contact(*, actor: Actor, at: datetime, organisation: str, contact_id: int) -> bool:
    """Delete a contact: the person withdrew the consent, or left."""
    deleted, _ = Contact.objects.filter(pk=contact_id, organisation_id=organisation).delete()
    record(actor=actor, action="actors.withdraw_contact", target=_target(organisation), at=at)
    return bool(deleted)


@writes("actors.merge")
def merge(*, actor: Actor, at: datetime, kept: str, merged: str) -> Merge:
    """Make two entries one. Everything of ``merged`` goes over to ``kept``, and its names become other names of it.

    What other apps keep under the code of ``merged`` stays there, and belongs to whoever speaks for ``kept``
    (``queries.codes_of``). Entries merged into ``merged`` before go over too, so that one step leads to what stands.
    Raises ``Refused`` for an entry merged with itself or merged already.
    """
    rows = {one.code: one for one in Organisation.objects.select_for_update().filter(code__in=[kept, merged])}
    if len(rows) != 2 or any(one.merged_into_id for one in rows.values()):
        raise Refused("actors.merge", found="entries that cannot become one", remedy="choose two entries that stand")
    moved: dict[str, list[Any]] = {}
    running = set(Membership.objects.filter(organisation_id=kept, until=None).values_list("user_id", flat=True))
    for name, model in _MOVED.items():
        found = model.objects.filter(organisation_id=merged)
        if model is Membership:
            found = found.exclude(user_id__in=running, until=None)
        if model is Alias:
            found = found.exclude(name__in=Alias.objects.filter(organisation_id=kept).values("name"))
        if model is EntryChange:
            found = found.filter(state=ChangeState.PROPOSED)
        moved[name] = [str(key) for key in found.values_list("pk", flat=True)]
        model.objects.filter(pk__in=moved[name]).update(organisation_id=kept)
    moved["new_aliases"] = _names_over(rows[merged], kept)
    for end in _ENDS:
        moved[f"relations_{end}"] = _relations_over(merged, kept, end)
    before = Organisation.objects.filter(merged_into=merged)
    moved["merged_before"] = list(before.values_list("code", flat=True))
    before.update(merged_into=kept)
    rows[merged].merged_into_id = kept
    moved["from_pack"] = [rows[merged].from_pack]
    rows[merged].from_pack = False
    rows[merged].save()
    done = Merge.objects.create(kept_id=kept, merged_id=merged, moved=moved, merged_at=at)
    record(actor=actor, action="actors.merge", target=_target(kept), at=at, details={"merged": merged})
    return done


def _relations_over(merged: str, kept: str, end: str) -> list[str]:
    """Bring over the relations at one end, without those that would double one or tie the entry to itself."""
    other = "other" if end == "organisation" else "organisation"
    standing = set(Relation.objects.filter(**{end: kept}).values_list(f"{other}_id", "kind"))
    rows = Relation.objects.filter(**{end: merged}).exclude(**{other: kept}).values_list("pk", f"{other}_id", "kind")
    found = [code for code, partner, kind in rows if (partner, kind) not in standing]
    Relation.objects.filter(pk__in=found).update(**{end: kept})
    return found


def _names_over(organisation: Organisation, kept: str) -> list[str]:
    made = []
    names = [(language, getattr(organisation, f"name_{language}")) for language in ("fr", "ar", "en")]
    for language, name in [*names, *([("", organisation.acronym)] if organisation.acronym else [])]:
        alias, is_new = Alias.objects.get_or_create(organisation_id=kept, name=name, defaults={"language": language})
        made += [str(alias.pk)] if is_new else []
    return made


@writes("actors.unmerge")
def undo_merge(*, actor: Actor, at: datetime, merge_id: int) -> Merge:
    """Take a merge back: what went over returns, and the names it left are removed.

    Raises ``Refused`` the second time, and while the entry that was kept is itself merged into another one.
    """
    done = Merge.objects.select_for_update().get(pk=merge_id)
    if done.undone_at is not None:
        raise Refused("actors.unmerge", found="a merge that was undone", remedy="look at the entries as they stand")
    if done.kept.merged_into_id is not None:
        raise Refused(
            "actors.unmerge_order",
            found="an entry that was merged further since",
            remedy="take the later merge back first",
        )
    Alias.objects.filter(pk__in=done.moved["new_aliases"]).delete()
    for name, model in _MOVED.items():
        gone_over = model.objects.filter(pk__in=done.moved.get(name, ()), organisation=done.kept_id)
        gone_over.update(organisation_id=done.merged_id)
    for end in _ENDS:
        gone = Relation.objects.filter(pk__in=done.moved.get(f"relations_{end}", ()), **{end: done.kept_id})
        gone.update(**{end: done.merged_id})
    before = Organisation.objects.filter(code__in=done.moved.get("merged_before", ()), merged_into=done.kept_id)
    before.update(merged_into=done.merged_id)
    followed_pack = any(done.moved.get("from_pack", ()))
    Organisation.objects.filter(pk=done.merged_id).update(merged_into=None, from_pack=followed_pack)
    done.undone_at = at
    done.save()
    record(
        actor=actor, action="actors.unmerge", target=_target(done.kept_id), at=at, details={"merged": done.merged_id}
    )
    return done
