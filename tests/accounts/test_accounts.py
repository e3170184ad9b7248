"""Invitations, roles, second factors, sign-ins and erasure, through the pages and through the operations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from house.people import AT, PASSWORD, client_of, person
from marsad.accounts import operations
from marsad.accounts.models import Invitation, User
from marsad.accounts.queries import administrators, open_invitation
from marsad.accounts.rules import (
    GRANTABLE,
    INVITATION_KEPT,
    ROLES,
    TRANSITIONS,
    InvitationMove,
    InvitationState,
    Role,
    state_now,
    token_digest,
)
from marsad.audit.models import Event
from marsad.audit.rules import System
from migstat.model.refusals import Refused

ACTOR = System("test")
pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD) -> object:
    return client.post("/fr/account/login/", {"login": email, "password": password})


def prove_again(client: Client, page: str) -> None:
    """What allauth asks before anything that touches the keys of an account: the password, a second time."""
    assert "reauthenticate" in client.get(page)["Location"]
    client.post(f"/fr/account/reauthenticate/?next={page}", {"password": PASSWORD})


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def test_every_pair_of_state_and_move_of_an_invitation_is_decided() -> None:
    assert set(TRANSITIONS) == {(state, move) for state in InvitationState for move in InvitationMove}
    assert {state for (state, _), after in TRANSITIONS.items() if after} == {InvitationState.SENT}


def test_the_roles_that_need_a_second_factor() -> None:
    assert {role for role, rules in ROLES.items() if rules.second_factor} == {
        Role.DATA_OFFICER,
        Role.COORDINATOR,
        Role.STATISTICIAN,
        Role.REVIEWER,
        Role.DATA_PROTECTION_OFFICER,
        Role.ADMINISTRATOR,
    }
    assert set(GRANTABLE) == set(Role) - {Role.VISITOR, Role.RESIDENT}


def test_an_invitation_is_sent_shown_and_makes_an_account() -> None:
    inviter = client_of(person(Role.ADMINISTRATOR))
    page = inviter.post("/fr/account/invitations/", {"email": "New@Example.org", "roles": ["member"], "language": "ar"})
    link = re.search(r"http://testserver(/ar/account/invitation/[\w-]+/)", page.content.decode())
    assert link
    assert link[1] in mail.outbox[0].body
    token = link[1].split("/")[-2]
    assert not Invitation.objects.filter(token_digest=token).exists()
    assert Invitation.objects.filter(token_digest=token_digest(token)).exists()
    newcomer = Client()
    form = {"name": "Nora", "password": PASSWORD, "again": PASSWORD}
    assert newcomer.get(link[1]).status_code == 200
    answer = newcomer.post(link[1], form)
    assert answer.status_code == 302
    user = User.objects.get(email="new@example.org")
    assert user.role_names == {Role.MEMBER}
    assert newcomer.get("/fr/account/").status_code == 200
    assert Client().get(link[1]).status_code == 410
    assert Client().post(link[1], form).status_code == 410


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), ("123456789012345", "123456789012345"), (PASSWORD, "another one")]
)
def test_a_weak_or_mistyped_password_makes_no_account(password: str, again: str) -> None:
    sent = operations.invite(actor=ACTOR, at=AT, email="a@example.org", roles=[Role.MEMBER], language="fr")
    Invitation.objects.update(expires_at=AT.replace(year=2100))
    page = Client().post(f"/fr/account/invitation/{sent.token}/", {"name": "A", "password": password, "again": again})
    assert page.status_code == 200
    assert not User.objects.exists()


def test_a_password_like_the_persons_own_address_is_refused_on_the_page() -> None:
    sent = operations.invite(
        actor=System("test"), at=AT, email="somebody.long@example.org", roles=[Role.MEMBER], language="fr"
    )
    Invitation.objects.filter(pk=sent.id).update(expires_at=timezone.now() + timedelta(days=1))
    alike = "somebody.long@example.org"
    given = {"name": "Somebody", "password": alike, "again": alike}
    answer = Client().post(f"/fr/account/invitation/{sent.token}/", given)
    assert answer.status_code == 200
    assert answer.context["form"].errors["password"]
    assert not User.objects.filter(email=alike).exists()


def test_an_invitation_ends_with_its_time_and_its_address_is_forgotten() -> None:
    sent = operations.invite(actor=ACTOR, at=AT, email="a@example.org", roles=[Role.MEMBER], language="fr")
    late = AT + timedelta(days=8)
    assert open_invitation(sent.token, now=AT) is not None
    assert open_invitation(sent.token, now=late) is None
    with pytest.raises(Refused, match=r"invitation\.expired"):
        operations.accept_invitation(actor=ACTOR, at=late, token=sent.token, email="", name="A", password=PASSWORD)
    assert operations.forget_invitations(actor=ACTOR, at=late) == 0
    assert Invitation.objects.get().state == InvitationState.EXPIRED
    assert operations.forget_invitations(actor=ACTOR, at=late + INVITATION_KEPT) == 1
    assert Invitation.objects.get().email is None


def test_a_second_invitation_withdraws_the_first_and_a_withdrawn_one_is_closed() -> None:
    first = operations.invite(actor=ACTOR, at=AT, email="a@example.org", roles=[Role.MEMBER], language="fr")
    second = operations.invite(actor=ACTOR, at=AT, email="A@example.org ", roles=[Role.PLANNER], language="fr")
    assert open_invitation(first.token, now=AT) is None
    operations.withdraw_invitation(actor=ACTOR, at=AT, invitation_id=second.id)
    with pytest.raises(Refused, match="withdrawn"):
        operations.withdraw_invitation(actor=ACTOR, at=AT, invitation_id=second.id)


@pytest.mark.parametrize("roles", [[], [Role.VISITOR], [Role.RESIDENT]])
def test_roles_without_account_cannot_be_invited(roles: list[Role]) -> None:
    with pytest.raises(Refused, match=r"accounts\.roles"):
        operations.invite(actor=ACTOR, at=AT, email="a@example.org", roles=roles, language="fr")


def test_the_first_link_works_once_for_a_day_and_only_without_administrator() -> None:
    lost = operations.make_first_link(actor=ACTOR, at=AT)
    sent = operations.make_first_link(actor=ACTOR, at=AT)
    assert open_invitation(lost.token, now=AT) is None
    assert open_invitation(sent.token, now=AT + timedelta(hours=25)) is None
    operations.accept_invitation(
        actor=ACTOR, at=AT, token=sent.token, email="first@example.org", name="First", password=PASSWORD
    )
    assert administrators().get().email == "first@example.org"
    with pytest.raises(Refused, match=r"accounts\.first_link"):
        operations.make_first_link(actor=ACTOR, at=AT)
    with pytest.raises(Refused, match="accepted"):
        operations.accept_invitation(
            actor=ACTOR, at=AT, token=sent.token, email="second@example.org", name="S", password=PASSWORD
        )


def test_state_now_turns_only_a_sent_invitation_into_an_expired_one() -> None:
    assert state_now(InvitationState.ACCEPTED, AT, now=AT) is InvitationState.ACCEPTED
    assert state_now(InvitationState.SENT, AT, now=AT) is InvitationState.EXPIRED


def test_the_last_administrator_stays() -> None:
    last = person(Role.ADMINISTRATOR)
    for change in (
        lambda: operations.revoke_role(actor=last, at=AT, user_id=last.pk, role=Role.ADMINISTRATOR),
        lambda: operations.erase_account(actor=last, at=AT, user_id=last.pk),
    ):
        with pytest.raises(Refused, match="last_administrator"):
            change()
    person(Role.ADMINISTRATOR, email="second@example.org")
    operations.revoke_role(actor=last, at=AT, user_id=last.pk, role=Role.ADMINISTRATOR)
    assert User.objects.get(pk=last.pk).role_names == frozenset()


def test_roles_are_given_and_taken_back_on_the_page() -> None:
    manager, member = client_of(person(Role.ADMINISTRATOR)), person(Role.MEMBER)
    manager.post(f"/fr/account/people/{member.pk}/grant/", {"role": "planner"})
    assert User.objects.get(pk=member.pk).role_names == {Role.MEMBER, Role.PLANNER}
    again = manager.post(f"/fr/account/people/{member.pk}/grant/", {"role": "planner"}, follow=True)
    assert "détient déjà ce rôle" in again.content.decode()
    manager.post(f"/fr/account/people/{member.pk}/revoke/", {"role": "member"})
    assert User.objects.get(pk=member.pk).role_names == {Role.PLANNER}
    manager.post(f"/fr/account/people/{member.pk}/grant/", {"role": "visitor"})
    assert User.objects.get(pk=member.pk).role_names == {Role.PLANNER}


def test_many_accounts_stand_on_pages_and_a_change_leads_back_to_its_page() -> None:
    manager = client_of(person(Role.ADMINISTRATOR))
    members = [person(Role.MEMBER, email=f"member-{number:02}@example.org") for number in range(30)]
    planner = person(Role.PLANNER, email="planner@example.org")
    first, second = (manager.get(f"/fr/account/people/?page={number}").content.decode() for number in (1, 2))
    assert (first.count("data-person"), second.count("data-person")) == (25, 7)
    alone = manager.get("/fr/account/people/?of=planner").content.decode()
    assert alone.count("data-person") == 1 and str(planner.pk) in alone
    assert manager.get("/fr/account/people/?of=nothing").content.decode().count("data-person") == 25
    change = {"role": "planner", "page": "2", "of": "member"}
    answer = manager.post(f"/fr/account/people/{members[0].pk}/grant/", change)
    assert answer["Location"] == "/fr/account/people/?of=member&page=2"
    change["page"], change["of"] = "//elsewhere.example", "x&y=1"
    answer = manager.post(f"/fr/account/people/{members[1].pk}/grant/", change)
    assert answer["Location"] == "/fr/account/people/"


def test_signing_in_with_a_password_and_a_code_leaves_an_event() -> None:
    user = person(Role.ADMINISTRATOR, email="admin@example.org", factor=False)
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    client = Client()
    assert sign_in(client, "admin@example.org")["Location"] == "/fr/account/factors/authenticate/"
    assert client.get("/fr/account/")["Location"].startswith("/fr/account/login/")
    assert client.post("/fr/account/factors/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/fr/account/factors/authenticate/", {"code": code_of(secret)})["Location"] == "/fr/desk/"
    assert Event.objects.filter(action="accounts.sign_in", actor=user.audit_code).count() == 1


def test_the_set_up_of_a_second_factor_is_reached_and_ends_the_wait() -> None:
    user = person(Role.REVIEWER, factor=False)
    client = Client()
    sign_in(client, user.email or "")
    assert client.get("/fr/account/")["Location"] == "/fr/account/factors/"
    prove_again(client, "/fr/account/factors/totp/activate/")
    for page in ("/fr/account/factors/", "/fr/account/factors/webauthn/add/"):
        assert client.get(page).status_code == 200
    form = client.get("/fr/account/factors/totp/activate/")
    code = code_of(form.context["form"].secret)
    assert client.post("/fr/account/factors/totp/activate/", {"code": code}).status_code == 302
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    assert client.get("/fr/account/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_session_opened_by_a_password_alone_ends_when_the_first_factor_is_set_up() -> None:
    user = person(Role.REVIEWER, factor=False)
    owner, thief = Client(), Client()
    for client in (owner, thief):
        sign_in(client, user.email or "")
    prove_again(owner, "/fr/account/factors/totp/activate/")
    secret = owner.get("/fr/account/factors/totp/activate/").context["form"].secret
    owner.post("/fr/account/factors/totp/activate/", {"code": code_of(secret)})
    assert owner.get("/fr/account/").status_code == 200
    assert thief.get("/fr/account/")["Location"].startswith("/fr/account/login/")
    assert Event.objects.get(action="accounts.end_other_sessions").details == {"ended": 1}


def test_nobody_signs_up_without_an_invitation() -> None:
    form = {"email": "x@example.org", "password1": PASSWORD}
    Client().post("/fr/account/signup/", form)
    assert not User.objects.exists()


def test_wrong_passwords_are_counted_in_the_database() -> None:
    user = person(Role.MEMBER)
    for _ in range(5):
        sign_in(Client(), user.email or "", "wrong")
    answer = sign_in(Client(), user.email or "")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert not UserSession.objects.exists()


def test_an_own_session_is_ended_and_another_persons_is_not() -> None:
    user, other = person(Role.MEMBER), person(Role.PLANNER)
    here, there, foreign = Client(), Client(), Client()
    for client, who in ((here, user), (there, user), (foreign, other)):
        sign_in(client, who.email or "")
    page = here.get("/fr/account/").content.decode()
    assert page.count("data-session") == 2
    theirs = UserSession.objects.get(user=other)
    here.post(f"/fr/account/sessions/{theirs.pk}/end/")
    assert foreign.get("/fr/account/").status_code == 200
    own = UserSession.objects.get(session_key=there.session.session_key)
    here.post(f"/fr/account/sessions/{own.pk}/end/")
    assert there.get("/fr/account/").status_code == 302
    assert here.get("/fr/account/").status_code == 200


def test_an_erased_account_keeps_nothing_of_the_person() -> None:
    user = person(Role.STATISTICIAN, email="gone@example.org")
    client = Client()
    sign_in(client, "gone@example.org")
    operations.erase_account(actor=user, at=AT, user_id=user.pk)
    left = User.objects.get(pk=user.pk)
    assert (left.email, left.name, left.is_active, left.last_login) == (None, "", False, None)
    assert not left.has_usable_password()
    for model in (EmailAddress, Authenticator, UserSession):
        assert not model.objects.filter(user_id=user.pk).exists()
    assert not Invitation.objects.filter(email="gone@example.org").exists()
    assert client.get("/fr/account/").status_code == 302
    assert "gone" not in "".join(str(event.details) + event.target for event in Event.objects.all())


def test_erasing_on_the_page_asks_for_the_password_again() -> None:
    user = person(Role.MEMBER)
    signed = client_of(user)
    assert "reauthenticate" in signed.get("/fr/account/erase/")["Location"]
    client = Client()
    sign_in(client, user.email or "")
    prove_again(client, "/fr/account/erase/")
    assert client.get("/fr/account/erase/").status_code == 200
    assert client.post("/fr/account/erase/", {}).status_code == 200
    assert client.post("/fr/account/erase/", {"confirm": "on"}).status_code == 302
    assert User.objects.get(pk=user.pk).erased_at is not None


def test_the_list_of_keys_says_how_each_is_used() -> None:
    user = person(Role.MEMBER)
    key = Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "clef bleue", "passwordless": True}
    )
    page = client_of(user).get("/fr/account/factors/webauthn/").content.decode()
    assert f'data-key="{key.pk}"' in page
    assert "clef bleue" in page
    assert "pas encore utilisée" in page


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("page", ["login", "password/reset", "inactive"])
def test_the_pages_of_signing_in_open_in_every_language(language: str, page: str) -> None:
    answer = Client().get(f"/{language}/account/{page}/")
    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.content.decode()


@pytest.mark.parametrize(("proxies", "counted"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_the_address_behind_a_proxy_is_believed_only_where_there_is_one(
    settings: Any, proxies: int, counted: str
) -> None:
    user = person(Role.MEMBER)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    form = {"login": user.email, "password": PASSWORD}
    Client().post("/fr/account/login/", form, headers={"x-forwarded-for": "198.51.100.1, 203.0.113.9"})
    assert UserSession.objects.get(user=user).ip == counted
