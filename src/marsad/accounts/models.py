"""Accounts, the roles granted to them, and the invitations by which they are made."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.functional import cached_property

from marsad.accounts.permissions import allowed
from marsad.accounts.rules import InvitationState, Role, needs_second_factor
from marsad.web.privacy import classed


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser):
    """A person's account. An erased one keeps its number and nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True, null=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, default="fr")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    privacy = classed(
        internal="id language is_active joined_at erased_at",
        personal={
            "email": "accounts.operations.erase_account empties it",
            "name": "accounts.operations.erase_account empties it",
            "password": "accounts.operations.erase_account replaces it by an unusable one",
            "last_login": "accounts.operations.erase_account empties it",
        },
    )

    def __str__(self) -> str:
        return self.name or self.email or str(self.id)

    def get_full_name(self) -> str:
        return self.name

    @property
    def audit_code(self) -> str:
        return f"user:{self.pk}"

    @cached_property
    def role_names(self) -> frozenset[Role]:
        granted = self.grants.filter(revoked_at__isnull=True).values_list("role", flat=True)
        return frozenset(Role(name) for name in granted)

    @cached_property
    def has_second_factor(self) -> bool:
        from allauth.mfa.models import Authenticator

        factors = Authenticator.objects.filter(user_id=self.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return bool(factors.exists())

    @property
    def must_add_second_factor(self) -> bool:
        return needs_second_factor(self.role_names) and not self.has_second_factor

    @property
    def is_staff(self) -> bool:
        return False

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return self.is_active and allowed(permission, self, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return False


class RoleGrant(models.Model):
    """A role held by an account from one day to another; a revoked grant stays as history."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in Role])
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    privacy = classed(
        internal="id role granted_at revoked_at",
        personal={
            "user": "stands for nobody once the account is erased",
            "granted_by": "a number that stands for nobody once the account it belongs to is erased",
            "revoked_by": "a number that stands for nobody once the account it belongs to is erased",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(revoked_at__isnull=True), name="accounts_role_held_once"
            )
        ]

    def __str__(self) -> str:
        return self.role


class Invitation(models.Model):
    """A link that makes one account. Only the digest of its secret is kept. The very first one has no address yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(null=True)
    roles = models.JSONField(default=list)
    language = models.CharField(max_length=8, default="fr")
    token_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in InvitationState], default="sent")
    invited_by = models.CharField(max_length=80)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id roles language token_digest state invited_at expires_at closed_at",
        personal={
            "email": "emptied thirty days after the invitation is closed (accounts.operations.forget_invitations)",
            "invited_by": "a number that stands for nobody once the account it belongs to is erased",
        },
    )

    class Meta:
        ordering = ["-invited_at"]

    def __str__(self) -> str:
        return str(self.id)
