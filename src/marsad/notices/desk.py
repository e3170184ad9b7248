"""The rooms of the house that a person may work in. An entry whose route or permission is not there is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Group, then route, any of these permissions, English words.
ROOMS: Final = (
    (
        gettext_noop("Figures"),
        (("figures:proposals", ("figures.propose", "figures.settle"), gettext_noop("Proposals on published figures")),),
    ),
    (
        gettext_noop("Production"),
        (
            ("production:list", ("production.run",), gettext_noop("Runs")),
            ("production:studies", ("production.run",), gettext_noop("Studies")),
            ("linkage:list", ("linkage.review",), gettext_noop("Linkages")),
        ),
    ),
    (
        gettext_noop("Release"),
        (("release:list", ("release.request", "release.review"), gettext_noop("Release desk")),),
    ),
    (
        gettext_noop("Questionnaires"),
        (
            ("instruments:list", ("instruments.manage",), gettext_noop("Questionnaires and their versions")),
            ("instruments:review", ("submissions.review",), gettext_noop("Review of submissions")),
            ("forms:list", ("forms.fill",), gettext_noop("Fill a questionnaire")),
            ("instruments:returned", ("forms.fill",), gettext_noop("Forms returned to you")),
            ("instruments:devices", ("forms.fill",), gettext_noop("Devices for ODK Collect")),
            ("fieldwork:desk", ("fieldwork.manage",), gettext_noop("Samples, fieldwork and coupons")),
            ("fieldwork:mine", ("forms.fill",), gettext_noop("My dwellings")),
            ("fieldwork:reception", ("forms.fill",), gettext_noop("Receive coupons")),
        ),
    ),
    (
        gettext_noop("Partners"),
        (
            (
                "agreements:list",
                ("agreements.draft", "agreements.negotiate", "agreements.manage", "agreements.review"),
                gettext_noop("Data-sharing agreements"),
            ),
            (
                "directory:entries",
                ("actors.edit_own", "actors.validate"),
                gettext_noop("Directory: entries, services, contacts"),
            ),
            ("needs:list", ("needs.state", "requests.assess"), gettext_noop("Needs for data")),
            ("needs:requests", ("requests.make", "requests.assess"), gettext_noop("Requests for data")),
            (
                "dialogue:sessions",
                ("dialogue.hold", "discussions.post"),
                gettext_noop("Dialogue: sessions, commitments, discussions"),
            ),
            ("deliveries:list", ("deliveries.send",), gettext_noop("Deliveries")),
            ("deliveries:queue", ("deliveries.review",), gettext_noop("Deliveries to decide")),
        ),
    ),
    (
        gettext_noop("People and rules"),
        (
            ("release:competence", ("competence.grant",), gettext_noop("Who may review releases")),
            ("accounts:invitations", ("accounts.invite",), gettext_noop("Invitations")),
            ("accounts:people", ("accounts.manage",), gettext_noop("Accounts and roles")),
            ("collection:requests", ("privacy.manage",), gettext_noop("Data-protection requests")),
            ("store:register", ("privacy.manage", "production.run"), gettext_noop("Register of processing")),
            ("audit:events", ("audit.read",), gettext_noop("Audit log")),
            ("work:list", ("work.run",), gettext_noop("Background work")),
        ),
    ),
)


@dataclass(frozen=True)
class Room:
    label: str
    url: str


@dataclass(frozen=True)
class RoomGroup:
    label: str
    rooms: tuple[Room, ...]


def rooms_of(user: Any) -> list[RoomGroup]:
    """The rooms open to an account, in groups; a group without an open room is left out."""
    groups = (RoomGroup(_(words), tuple(_open(entries, user))) for words, entries in ROOMS)
    return [group for group in groups if group.rooms]


def _open(entries: tuple[tuple[str, tuple[str, ...], str], ...], user: Any) -> list[Room]:
    found = []
    for route, permissions, words in entries:
        if not any(user.has_perm(permission) for permission in permissions):
            continue
        try:
            found.append(Room(_(words), reverse(route)))
        except NoReverseMatch:
            continue
    return found
