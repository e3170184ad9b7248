"""Writes of accounts: invitations, roles, sign-ins and erasure. Each leaves one audit event."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password

from marsad.accounts.models import Invitation, RoleGrant, User
from marsad.accounts.queries import administrators
from marsad.accounts.rules import (
    FIRST_LINK_LIFE,
    GRANTABLE,
    INVITATION_KEPT,
    INVITATION_LIFE,
    TRANSITIONS,
    InvitationMove,
    InvitationState,
    Role,
    state_now,
    token_digest,
)
from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from migstat.model.refusals import Refused


@dataclass(frozen=True)
class SentInvitation:
    """An invitation and the secret of its link, which is known at this moment only."""

    id: str
    email: str
    roles: list[str]
    token: str


def _grantable(roles: Sequence[Role]) -> list[str]:
    if not roles or any(role not in GRANTABLE for role in roles):
        raise Refused("accounts.roles", found="no role that an account can hold", remedy="choose at least one role")
    return sorted({role.value for role in roles})


def _invitation(*, actor: Actor, at: datetime, email: str | None, roles: list[str], language: str) -> SentInvitation:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        roles=roles,
        language=language,
        token_digest=token_digest(token),
        invited_by=actor.audit_code,
        invited_at=at,
        expires_at=at + (INVITATION_LIFE if email else FIRST_LINK_LIFE),
    )
    return SentInvitation(str(invitation.pk), email or "", roles, token)


@writes("accounts.invite")
def invite(*, actor: Actor, at: datetime, email: str, roles: Sequence[Role], language: str) -> SentInvitation:
    """Invite a person by e-mail address to hold some roles; an earlier open invitation of that address is withdrawn."""
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise Refused("accounts.exists", found="an account with this address", remedy="grant the role to that account")
    for earlier in Invitation.objects.select_for_update().filter(email=address, state=InvitationState.SENT):
        _close(earlier, InvitationMove.WITHDRAW, at=at)
    sent = _invitation(actor=actor, at=at, email=address, roles=_grantable(roles), language=language)
    record(
        actor=actor,
        action="accounts.invite",
        target=f"invitation:{sent.id}",
        at=at,
        details={"roles": sent.roles},
    )
    return sent


@writes("accounts.first_link")
def make_first_link(*, actor: Actor, at: datetime) -> SentInvitation:
    """The one-time link of the first start: it makes the first administrator. Earlier ones stop working."""
    if administrators().exists():
        raise Refused("accounts.first_link", found="an administrator", remedy="ask an administrator for an invitation")
    for earlier in Invitation.objects.select_for_update().filter(email__isnull=True, state=InvitationState.SENT):
        _close(earlier, InvitationMove.WITHDRAW, at=at)
    sent = _invitation(actor=actor, at=at, email=None, roles=[Role.ADMINISTRATOR.value], language="fr")
    record(actor=actor, action="accounts.first_link", target=f"invitation:{sent.id}", at=at)
    return sent


def _close(invitation: Invitation, move: InvitationMove, *, at: datetime) -> None:
    state = state_now(InvitationState(invitation.state), invitation.expires_at, now=at)
    if move is InvitationMove.EXPIRE:
        state = InvitationState(invitation.state)
    reached = TRANSITIONS[state, move]
    if reached is None:
        raise Refused(
            f"accounts.invitation.{state}", found=f"an invitation that is {state}", remedy="ask for a new invitation"
        )
    invitation.state = reached
    invitation.closed_at = at
    invitation.save(update_fields=["state", "closed_at"])


@writes("accounts.accept")
def accept_invitation(*, actor: Actor, at: datetime, token: str, email: str, name: str, password: str) -> User:
    """Make the account of an invitation. The address is the invited one, or, with the first link, the one given."""
    from allauth.account.models import EmailAddress

    invitation = Invitation.objects.select_for_update().filter(token_digest=token_digest(token)).first()
    if invitation is None:
        raise Refused("accounts.invitation.unknown", found="an unknown link", remedy="ask for a new invitation")
    _close(invitation, InvitationMove.ACCEPT, at=at)
    address = (invitation.email or email).strip().lower()
    if User.objects.filter(email=address).exists():
        raise Refused("accounts.exists", found="an account with this address", remedy="sign in with it")
    user = User(email=address, name=name.strip(), language=invitation.language, joined_at=at)
    validate_password(password, user)
    user.set_password(password)
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=role, granted_at=at, granted_by=invitation.invited_by) for role in invitation.roles
    )
    record(
        actor=user,
        action="accounts.accept",
        target=f"invitation:{invitation.pk}",
        at=at,
        details={"roles": invitation.roles},
    )
    return user


@writes("accounts.withdraw")
def withdraw_invitation(*, actor: Actor, at: datetime, invitation_id: str) -> None:
    """Make the link of an open invitation stop working."""
    _close(Invitation.objects.select_for_update().get(pk=invitation_id), InvitationMove.WITHDRAW, at=at)
    record(actor=actor, action="accounts.withdraw", target=f"invitation:{invitation_id}", at=at)


@writes("accounts.forget_invitations")
def forget_invitations(*, actor: Actor, at: datetime) -> int:
    """Close the invitations whose time has passed and empty the addresses of those closed long ago."""
    late = Invitation.objects.select_for_update().filter(state=InvitationState.SENT, expires_at__lte=at)
    for invitation in late:
        _close(invitation, InvitationMove.EXPIRE, at=at)
    old = Invitation.objects.filter(email__isnull=False, closed_at__lte=at - INVITATION_KEPT)
    emptied = old.update(email=None)
    record(
        actor=actor,
        action="accounts.forget_invitations",
        target="invitations",
        at=at,
        details={"expired": len(late), "emptied": emptied},
    )
    return emptied


@writes("accounts.grant")
def grant_role(*, actor: Actor, at: datetime, user_id: str, role: Role) -> None:
    """Give an account a role. Granting a role that is held is refused."""
    _grantable([role])
    user = User.objects.select_for_update().get(pk=user_id, erased_at__isnull=True)
    if user.grants.filter(role=role, revoked_at__isnull=True).exists():
        raise Refused("accounts.role_held", found=f"the role {role}, held already", remedy="nothing is to be done")
    RoleGrant.objects.create(user=user, role=role, granted_at=at, granted_by=actor.audit_code)
    record(actor=actor, action="accounts.grant", target=user.audit_code, at=at, details={"role": role.value})


@writes("accounts.revoke")
def revoke_role(*, actor: Actor, at: datetime, user_id: str, role: Role) -> None:
    """Take a role back. The last administrator's is refused: nobody could give it again."""
    user = User.objects.get(pk=user_id)
    _keep_an_administrator(user, leaving=role)
    held = RoleGrant.objects.filter(user=user, role=role, revoked_at__isnull=True)
    if not held.update(revoked_at=at, revoked_by=actor.audit_code):
        raise Refused("accounts.role_absent", found=f"no role {role}", remedy="choose a role that the account holds")
    record(actor=actor, action="accounts.revoke", target=user.audit_code, at=at, details={"role": role.value})


def _keep_an_administrator(user: User, *, leaving: Role) -> None:
    others = administrators().select_for_update().exclude(pk=user.pk)
    if leaving is Role.ADMINISTRATOR and administrators().filter(pk=user.pk).exists() and not others:
        raise Refused(
            "accounts.last_administrator", found="the last administrator", remedy="make another one administrator first"
        )


@writes("accounts.sign_in")
def record_sign_in(*, actor: User, at: datetime) -> None:
    """Leave in the audit log that an account signed in; where from is kept with the session, not here."""
    record(actor=actor, action="accounts.sign_in", target=actor.audit_code, at=at)


@writes("accounts.end_session")
def end_session(*, actor: User, at: datetime, session_id: int) -> None:
    """Sign one of one's own sessions out."""
    from allauth.usersessions.models import UserSession

    session = UserSession.objects.filter(pk=session_id, user_id=actor.pk).first()
    if session is None:
        raise Refused("accounts.session", found="no such session of this account", remedy="choose one from the list")
    session.end()
    record(actor=actor, action="accounts.end_session", target=actor.audit_code, at=at)


@writes("accounts.end_other_sessions")
def end_other_sessions(*, actor: User, at: datetime, kept: str) -> int:
    """Sign every session of one's own out but the one whose key is ``kept``; returns how many there were."""
    from allauth.usersessions.models import UserSession

    others = list(UserSession.objects.filter(user_id=actor.pk).exclude(session_key=kept))
    for session in others:
        session.end()
    record(
        actor=actor,
        action="accounts.end_other_sessions",
        target=actor.audit_code,
        at=at,
        details={"ended": len(others)},
    )
    return len(others)


@writes("accounts.erase")
def erase_account(*, actor: Actor, at: datetime, user_id: str) -> None:
    """Erase a person: address, name, password, factors, sessions and roles. The number stays, standing for nobody."""
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.usersessions.models import UserSession

    user = User.objects.select_for_update().get(pk=user_id, erased_at__isnull=True)
    _keep_an_administrator(user, leaving=Role.ADMINISTRATOR)
    for session in UserSession.objects.filter(user_id=user.pk):
        session.end()
    Invitation.objects.filter(email=user.email).update(email=None)
    EmailAddress.objects.filter(user_id=user.pk).delete()
    Authenticator.objects.filter(user_id=user.pk).delete()
    roles = user.grants.filter(revoked_at__isnull=True).update(revoked_at=at, revoked_by=actor.audit_code)
    user.email, user.name, user.last_login, user.is_active, user.erased_at = None, "", None, False, at
    user.set_unusable_password()
    user.save()
    record(actor=actor, action="accounts.erase", target=user.audit_code, at=at, details={"roles_ended": roles})
