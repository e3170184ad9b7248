"""Frames, samples, their cases and visits; networks, their coupons and participants: in the confidential database."""

from __future__ import annotations

from typing import Any

from django.db import models

from marsad.collection.fieldwork.rules import CaseState, CouponState, NetworkState, SampleState, UnitKind
from marsad.web.privacy import classed
from migstat.model.refusals import Refused

_ACTOR = "a number that stands for nobody once the account it belongs to is erased"
_ENDED = "deleted with the cases when retention ends (operations_retention.forget_old_fieldwork)"
_LOCATOR = "emptied when no sample of the frame goes on (operations_samples.move_sample), or after a year"
_PERSON = "emptied when the person is erased (fieldwork.erasing)"


def _states(states: Any) -> list[tuple[str, str]]:
    return [(state.value, state.value) for state in states]


class Frame(models.Model):
    """One version of a list that samples are drawn from. It never changes; another list is another version."""

    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=_states(UnitKind))
    title = models.CharField(max_length=160)
    is_synthetic = models.BooleanField(default=False)
    units = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=80)

    privacy = classed(
        internal="id code version kind title is_synthetic units checksum loaded_at", personal={"loaded_by": _ACTOR}
    )

    class Meta:
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="fieldwork_frame_version_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Refused(
                "fieldwork.frame_fixed", found="a change of a frame", remedy="load the new list as another version"
            )
        super().save(*args, **kwargs)


class FrameUnit(models.Model):
    """A dwelling or an area of a frame, by its code. How a dwelling is found stands sealed, and only as long as needed."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=20)
    area = models.CharField(max_length=60)
    stratum = models.CharField(max_length=40)
    block = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=1)
    sealed_locator = models.BinaryField(null=True)

    privacy = classed(
        internal="id frame position code area stratum block size",
        personal={"sealed_locator": _LOCATOR},
    )

    class Meta:
        ordering = ["frame", "position"]
        constraints = [models.UniqueConstraint(fields=["frame", "code"], name="fieldwork_unit_once")]

    def __str__(self) -> str:
        return self.code


class Agent(models.Model):
    """A field agent by a code; which account works under it is known here and shown nowhere else."""

    code = models.SlugField(max_length=20, primary_key=True)
    person = models.UUIDField(null=True, unique=True)
    since = models.DateField()
    until = models.DateField(null=True)

    privacy = classed(internal="code since until", personal={"person": _ACTOR})

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Sample(models.Model):
    """A sample as it was drawn: from which frame, how, with which seed. The draw can be made again by anybody."""

    code = models.SlugField(max_length=60, primary_key=True)
    title = models.CharField(max_length=160)
    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="samples")
    dataflow = models.CharField(max_length=60, blank=True)
    design = models.JSONField()
    seed = models.CharField(max_length=80)
    checksum = models.CharField(max_length=64)
    most_visits = models.PositiveSmallIntegerField()
    is_synthetic = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=_states(SampleState), default=SampleState.DRAWN)
    drawn_at = models.DateTimeField()
    drawn_by = models.CharField(max_length=80)
    moved_at = models.DateTimeField(null=True)
    weighted_at = models.DateTimeField(null=True)
    weighting = models.JSONField(null=True)

    privacy = classed(
        internal="code title frame dataflow design seed checksum most_visits is_synthetic state drawn_at moved_at "
        "weighted_at weighting",
        personal={"drawn_by": _ACTOR},
    )

    class Meta:
        ordering = ["-drawn_at", "code"]

    def __str__(self) -> str:
        return self.code


class Case(models.Model):
    """A drawn unit: what its chance is made of, who goes there, what became of it, what it weighs."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="cases")
    unit = models.ForeignKey(FrameUnit, on_delete=models.PROTECT, related_name="cases")
    code = models.CharField(max_length=20)
    area = models.CharField(max_length=60)
    stratum = models.CharField(max_length=40)
    cluster = models.CharField(max_length=40, blank=True)
    certain = models.BooleanField(default=False)
    rank = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    first = models.CharField(max_length=60, default="1")
    pseudonym = models.CharField(max_length=100, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=_states(CaseState), default=CaseState.WAITING)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="cases")
    disposition = models.CharField(max_length=4, default="3.11")
    visits = models.PositiveSmallIntegerField(default=0)
    last_on = models.DateField(null=True)
    design_weight = models.FloatField()
    nonresponse_weight = models.FloatField(null=True)
    calibrated_weight = models.FloatField(null=True)

    privacy = classed(
        internal="id sample unit code area stratum cluster certain rank drawn held first state agent visits last_on "
        "design_weight nonresponse_weight calibrated_weight",
        personal={"pseudonym": _PERSON, "disposition": _ENDED},
    )

    class Meta:
        ordering = ["sample", "stratum", "cluster", "rank", "id"]
        constraints = [models.UniqueConstraint(fields=["sample", "code"], name="fieldwork_case_once")]
        indexes = [
            models.Index(fields=["sample", "state"]),
            models.Index(fields=["sample", "agent", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.code}"


class Visit(models.Model):
    """One contact attempt with its outcome. A wrong one is struck out with its reason, and stays readable."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="history")
    number = models.PositiveSmallIntegerField()
    on = models.DateField()
    agent = models.CharField(max_length=20, blank=True)
    disposition = models.CharField(max_length=4)
    submission = models.UUIDField(null=True, db_index=True)
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=80)
    struck_at = models.DateTimeField(null=True)
    struck_for = models.CharField(max_length=200, blank=True)

    privacy = classed(
        internal="id case number on agent noted_at struck_at struck_for",
        personal={"disposition": _ENDED, "submission": _PERSON, "noted_by": _ACTOR},
    )

    class Meta:
        ordering = ["case", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="fieldwork_visit_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"


class Network(models.Model):
    """A respondent-driven sample: how many coupons a person may give, how long they are good, up to which wave."""

    code = models.SlugField(max_length=60, primary_key=True)
    title = models.CharField(max_length=160)
    dataflow = models.CharField(max_length=60)
    coupons_each = models.PositiveSmallIntegerField(default=3)
    valid_days = models.PositiveSmallIntegerField(default=30)
    last_wave = models.PositiveSmallIntegerField(null=True)
    place_fr = models.CharField(max_length=160)
    place_ar = models.CharField(max_length=160)
    state = models.CharField(max_length=10, choices=_states(NetworkState), default=NetworkState.PREPARED)
    is_synthetic = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    privacy = classed(
        internal="code title dataflow coupons_each valid_days last_wave place_fr place_ar state is_synthetic made_at",
        personal={"made_by": _ACTOR},
    )

    class Meta:
        ordering = ["-made_at", "code"]

    def __str__(self) -> str:
        return self.code


class Participant(models.Model):
    """A place in a chain of recruitment: a number, a wave, how many others are known. Nothing that says who it is."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="participants")
    number = models.PositiveIntegerField()
    recruiter = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="recruits")
    wave = models.PositiveSmallIntegerField()
    degree = models.PositiveIntegerField(null=True)
    site = models.CharField(max_length=40, blank=True)
    joined_at = models.DateTimeField()
    submission = models.UUIDField(null=True, unique=True)

    privacy = classed(
        internal="id network number recruiter wave site joined_at",
        personal={"degree": _PERSON, "submission": _PERSON},
    )

    class Meta:
        ordering = ["network", "number"]
        constraints = [models.UniqueConstraint(fields=["network", "number"], name="fieldwork_participant_once")]

    def __str__(self) -> str:
        return f"{self.network_id} {self.number}"


class Coupon(models.Model):
    """A coupon by the pseudonym of its number; the number itself stands on the paper alone."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="coupons")
    batch = models.PositiveIntegerField()
    pseudonym = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=_states(CouponState), default=CouponState.PRINTED)
    is_seed = models.BooleanField(default=False)
    giver = models.ForeignKey(Participant, null=True, on_delete=models.PROTECT, related_name="given")
    holder = models.OneToOneField(Participant, null=True, on_delete=models.PROTECT, related_name="coupon")
    made_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    redeemed_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id network batch state is_seed giver holder made_at issued_at expires_on redeemed_at",
        personal={"pseudonym": _PERSON},
    )

    class Meta:
        ordering = ["network", "batch", "id"]
        constraints = [
            models.UniqueConstraint(fields=["network", "pseudonym"], name="fieldwork_coupon_once"),
            models.CheckConstraint(
                condition=(models.Q(state="redeemed") & models.Q(holder__isnull=False))
                | (~models.Q(state="redeemed") & models.Q(holder__isnull=True)),
                name="fieldwork_redeemed_has_holder",
            ),
        ]
        indexes = [models.Index(fields=["network", "state"])]

    def __str__(self) -> str:
        return f"{self.network_id} {self.pk}"
