"""The words of the dialogue: ``{% load dialogue_words %}``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from marsad.coordination.dialogue import labels
from marsad.coordination.dialogue.texts import Told
from marsad.coordination.dialogue.texts import told as told_in
from marsad.web.dates import day
from marsad.web.words import current_language

register = template.Library()
_TABLES = {
    "subject": labels.SUBJECTS,
    "session": labels.SESSION_STATES,
    "item": labels.ITEMS,
    "reply": labels.REPLIES,
    "challenge": labels.CHALLENGES,
    "challenge_state": labels.CHALLENGE_STATES,
    "moment": labels.MOMENTS,
    "conclusion": labels.CONCLUSIONS,
    "commitment": labels.COMMITMENT_STATES,
    "commitment_step": labels.COMMITMENT_STEPS,
    "evidence": labels.EVIDENCE,
    "report_reason": labels.REPORT_REASONS,
}
_ATTENTION = frozenset({"cancelled", "raised", "hidden", "late"})
_PLAIN = frozenset({"draft", "published", "resolved", "set_aside", "kept", "released", "closed"})


@register.filter
def called(code: str, table: str) -> str:
    """``{{ session.state|called:"session" }}``: the word for a code."""
    return str(_TABLES[table][code])


@register.filter
def discussion_title(discussion: Any) -> str:
    """The title as a reader may read it, or why there is none."""
    return str(discussion.shown_title) or (
        _("Question hidden by a moderator") if discussion.title else _("Question withdrawn")
    )


@register.filter
def tag_class(state: str) -> str:
    return "tag-attention" if state in _ATTENTION else "tag-plain" if state in _PLAIN else ""


@register.filter
def told(record: Any, field: str) -> str:
    """Words that people wrote: the reader's where they are, else in another language, which is said."""
    return told_words(told_in(record, field, current_language()))


@register.filter
def told_words(found: Told) -> str:
    if found.language == current_language():
        return format_html("<bdi>{}</bdi>", found.text)
    name = dict(settings.LANGUAGES)[found.language]
    words = _("not translated: %(language)s") % {"language": name}
    return format_html(
        '<bdi lang="{}" dir="{}">{}</bdi> <span class="quiet">({})</span>',
        found.language,
        found.direction,
        found.text,
        words,
    )


@register.filter
def moment_words(when: datetime) -> str:
    """Day and hour on the clock of the city."""
    local = timezone.localtime(when)
    return format_html(
        '{} <bdi dir="ltr" class="number">{}</bdi>', day(local.date(), current_language()), f"{local:%H:%M}"
    )
