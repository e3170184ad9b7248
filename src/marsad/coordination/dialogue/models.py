"""Discussions with their posts, sessions with all that came of them, and who follows, takes part and answers for what."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.db import models

from marsad.coordination.dialogue.rules import (
    DiscussionState,
    PostKind,
    PostState,
    ReportReason,
    ShownAs,
    SubjectKind,
)
from marsad.coordination.dialogue.rules_sessions import (
    ChallengeKind,
    ChallengeState,
    CommitmentState,
    ConclusionKind,
    EvidenceKind,
    ItemKind,
    Reply,
    SessionState,
)
from marsad.web.privacy import Privacy, classed

_ACCOUNT = "points at an account; erasing the account leaves its number"
_GONE = "deleted with the account"


def _choices(vocabulary: type[StrEnum]) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in vocabulary]


class Discussion(models.Model):
    """A question on an indicator, a dataflow, a case, an agreement or a request, with what was answered to it."""

    kind = models.CharField(max_length=12, choices=_choices(SubjectKind))
    code = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=_choices(DiscussionState), default=DiscussionState.OPEN)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    accepted = models.ForeignKey("Post", models.SET_NULL, null=True, related_name="+")

    privacy: ClassVar[Privacy] = classed(internal="id kind code title state opened_at last_at accepted")

    class Meta:
        ordering = ["-last_at", "-id"]
        indexes = [models.Index(fields=["kind", "code"])]

    def __str__(self) -> str:
        return f"discussion:{self.pk}"


class Post(models.Model):
    """A question or an answer. What an author withdraws is emptied."""

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=8, choices=_choices(PostKind))
    state = models.CharField(max_length=9, choices=_choices(PostState), default=PostState.SHOWN)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    shown_as = models.CharField(max_length=12, choices=_choices(ShownAs))
    role = models.CharField(max_length=32, blank=True)
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, null=True, related_name="+")
    is_producer = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    hidden_for = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id discussion kind state language shown_as role organisation is_producer written_at edited_at hidden_for",
        personal={"author": _ACCOUNT, "text": "dialogue.operations.move_post empties it when its author withdraws it"},
    )

    class Meta:
        ordering = ["written_at", "id"]

    def __str__(self) -> str:
        return f"post:{self.pk}"


class PostReport(models.Model):
    """Somebody thinks that a post should not stand; open until a moderator has looked."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=12, choices=_choices(ReportReason))
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reported_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id post reason reported_at closed_at", personal={"reporter": _ACCOUNT}
    )

    class Meta:
        ordering = ["reported_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "reporter"], condition=models.Q(closed_at=None), name="dialogue_reported_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.reason}"


class DiscussionFollower(models.Model):
    """An account that is told of each answer."""

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="followers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(internal="id discussion since", personal={"user": _GONE})

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["discussion", "user"], name="dialogue_follows_once")]

    def __str__(self) -> str:
        return f"{self.discussion_id}"


class DiscussionStem(models.Model):
    """How much a stem weighs in a discussion; made of what is shown."""

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="stems")
    stem = models.CharField(max_length=60)
    weight = models.PositiveIntegerField()

    privacy: ClassVar[Privacy] = classed(internal="id discussion stem weight")

    class Meta:
        indexes = [models.Index(fields=["stem", "discussion"])]

    def __str__(self) -> str:
        return self.stem


class Session(models.Model):
    """A meeting of producers and users. ``sequence`` grows with each calendar message that goes out."""

    title_fr = models.CharField(max_length=200, blank=True)
    title_ar = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_public = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=_choices(SessionState), default=SessionState.DRAFT)
    sequence = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    summary_fr = models.TextField(blank=True)
    summary_ar = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    minutes = models.TextField(blank=True)
    chair = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id title_fr title_ar title_en place starts_at ends_at is_public state sequence reason summary_fr"
        " summary_ar summary_en minutes changed_at published_at",
        personal={"chair": _ACCOUNT},
    )

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="dialogue_a_session_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"session:{self.pk}"


class Participant(models.Model):
    """An organisation or a person invited: what they replied, whether they came, and whether a person may be named."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="participants")
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reply = models.CharField(max_length=8, choices=_choices(Reply), default=Reply.NONE)
    attended = models.BooleanField(null=True)
    may_be_named = models.BooleanField(default=False)
    invited_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id session organisation reply attended may_be_named invited_at", personal={"user": _ACCOUNT}
    )

    class Meta:
        ordering = ["invited_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "organisation"], name="dialogue_organisation_invited_once"),
            models.UniqueConstraint(fields=["session", "user"], name="dialogue_person_invited_once"),
            models.CheckConstraint(
                condition=models.Q(organisation=None, user__isnull=False)
                | models.Q(organisation__isnull=False, user=None),
                name="dialogue_one_is_invited",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.pk}"


class AgendaItem(models.Model):
    """A point of the agenda, from something open or written freely."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="agenda")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=_choices(ItemKind))
    code = models.CharField(max_length=120, blank=True)
    text_fr = models.TextField(blank=True)
    text_ar = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    is_public = models.BooleanField(default=True)

    privacy: ClassVar[Privacy] = classed(internal="id session position kind code text_fr text_ar text_en is_public")

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.session_id} {self.position}"


class Challenge(models.Model):
    """What stands in the way of the data: followed from the session that raised it over those that came after."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="challenges")
    kind = models.CharField(max_length=12, choices=_choices(ChallengeKind))
    state = models.CharField(max_length=10, choices=_choices(ChallengeState), default=ChallengeState.RAISED)
    subject_kind = models.CharField(max_length=12, blank=True)
    subject_code = models.CharField(max_length=80, blank=True)
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, null=True, related_name="+")
    text_fr = models.TextField(blank=True)
    text_ar = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    is_public = models.BooleanField(default=True)
    raised_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id session kind state subject_kind subject_code organisation text_fr text_ar text_en is_public raised_at"
    )

    class Meta:
        ordering = ["raised_at", "id"]

    def __str__(self) -> str:
        return f"challenge:{self.pk}"


class ChallengeStep(models.Model):
    """One move on a challenge, in the words of who made it."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="steps")
    move = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    text_fr = models.TextField(blank=True)
    text_ar = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    privacy: ClassVar[Privacy] = classed(
        internal="id challenge move state text_fr text_ar text_en at", personal={"by": _ACCOUNT}
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.challenge_id} {self.move}"


class Conclusion(models.Model):
    """A strategy or a decision of a session, for a challenge or on its own."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="conclusions")
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, related_name="conclusions")
    kind = models.CharField(max_length=10, choices=_choices(ConclusionKind))
    text_fr = models.TextField(blank=True)
    text_ar = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    is_public = models.BooleanField(default=True)
    written_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id session challenge kind text_fr text_ar text_en is_public written_at"
    )

    class Meta:
        ordering = ["written_at", "id"]

    def __str__(self) -> str:
        return f"conclusion:{self.pk}"


class Commitment(models.Model):
    """What an organisation or a person undertook to do by a day; kept only with what shows it."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="commitments")
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, related_name="commitments")
    subject_kind = models.CharField(max_length=12, blank=True)
    subject_code = models.CharField(max_length=80, blank=True)
    owner_organisation = models.ForeignKey("actors.Organisation", models.PROTECT, null=True, related_name="+")
    owner_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text_fr = models.TextField(blank=True)
    text_ar = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    is_public = models.BooleanField(default=True)
    made_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=_choices(CommitmentState), default=CommitmentState.OPEN)
    evidence_kind = models.CharField(max_length=10, choices=_choices(EvidenceKind), blank=True)
    evidence_code = models.CharField(max_length=300, blank=True)
    closed_on = models.DateField(null=True)
    reason = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id session challenge subject_kind subject_code owner_organisation text_fr text_ar text_en is_public"
        " made_on due_on state evidence_kind evidence_code closed_on reason",
        personal={"owner_user": _ACCOUNT},
    )

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner_organisation=None, owner_user__isnull=False)
                | models.Q(owner_organisation__isnull=False, owner_user=None),
                name="dialogue_a_commitment_has_one_owner",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="kept") | ~models.Q(evidence_code=""), name="dialogue_kept_shows_its_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"commitment:{self.pk}"


class CommitmentStep(models.Model):
    """One move on a commitment."""

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="steps")
    move = models.CharField(max_length=8)
    state = models.CharField(max_length=8)
    due_on = models.DateField()
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    privacy: ClassVar[Privacy] = classed(
        internal="id commitment move state due_on reason at", personal={"by": _ACCOUNT}
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.move}"


class CalendarKey(models.Model):
    """The secret of a person's calendar feed, kept as its digest; one for each person, a new one ends the old."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(internal="id digest made_at", personal={"user": _GONE})

    def __str__(self) -> str:
        return f"{self.pk}"
