"""The report of a session: what the public reads, and what participants read, as plain values in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from marsad.coordination.dialogue import labels
from marsad.coordination.dialogue.models import Commitment, Session
from marsad.coordination.dialogue.queries_sessions import participants_of
from marsad.coordination.dialogue.rules_sessions import ConclusionKind
from marsad.coordination.dialogue.texts import Told, as_paragraphs, paragraphs, told
from marsad.web.dates import day
from marsad.web.words import said


@dataclass(frozen=True)
class Line:
    """One point of a section: words, what kind it is, and what is to be known of it."""

    words: Told
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """``text`` are paragraphs, each in its language, ``lines`` a list."""

    code: str
    title: str
    lines: tuple[Line, ...] = ()
    text: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Report:
    language: str
    internal: bool
    title: Told
    when: str
    place: str
    sections: tuple[Section, ...]

    @property
    def head(self) -> str:
        """When and where, in one line."""
        return " · ".join(part for part in (self.when, self.place) if part)


def report_of(session: Session, language: str, *, internal: bool) -> Report:
    """The report in a language. The public one names no person who did not consent, and nothing marked as internal."""
    with override(language):
        sections = (
            Section("summary", _("Summary"), text=as_paragraphs(told(session, "summary", language))),
            _present(session, language, internal=internal),
            _agenda(session, language, internal=internal),
            *([Section("minutes", _("Minutes"), text=paragraphs(session.minutes, language))] if internal else []),
            _challenges(session, language, internal=internal),
            _conclusions(session, ConclusionKind.STRATEGY, _("Strategies"), language, internal=internal),
            _conclusions(session, ConclusionKind.DECISION, _("Decisions"), language, internal=internal),
            _commitments(session, language, internal=internal),
        )
        return Report(
            language,
            internal,
            told(session, "title", language),
            day(timezone.localdate(session.starts_at), language),
            session.place,
            tuple(one for one in sections if one.lines or one.text),
        )


def _seen(rows: Any, *, internal: bool) -> Any:
    return rows.all() if internal else rows.filter(is_public=True)


def _present(session: Session, language: str, *, internal: bool) -> Section:
    came = [one for one in participants_of(session) if one.attended]
    names = [said(one.organisation, "name", language) for one in came if one.organisation]
    persons = [one for one in came if one.user]
    named = [one.user.name for one in persons if one.user and one.user.name and (internal or one.may_be_named)]
    others = len(persons) - len(named)
    lines = [Line(Told(name, language)) for name in (*sorted(names), *sorted(named))]
    if others:
        count = ngettext("%(n)s person whose name is not given", "%(n)s persons whose names are not given", others)
        lines.append(Line(Told(count % {"n": others}, language)))
    return Section("present", _("Who came"), tuple(lines))


def _agenda(session: Session, language: str, *, internal: bool) -> Section:
    seen = list(_seen(session.agenda, internal=internal))
    lines = [Line(told(one, "text", language), str(labels.ITEMS[one.kind])) for one in seen]
    hidden = session.agenda.count() - len(seen)
    if hidden:
        count = ngettext("%(n)s internal point", "%(n)s internal points", hidden)
        lines.append(Line(Told(count % {"n": hidden}, language)))
    return Section("agenda", _("Agenda"), tuple(lines))


def _challenges(session: Session, language: str, *, internal: bool) -> Section:
    lines = []
    for one in _seen(session.challenges, internal=internal).select_related("organisation"):
        notes = [said(one.organisation, "name", language)] if one.organisation else []
        notes.append(str(labels.CHALLENGE_STATES[one.state]))
        lines.append(Line(told(one, "text", language), str(labels.CHALLENGES[one.kind]), " · ".join(notes)))
    return Section("challenges", _("Challenges"), tuple(lines))


def _conclusions(session: Session, kind: ConclusionKind, title: str, language: str, *, internal: bool) -> Section:
    rows: Iterable[Any] = _seen(session.conclusions, internal=internal).filter(kind=kind).select_related("challenge")
    seen = [(one, one.challenge if one.challenge and (internal or one.challenge.is_public) else None) for one in rows]
    lines = [
        Line(told(one, "text", language), note=told(answered, "text", language).text if answered else "")
        for one, answered in seen
    ]
    return Section(f"{kind}s", title, tuple(lines))


def _commitments(session: Session, language: str, *, internal: bool) -> Section:
    may_be_named = {one.user_id for one in participants_of(session) if one.may_be_named}
    lines = []
    for one in _seen(session.commitments, internal=internal).select_related("owner_organisation", "owner_user"):
        note = _("%(owner)s, by %(day)s: %(state)s") % {
            "owner": owner_of(one, language, named=internal or one.owner_user_id in may_be_named),
            "day": day(one.due_on, language),
            "state": labels.COMMITMENT_STATES[one.state],
        }
        lines.append(Line(told(one, "text", language), note=note))
    return Section("commitments", _("Commitments"), tuple(lines))


def owner_of(commitment: Commitment, language: str, *, named: bool) -> str:
    """Who answers for a commitment; a person only where they may be named."""
    if commitment.owner_organisation is not None:
        return said(commitment.owner_organisation, "name", language)
    name = commitment.owner_user.name if named and commitment.owner_user else ""
    return name or _("a participant")
