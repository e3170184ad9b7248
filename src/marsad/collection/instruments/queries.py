"""Reading instruments, their versions, and the devices of a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from marsad.accounts.queries import people_who_may
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.differences import Difference, destinations, differences
from marsad.collection.instruments.models import Device, Instrument, Media, Submission, Version
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.rules import RECEIVING, VersionState
from migstat.model.refusals import Refused

# Large, and not needed to know whether a version takes answers; each is read when it is asked for.
_CONTENT = ("sheets", "xform", "questions", "definition")
CONTENT_OF_VERSION = tuple(f"version__{name}" for name in _CONTENT)


def published_versions(user: Any) -> list[Version]:
    """The forms that a person may fill now, one version each; none for who may not fill forms."""
    if not user.has_perm("forms.fill"):
        return []
    return list(Version.objects.filter(state=VersionState.PUBLISHED).select_related("instrument"))


def receiving_version(instrument_code: str, version: str) -> Version:
    """A version whose answers are still taken.

    Raises ``Refused``: ``instruments.unknown_form``, ``instruments.unknown_version``, ``instruments.closed_version``.
    """
    found = Version.objects.filter(instrument_id=instrument_code, code=version).defer(*_CONTENT).first()
    if found is None:
        known = Instrument.objects.filter(pk=instrument_code).exists()
        raise Refused(
            "instruments.unknown_version" if known else "instruments.unknown_form",
            found="a form or a version that was never published here",
            remedy="get the forms of this server again",
        )
    if found.state not in RECEIVING:
        raise Refused(
            "instruments.closed_version", found=f"a version that is {found.state}", remedy="get the forms again"
        )
    return found


def content_of(version_id: int) -> Version:
    """A version with its questions and its definition, without the sheets and the XForm that they were read from."""
    return Version.objects.defer("sheets", "xform").get(pk=version_id)


def xform(instrument_code: str, version: str) -> bytes:
    """The XForm of a version that is filled now or was. Raises ``Refused`` as ``receiving_version`` does."""
    return receiving_version(instrument_code, version).xform.encode()


def media(instrument_code: str, version: str) -> list[Media]:
    """The files that a version's form shows or reads from."""
    return list(Media.objects.filter(version__instrument_id=instrument_code, version__code=version))


def media_file(instrument_code: str, version: str, name: str) -> Media | None:
    return Media.objects.filter(version__instrument_id=instrument_code, version__code=version, name=name).first()


def described_versions(instrument: str = "") -> QuerySet[Version]:
    """The versions of an instrument, or of all, without their content: ``questions_of`` and ``definition_of`` know it."""
    found = Version.objects.defer(*_CONTENT)
    return found.filter(instrument_id=instrument) if instrument else found


@lru_cache(maxsize=32)
def _content(version_id: int, digest: str) -> tuple[tuple[Question, ...], Definition]:
    """Read once for each digest, which covers all of a version's content: a page meets one form in many submissions."""
    return _read(content_of(version_id))


def _read(version: Version) -> tuple[tuple[Question, ...], Definition]:
    return tuple(Question.from_mapping(one) for one in version.questions), Definition.from_mapping(version.definition)


def _known(version: Version) -> tuple[tuple[Question, ...], Definition]:
    """One that is not kept yet is read as it stands."""
    return _content(version.pk, version.digest) if version.pk else _read(version)


def questions_of(version: Version) -> tuple[Question, ...]:
    return _known(version)[0]


def definition_of(version: Version) -> Definition:
    return _known(version)[1]


def instruments() -> QuerySet[Instrument]:
    """Every instrument, with how many versions and submissions it has."""
    return Instrument.objects.annotate(
        version_count=Count("versions", distinct=True), submission_count=Count("versions__submissions", distinct=True)
    ).order_by("code")


def instrument_of(code: str) -> Instrument | None:
    return Instrument.objects.filter(pk=code).first()


def versions_of(code: str) -> list[Version]:
    """The versions of an instrument, the latest first, with the number of their submissions."""
    found = list(described_versions(code).order_by("-loaded_at", "-id"))
    counted: dict[int, int] = dict(
        Submission.objects.filter(version__in=[one.pk for one in found])
        .order_by()
        .values_list("version")
        .annotate(count=Count("pk"))
    )
    for one in found:
        one.submission_count = counted.get(one.pk, 0)  # type: ignore[attr-defined]
    return found


def version_of(code: str, version: str) -> Version | None:
    return described_versions(code).filter(code=version).select_related("instrument").first()


def changes_between(before: Version, after: Version) -> tuple[Difference, ...]:
    """What changed from one version to another, in questions and in where their answers go."""
    asked = differences(questions_of(before), questions_of(after))
    found = asked + destinations(definition_of(before), definition_of(after))
    if not found and before.digest != after.digest:
        return (Difference("other_content", after.instrument_id),)
    return found


def changes_from(before: Version, asked: Sequence[Question], definition: Definition) -> tuple[Difference, ...]:
    """What would change in a version if it had these questions and this description."""
    found = differences(questions_of(before), asked) + destinations(definition_of(before), definition)
    return found or (Difference("other_content", before.instrument_id),)


def version_before(version: Version) -> Version | None:
    """The version of the same instrument that was entered before."""
    earlier = described_versions(version.instrument_id).filter(pk__lt=version.pk)
    return earlier.order_by("-pk").first()


def people_who_fill() -> dict[UUID, Any]:
    """The accounts that may fill forms now, by their number."""
    return {user.pk: user for user in people_who_may("forms.fill")}


def devices(person: UUID | None = None, *, wanted: str = "") -> QuerySet[Device]:
    """The devices of one person, or of everybody, the latest first; those alone whose label or user name holds
    ``wanted``."""
    found = Device.objects.all() if person is None else Device.objects.filter(person=person)
    return found.filter(Q(label__icontains=wanted) | Q(username__icontains=wanted)) if wanted else found


def device_of(device_id: UUID) -> Device | None:
    return Device.objects.filter(pk=device_id).first()


def device_by_username(username: str) -> Device | None:
    return Device.objects.filter(username=username).first()


def device_by_token_digest(digest: str) -> Device | None:
    return Device.objects.filter(token_digest=digest).first()


def choice_words(questions: Sequence[Question], name: str, said: str, language: str) -> str:
    """What was chosen, in the reader's language; any other answer as it is."""
    question = next((one for one in questions if one.name == name), None)
    if question is None or not question.choices:
        return said
    chosen = said.split()
    labels = {
        choice.name: choice.label.get(language, choice.name) for choice in question.choices if choice.name in chosen
    }
    return ", ".join(labels.get(one, one) for one in chosen)
