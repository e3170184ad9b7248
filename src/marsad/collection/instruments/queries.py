"""Reading instruments, their versions, and the devices of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from marsad.accounts.queries import accounts
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.differences import Difference, destinations, differences
from marsad.collection.instruments.models import Device, Instrument, Media, Version
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.rules import RECEIVING, VersionState
from migstat.model.refusals import Refused

# Large, and not needed to know whether a version takes answers; each is read when it is asked for.
_CONTENT = ("sheets", "xform", "questions", "definition")


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


def questions_of(version: Version) -> tuple[Question, ...]:
    return tuple(Question.from_mapping(one) for one in version.questions)


def definition_of(version: Version) -> Definition:
    return Definition.from_mapping(version.definition)


def instruments() -> QuerySet[Instrument]:
    """Every instrument, with how many versions and submissions it has."""
    return Instrument.objects.annotate(
        version_count=Count("versions", distinct=True), submission_count=Count("versions__submissions", distinct=True)
    ).order_by("code")


def instrument_of(code: str) -> Instrument | None:
    return Instrument.objects.filter(pk=code).first()


def versions_of(code: str) -> list[Version]:
    """The versions of an instrument, the latest first, with the number of their submissions."""
    # Django leaves a model's own order out of a query that counts.
    found = Version.objects.filter(instrument_id=code).annotate(submission_count=Count("submissions"))
    return list(found.order_by("-loaded_at", "-id"))


def version_of(code: str, version: str) -> Version | None:
    return Version.objects.filter(instrument_id=code, code=version).select_related("instrument").first()


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
    earlier = Version.objects.filter(instrument_id=version.instrument_id, pk__lt=version.pk)
    return earlier.order_by("-pk").first()


def people_who_fill() -> dict[UUID, Any]:
    """The accounts that may fill forms now, by their number."""
    return {user.pk: user for user in accounts() if user.has_perm("forms.fill")}


def devices(person: UUID | None = None) -> QuerySet[Device]:
    """The devices of one person, or of everybody, the latest first."""
    found = Device.objects.all()
    return found if person is None else found.filter(person=person)


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
    labels = {choice.name: choice.label.get(language, choice.name) for choice in question.choices}
    return ", ".join(labels.get(one, one) for one in said.split())
