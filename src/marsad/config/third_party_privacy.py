"""The class of every column of the models of other packages, as ``Privacy`` gives it for our own."""

from __future__ import annotations

from marsad.web.privacy import Privacy, classed

_ACCOUNT = "deleted with the account (accounts.operations.erase_account)"
_SESSION = "deleted at sign-out, at revocation, when it ends and with the account"

TABLE: dict[str, Privacy] = {
    "auth.Permission": classed(internal="id name content_type codename"),
    "auth.Group": classed(internal="id name permissions"),
    "contenttypes.ContentType": classed(internal="id app_label model"),
    "sessions.Session": classed(internal="expire_date", personal={"session_key": _SESSION, "session_data": _SESSION}),
    "account.EmailAddress": classed(internal="id verified primary", personal={"user": _ACCOUNT, "email": _ACCOUNT}),
    "account.EmailConfirmation": classed(internal="id created sent key", personal={"email_address": _ACCOUNT}),
    "mfa.Authenticator": classed(
        internal="id type created_at", personal={"user": _ACCOUNT, "data": _ACCOUNT, "last_used_at": _ACCOUNT}
    ),
    "usersessions.UserSession": classed(
        internal="id created_at",
        personal=dict.fromkeys(("user", "ip", "last_seen_at", "session_key", "user_agent", "data"), _SESSION),
    ),
    "django_tasks_database.DBTaskResult": classed(
        internal="id status enqueued_at started_at finished_at args_kwargs priority task_path worker_ids queue_name "
        "backend_name run_after return_value exception_class_path traceback"
    ),
}
