"""Forms of discussions and of what people write in sessions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marsad.accounts.queries import accounts
from marsad.actors import queries as actors
from marsad.coordination.dialogue import labels, queries, subjects
from marsad.coordination.dialogue import queries_sessions as sessions
from marsad.coordination.dialogue.rules import PostContent, ShownAs, SubjectKind
from marsad.coordination.dialogue.rules_sessions import (
    LANGUAGES,
    ChallengeKind,
    CommitmentMove,
    ConclusionKind,
    EvidenceKind,
    Given,
    PartContent,
    SessionContent,
    Words,
)
from marsad.coordination.dialogue.texts import told
from marsad.coordination.needs.forms import edition_field
from marsad.web.words import current_language, said

_NAMES = {"fr": _("in French"), "ar": _("in Arabic"), "en": _("in English")}


def choose(form: forms.Form, name: str, choices: list[Any]) -> None:
    field: Any = form.fields[name]
    field.choices = choices


class PostForm(forms.Form):
    """A question or an answer; the title belongs to a question."""

    title = forms.CharField(label=_("Question in a few words"), max_length=200)
    text = forms.CharField(
        label=_("Text"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("Markdown is understood: *emphasis*, lists, links. Do not write about a person."),
    )
    shown_as = forms.ChoiceField(label=_("Shown as"), help_text=_("Under this your words stand, also in public."))

    def __init__(self, *args: Any, user: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "shown_as", [(f"{way}:{code}", words) for way, code, words in queries.ways_to_sign(user)])
        if not asks:
            del self.fields["title"]

    @property
    def content(self) -> PostContent:
        given = self.cleaned_data
        way, _colon, organisation = given["shown_as"].partition(":")
        return PostContent(given["text"], current_language(), ShownAs(way), organisation, given.get("title", ""))


class EditForm(forms.Form):
    text = forms.CharField(label=_("Text"), max_length=6000, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}))


class _WordsForm(forms.Form):
    """Words in up to three languages, the reader's first."""

    words_label: Any = _("Text")
    words_rows = 2
    words_length = 2000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = sorted(LANGUAGES, key=lambda language: language != current_language())
        first = {}
        for language in order:
            attrs = {"rows": self.words_rows, "dir": "rtl" if language == "ar" else "ltr", "lang": language}
            first[f"words_{language}"] = forms.CharField(
                label=f"{self.words_label} ({_NAMES[language]})",
                required=False,
                max_length=self.words_length,
                widget=forms.Textarea(attrs=attrs),
            )
        self.fields = {**first, **self.fields}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(f"words_{language}", "").strip() for language in LANGUAGES):
            self.add_error(f"words_{current_language()}", _("Write something, in one language at least."))
        return given

    @property
    def words(self) -> Words:
        return Words(**{language: self.cleaned_data[f"words_{language}"] for language in LANGUAGES})


def words_of_record(record: Any, field: str) -> dict[str, str]:
    """The initial values of a form of words."""
    return {f"words_{language}": getattr(record, f"{field}_{language}") for language in LANGUAGES}


class SessionForm(_WordsForm):
    words_label = _("Title")
    words_rows = 1
    words_length = 200

    place = forms.CharField(
        label=_("Where"), required=False, max_length=300, help_text=_("A room, or a secure address.")
    )
    starts_at = forms.DateTimeField(
        label=_("Begins"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("Ends"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    is_public = forms.BooleanField(
        label=_("Public: everybody is told of it and reads its public report, without names of persons"),
        required=False,
        initial=True,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("It ends before it begins."))
        return given

    @property
    def content(self) -> SessionContent:
        given = self.cleaned_data
        return SessionContent(self.words, given["place"], given["starts_at"], given["ends_at"], given["is_public"])


class InviteForm(forms.Form):
    organisations = forms.MultipleChoiceField(
        label=_("Organisations"), required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    persons = forms.MultipleChoiceField(
        label=_("Persons"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "organisations", [(one.code, said(one, "name")) for one in actors.organisations()])
        choose(self, "persons", [(str(one.pk), one.name or one.email) for one in accounts().filter(is_active=True)])


class NotesForm(_WordsForm):
    """What is noted of a session: who came, the minutes, the public summary."""

    words_label = _("Public summary")
    words_rows = 4
    words_length = 8000

    came = forms.MultipleChoiceField(label=_("Who came"), required=False, widget=forms.CheckboxSelectMultiple)
    minutes = forms.CharField(
        label=_("Minutes, for participants"),
        required=False,
        max_length=40000,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "came", places)

    def clean(self) -> dict[str, Any]:
        """The summary may still lack; the report is not published without it."""
        return forms.Form.clean(self) or {}


class _PartForm(_WordsForm):
    is_public = forms.BooleanField(label=_("In the public report"), required=False, initial=True)

    def __init__(self, *args: Any, user: Any, session: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["is_public"] = self.fields.pop("is_public")  # after what it is about
        if "challenge" in self.fields:
            known = [
                (str(one.pk), _first_words(one)) for one in sessions.challenges_for(user) if _is_open(one, session)
            ]
            choose(self, "challenge", [("", _("None")), *known])
        if "organisation" in self.fields:
            choose(
                self, "organisation", [("", "–"), *((one.code, said(one, "name")) for one in actors.organisations())]
            )

    @property
    def content(self) -> PartContent:
        given = self.cleaned_data
        kind, _colon, code = given.get("subject", "").partition(":")
        return PartContent(
            self.words,
            given["is_public"],
            kind=given.get("kind", ""),
            subject_kind=kind.strip(),
            subject_code=code.strip(),
            challenge=int(given["challenge"]) if given.get("challenge") else None,
            organisation=given.get("organisation", ""),
            owner=given.get("owner", ""),
            due_on=given.get("due_on"),
        )


def _is_open(challenge: Any, session: Any) -> bool:
    return challenge.session_id == session.pk or challenge.state in {"raised", "in_hand"}


def _first_words(challenge: Any) -> str:
    return told(challenge, "text", current_language()).text[:80]


def _subject_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("On what"), required=False)


class ItemForm(_PartForm):
    """A point of the agenda."""


class ChallengeForm(_PartForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=[(str(one), labels.CHALLENGES[one]) for one in ChallengeKind])
    organisation = forms.ChoiceField(label=_("Organisation concerned"), required=False)
    subject = _subject_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "subject", subject_choices(kwargs["session"], kwargs["user"]))


class ConclusionForm(_PartForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=[(str(one), labels.CONCLUSIONS[one]) for one in ConclusionKind])
    challenge = forms.ChoiceField(label=_("For the challenge"), required=False)


class CommitmentForm(_PartForm):
    organisation = forms.ChoiceField(label=_("Owner: an organisation"), required=False)
    owner = forms.ChoiceField(label=_("or a person"), required=False)
    due_on = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    challenge = forms.ChoiceField(label=_("For the challenge"), required=False)
    subject = _subject_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        persons = [one.user for one in sessions.participants_of(kwargs["session"]) if one.user]
        choose(self, "owner", [("", "–"), *((str(one.pk), one.name or _("a participant")) for one in persons)])
        choose(self, "subject", subject_choices(kwargs["session"], kwargs["user"]))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if bool(given.get("organisation")) == bool(given.get("owner")):
            self.add_error("organisation", _("Name one owner: an organisation or a person."))
        if given.get("due_on") and given["due_on"] <= timezone.localdate():
            self.add_error("due_on", _("Give a day after today."))
        return given


def subject_choices(session: Any, user: Any) -> list[tuple[str, Any]]:
    """What the agenda of a session speaks of, as subjects of challenges and commitments: the things, their indicators."""
    kinds = {"need": SubjectKind.NEED, "request": SubjectKind.REQUEST, "case": SubjectKind.CASE}
    kinds["late_delivery"] = SubjectKind.AGREEMENT
    items = [one for one in session.agenda.all() if one.kind in kinds]
    found: list[tuple[str, Any]] = [
        (
            f"{kinds[one.kind]}:{one.code}",
            f"{labels.ITEMS[one.kind]} · {told(one, 'text', current_language()).text[:70]}",
        )
        for one in items
    ]
    measured = {subjects.indicator_of(one.kind, one.code, user) for one in items} - {""}
    for code in sorted(measured):
        found.append((f"{SubjectKind.INDICATOR}:{code}", f"{labels.SUBJECTS[SubjectKind.INDICATOR]} · {code}"))
    return [("", _("Nothing in particular")), *found]


class ChallengeMoveForm(_WordsForm):
    words_label = _("What became of it")


class CommitmentMoveForm(forms.Form):
    """What comes with a move on a commitment: evidence of one kind, another day, a reason."""

    delivery = forms.ChoiceField(label=_("an accepted delivery"), required=False)
    document = forms.CharField(
        label=_("or the address of a document"),
        required=False,
        max_length=300,
        widget=forms.URLInput(attrs={"dir": "ltr", "placeholder": "https://"}),
    )
    due_on = forms.DateField(
        label=_("Another day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))

    def __init__(self, *args: Any, user: Any, moves: list[CommitmentMove], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "delivery", [("", "–"), *sessions.accepted_deliveries(user)])
        edition = edition_field()
        edition.label = _("What shows it: an edition")
        self.fields = {"edition": edition, **self.fields}
        if CommitmentMove.KEEP not in moves:
            for name in ("edition", "delivery", "document"):
                del self.fields[name]
        if CommitmentMove.POSTPONE not in moves:
            del self.fields["due_on"]
        if moves == [CommitmentMove.KEEP]:
            del self.fields["reason"]

    @property
    def given(self) -> Given:
        """Evidence is looked up; the first of the three kinds that is filled in counts."""
        values = self.cleaned_data
        edition = values.get("edition")
        named = [
            (EvidenceKind.EDITION, f"{edition.dataflow_id}/{edition.number}" if edition else ""),
            (EvidenceKind.DELIVERY, values.get("delivery", "")),
            (EvidenceKind.DOCUMENT, values.get("document", "")),
        ]
        shown = next((sessions.evidence(kind, code) for kind, code in named if code), None)
        return Given(values.get("reason", ""), values.get("due_on"), shown)
