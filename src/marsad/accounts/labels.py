"""The words of roles, permissions and states of invitations."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.accounts.rules import InvitationState, Role

ROLE_LABELS: dict[str, Promise | str] = {
    Role.VISITOR: _("Visitor"),
    Role.ELECTED_MEMBER: _("Elected member or director"),
    Role.DATA_OFFICER: _("Municipal data officer"),
    Role.COORDINATOR: _("Coordinator of the observatory"),
    Role.STATISTICIAN: _("Statistician"),
    Role.REVIEWER: _("Release reviewer"),
    Role.PARTNER: _("Partner focal point"),
    Role.FIELD_AGENT: _("Field agent"),
    Role.FACILITATOR: _("Facilitator"),
    Role.MEMBER: _("Member of the community of practice"),
    Role.TRAINER: _("Trainer"),
    Role.LEARNER: _("Learner"),
    Role.PLANNER: _("Planner"),
    Role.DATA_PROTECTION_OFFICER: _("Data protection officer"),
    Role.RESIDENT: _("Resident"),
    Role.ADMINISTRATOR: _("Administrator"),
}
INVITATION_LABELS: dict[str, Promise | str] = {
    InvitationState.SENT: _("Open"),
    InvitationState.ACCEPTED: _("Accepted"),
    InvitationState.WITHDRAWN: _("Withdrawn"),
    InvitationState.EXPIRED: _("Expired"),
}
REFUSAL_LABELS: dict[str, Promise | str] = {
    "accounts.exists": _("An account with this address exists already."),
    "accounts.roles": _("Choose at least one role that an account can hold."),
    "accounts.invitation.unknown": _("This link is not known."),
    "accounts.invitation.accepted": _("This invitation was accepted already. Sign in with its account."),
    "accounts.invitation.withdrawn": _("This invitation was withdrawn. Ask for a new one."),
    "accounts.invitation.expired": _("The time of this invitation has passed. Ask for a new one."),
    "accounts.role_held": _("The account holds this role already."),
    "accounts.role_absent": _("The account does not hold this role."),
    "accounts.last_administrator": _("This is the last administrator. Make somebody else administrator first."),
    "accounts.session": _("This session is not one of yours, or it has ended."),
}
