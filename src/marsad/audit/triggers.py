"""The database's own refusal to change or delete an event, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

_SQLITE = {
    "audit_event_no_update": "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'audit.append_only'); END",
    "audit_event_no_delete": "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'audit.append_only'); END",
}
_POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION audit_event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit.append_only'; END $$"
)
_POSTGRESQL = {
    "audit_event_no_change": "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event "
    "FOR EACH ROW EXECUTE FUNCTION audit_event_append_only()",
    "audit_event_no_truncate": "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_append_only()",
}


def create_triggers(connection: Any) -> None:
    """Make the table of events append-only in the database that ``connection`` speaks to."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for statement in (_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE).values():
            cursor.execute(statement)


def drop_triggers(connection: Any) -> None:
    """Lift the refusal: for undoing the migration, and for test databases that are emptied between tests."""
    with connection.cursor() as cursor:
        for name in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            where = " ON audit_event" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def standing_triggers(connection: Any) -> int:
    """How many of the triggers stand; two is all of them."""
    query = (
        "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit_event_no_%'"
        if connection.vendor == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_event_no_%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
