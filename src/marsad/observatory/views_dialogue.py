"""Public pages of the dialogue: sessions and their reports, what became of challenges, discussions."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from marsad.coordination.dialogue import labels, queries, subjects
from marsad.coordination.dialogue import queries_sessions as sessions
from marsad.coordination.dialogue.report import owner_of, report_of
from marsad.coordination.dialogue.rules import DISCUSSED, SubjectKind
from marsad.coordination.dialogue.rules_sessions import ChallengeState, SessionState
from marsad.coordination.dialogue.views_sessions import report_answer
from marsad.observatory.page_cache import public_page
from marsad.observatory.parts import page_of
from marsad.web.words import LANGUAGES, current_language

PER_PAGE: Final = 20
LONGEST: Final = 200
# Where discussions are linked from: the page's subject.
PUBLIC_KINDS: Final = tuple(kind for kind in DISCUSSED if kind is not SubjectKind.AGREEMENT)


@public_page
def dialogue_sessions(request: HttpRequest) -> HttpResponse:
    """The sessions to come and those whose report is there, the latest first; commitments beside them."""
    kept = list(sessions.public_commitments().order_by("due_on", "pk"))
    committed = page_of(request, kept, PER_PAGE, part="commitments")
    context = {
        "page": page_of(request, sessions.public_sessions(), PER_PAGE),
        "keep": "",
        "today": timezone.localdate(),
        "committed": committed,
        "commitments": [(one, owner_of(one, current_language(), named=False)) for one in committed],
        "counts": {state: sum(one.state == state for one in kept) for state in labels.COMMITMENT_STATES},
    }
    return render(request, "observatory/dialogue_sessions.html", context)


def _public_session(number: int) -> Any:
    found = sessions.public_sessions().filter(pk=number).first()
    if found is None:
        raise Http404(_("No such session."))
    return found


@public_page
def dialogue_session(request: HttpRequest, number: int) -> HttpResponse:
    """One session: when it is, or its public report."""
    found = _public_session(number)
    reported = found.state == SessionState.PUBLISHED
    context = {
        "session": found,
        "reported": reported,
        "report": report_of(found, current_language(), internal=False),
        "languages": LANGUAGES,
    }
    return render(request, "observatory/dialogue_session.html", context)


@public_page
def dialogue_report(request: HttpRequest, number: int, language: str, form: str) -> HttpResponse:
    """The public report as a PDF or a Word document."""
    found = _public_session(number)
    if found.state != SessionState.PUBLISHED or language not in LANGUAGES or form not in {"pdf", "docx"}:
        raise Http404(_("No such file."))
    return report_answer(found, language, form, internal=False)


@public_page
def dialogue_challenges(request: HttpRequest) -> HttpResponse:
    """What stands in the way of the data, by state."""
    state = request.GET.get("state", "")
    found = sessions.public_challenges()
    if state in set(ChallengeState):
        found = found.filter(state=state)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(str(one), labels.CHALLENGE_STATES[one]) for one in ChallengeState],
        "keep": f"state={state}&" if state in set(ChallengeState) else "",
    }
    return render(request, "observatory/dialogue_challenges.html", context)


@public_page
def dialogue_challenge(request: HttpRequest, number: int) -> HttpResponse:
    """What became of one challenge over time."""
    found = sessions.public_challenges().filter(pk=number).first()
    if found is None:
        raise Http404(_("No such challenge."))
    nobody = AnonymousUser()
    context = {
        "challenge": found,
        "moments": sessions.timeline(found),
        "about": subjects.subject(found.subject_kind, found.subject_code, nobody),
    }
    return render(request, "observatory/dialogue_challenge.html", context)


@public_page
def discussions(request: HttpRequest) -> HttpResponse:
    """The discussions that everybody may read, by kind and with words."""
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:LONGEST]
    kind = kind if kind in {str(one) for one in PUBLIC_KINDS} else ""
    found = queries.public_discussions(kind=kind, words=words)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    titles = subjects.titles_of(((one.kind, one.code) for one in page), AnonymousUser())
    context = {
        "page": page,
        "rows": [(one, titles.get((one.kind, one.code))) for one in page],
        "kind": kind,
        "kinds": [(str(one), labels.SUBJECTS[one]) for one in PUBLIC_KINDS],
        "words": words,
        "keep": f"{urlencode({'kind': kind, 'q': words})}&" if kind or words else "",
    }
    return render(request, "observatory/discussions.html", context)


@public_page
def discussion(request: HttpRequest, number: int) -> HttpResponse:
    """One discussion, as everybody reads it: names only where their bearers chose so."""
    found = queries.public_discussions().filter(pk=number).first()
    if found is None:
        raise Http404(_("No such discussion."))
    nobody = AnonymousUser()
    page = Paginator(queries.posts_of(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "posts": queries.shown_posts(page, found, nobody),
        "discussion": found,
        "about": subjects.subject(found.kind, found.code, nobody),
        "page": page,
        "keep": "",
    }
    return render(request, "observatory/discussion.html", context)


def talk_about(kind: SubjectKind, code: str) -> dict[str, Any]:
    """What the foot of a page shows of the dialogue on it: the latest discussions, commitments made on it.

    One query each; nobody commits to anything on a dataset as such, but on its agreement.
    """
    commitments = sessions.public_commitments(kind=str(kind), code=code).order_by("-due_on", "-pk")[:3]
    return {
        "kind": str(kind),
        "code": code,
        "discussions": queries.about(str(kind), code),
        "commitments": [] if kind is SubjectKind.DATAFLOW else list(commitments),
    }
