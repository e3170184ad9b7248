"""Sessions, for those who hold them and those invited: list, page, agenda, people, life, calendar, report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marsad.coordination.dialogue import calendars, labels, report_files
from marsad.coordination.dialogue import operations_sessions as operations
from marsad.coordination.dialogue import queries_sessions as queries
from marsad.coordination.dialogue.forms import InviteForm, NotesForm, SessionForm, words_of_record
from marsad.coordination.dialogue.mail import send_calendar
from marsad.coordination.dialogue.queries import HOLD
from marsad.coordination.dialogue.report import report_of
from marsad.coordination.dialogue.rules import MoveRefused
from marsad.coordination.dialogue.rules_sessions import (
    SESSION_TRANSITIONS,
    ItemKind,
    SessionMove,
    SessionState,
    session_refusals,
)
from marsad.coordination.dialogue.views_access import holder, or_404, reader, session_or_404, tell_refusal
from marsad.web.access import access, anyone
from marsad.web.words import LANGUAGES, current_language, said
from migstat.quality.plain_words import plain

PER_PAGE = 20
# How many open points of a kind an agenda offers before it asks for words.
_MOST_OFFERED = 40
_LONGEST = 200
_RESULTS = frozenset({SessionState.CONVENED, SessionState.HELD})


@never_cache
@access(reader)
def sessions(request: HttpRequest) -> HttpResponse:
    """The sessions that this person may read, the latest first, and what waits of commitments."""
    user: Any = request.user
    context = {
        "page": Paginator(queries.sessions_for(user), PER_PAGE).get_page(request.GET.get("page")),
        "may_hold": user.has_perm(HOLD),
        "commitments": queries.commitments_for(user).filter(state="open")[:5],
        "feed_since": queries.calendar_key_since(user),
        "today": timezone.localdate(),
    }
    return render(request, "dialogue/sessions.html", context)


@never_cache
@access(holder)
@require_http_methods(["GET", "POST"])
def new_session(request: HttpRequest) -> HttpResponse:
    form = SessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = operations.open_session(actor=request.user, at=timezone.now(), content=form.content)
        return redirect("dialogue:agenda", made.pk)
    return render(request, "dialogue/form.html", {"form": form, "title": _("Draft a session")})


@never_cache
@access(holder)
@require_http_methods(["GET", "POST"])
def edit_session(request: HttpRequest, number: int) -> HttpResponse:
    found = session_or_404(request, number)
    names = ("place", "is_public")
    times = {name: timezone.localtime(getattr(found, name)) for name in ("starts_at", "ends_at")}
    initial = {name: getattr(found, name) for name in names} | times | words_of_record(found, "title")
    form = SessionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            announced = operations.edit_session(
                actor=request.user, at=timezone.now(), number=number, content=form.content
            )
        except MoveRefused as refused:
            tell_refusal(request, refused)
        else:
            found.refresh_from_db()
            if announced:
                _send(request, found, queries.participants_of(found), calendars.REQUEST)
            return redirect("dialogue:session", number)
    return render(request, "dialogue/form.html", {"form": form, "title": _("Change the session"), "session": found})


@never_cache
@access(reader)
def session(request: HttpRequest, number: int) -> HttpResponse:
    """One session: its agenda, who is invited, its life, and its report for participants."""
    found = session_or_404(request, number)
    user: Any = request.user
    holds = user.has_perm(HOLD)
    state = SessionState(found.state)
    context = {
        "session": found,
        "agenda": found.agenda.all(),
        "places": queries.participants_of(found),
        "own_places": queries.own_places(user, found),
        "may_hold": holds,
        "may_edit": holds and SESSION_TRANSITIONS[state, SessionMove.EDIT] is not None,
        "notes_results": holds and state in _RESULTS,
        "notes_minutes": holds and state is SessionState.HELD,
        "moves": _moves(found) if holds else [],
        "untranslated": queries.untranslated(found) if holds and state is SessionState.HELD else [],
        "invite": InviteForm() if holds else None,
        "challenges": found.challenges.all(),
        "conclusions": found.conclusions.all(),
        "commitments": found.commitments.select_related("owner_organisation", "owner_user"),
        "report": report_of(found, current_language(), internal=True),
        "languages": LANGUAGES,
    }
    return render(request, "dialogue/session.html", context)


def _moves(found: Any) -> list[dict[str, Any]]:
    """The moves that the state knows, each with what still stands against it; a reason is asked for beside the button."""
    facts, at = queries.facts_of(found), timezone.now()
    return [
        {
            "move": str(move),
            "label": labels.SESSION_MOVES[move],
            "reasons": [
                labels.REFUSALS[one]
                for one in sorted(session_refusals(move, facts, holds=True, at=at, reason="asked for"))
            ],
            "asks_reason": move in {SessionMove.CANCEL, SessionMove.REOPEN},
        }
        for move in SessionMove
        if move is not SessionMove.EDIT and SESSION_TRANSITIONS[facts.state, move] is not None
    ]


@access(holder)
@require_POST
def move_session(request: HttpRequest, number: int) -> HttpResponse:
    """One move; convening and cancelling send the calendar messages."""
    found = session_or_404(request, number)
    asked = request.POST.get("move", "")
    or_404(asked in set(SessionMove) - {SessionMove.EDIT} or None)
    before = found.state
    try:
        found = operations.move_session(
            actor=request.user,
            at=timezone.now(),
            number=number,
            move=SessionMove(asked),
            reason=request.POST.get("reason", "")[:2000],
        )
    except MoveRefused as refused:
        tell_refusal(request, refused)
        return redirect("dialogue:session", number)
    if asked == SessionMove.CONVENE:
        _send(request, found, queries.participants_of(found), calendars.REQUEST)
    elif asked == SessionMove.CANCEL and before == SessionState.CONVENED:
        _send(request, found, queries.participants_of(found), calendars.CANCEL)
    return redirect("dialogue:session", number)


def _send(request: HttpRequest, found: Any, places: Iterable[Any], method: str) -> None:
    """Send the calendar messages and say how many went out."""
    path = reverse("dialogue:session", args=[found.pk]).removeprefix(f"/{current_language()}/")
    url = request.build_absolute_uri("/") + "{language}/" + path
    sent, failed = send_calendar(found, queries.addressees_of(places), method=method, url=url, at=timezone.now())
    words = ngettext("%(n)s message with the calendar was sent.", "%(n)s messages with the calendar were sent.", sent)
    messages.success(request, words % {"n": sent})
    if failed:
        words = ngettext("%(n)s message could not be sent.", "%(n)s messages could not be sent.", failed)
        messages.warning(request, words % {"n": failed})


@never_cache
@access(holder)
@require_http_methods(["GET", "POST"])
def agenda(request: HttpRequest, number: int) -> HttpResponse:
    """What is open and may be talked about; what is ticked goes on the agenda."""
    found = session_or_404(request, number)
    proposed = queries.proposals(request.user, today=timezone.localdate(), session=found)
    if request.method == "POST":
        ticked = set(request.POST.getlist("chosen"))
        chosen = [one for one in proposed if f"{one.kind}:{one.code}" in ticked]
        _try(request, lambda: operations.set_agenda(
            actor=request.user, at=timezone.now(), number=number, chosen=chosen
        ))  # fmt: skip
        return redirect("dialogue:session", number)
    words = request.GET.get("q", "").strip()[:_LONGEST]
    wanted = plain(words).split()
    fitting = [one for one in proposed if all(word in plain(_first(one)) for word in wanted)] if wanted else proposed
    groups = []
    for kind in ItemKind:
        rows = [(f"{one.kind}:{one.code}", _first(one), one) for one in fitting if one.kind is kind]
        if rows:
            groups.append((labels.ITEMS[kind], rows[:_MOST_OFFERED], len(rows) - len(rows[:_MOST_OFFERED])))
    context = {"session": found, "groups": groups, "words": words, "is_long": len(proposed) > _MOST_OFFERED}
    return render(request, "dialogue/agenda.html", context)


def _first(proposed: Any) -> str:
    words = proposed.text
    return str(next(text for text in (getattr(words, current_language()), words.fr, words.ar, words.en) if text))


@access(holder)
@require_POST
def move_item(request: HttpRequest, number: int, item: int) -> HttpResponse:
    session_or_404(request, number)
    by = {"up": -1, "down": 1, "off": 0}.get(request.POST.get("by", ""))
    or_404(None if by is None else True)
    assert by is not None
    _try(request, lambda: operations.move_item(
        actor=request.user, at=timezone.now(), number=number, item=item, by=by
    ))  # fmt: skip
    return redirect("dialogue:session", number)


@access(holder)
@require_POST
def invite(request: HttpRequest, number: int) -> HttpResponse:
    """Invite organisations and persons; of a session that is convened, they get the calendar at once."""
    found = session_or_404(request, number)
    form = InviteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose whom to invite from the lists."))
        return redirect("dialogue:session", number)
    new = _try(request, lambda: operations.invite(
        actor=request.user, at=timezone.now(), number=number, **form.cleaned_data
    ))  # fmt: skip
    if new and found.state == SessionState.CONVENED:
        _send(request, found, new, calendars.REQUEST)
    return redirect("dialogue:session", number)


@access(holder)
@require_POST
def uninvite(request: HttpRequest, number: int, place: int) -> HttpResponse:
    session_or_404(request, number)
    _try(request, lambda: operations.uninvite(
        actor=request.user, at=timezone.now(), number=number, place=place
    ))  # fmt: skip
    return redirect("dialogue:session", number)


@access(reader)
@require_POST
def reply(request: HttpRequest, number: int, place: int) -> HttpResponse:
    """Say whether one comes, and whether one may be named in the public report."""
    session_or_404(request, number)
    coming, named = request.POST.get("coming") == "1", request.POST.get("named") == "1"
    done = _try(request, lambda: operations.reply(
        actor=request.user, at=timezone.now(), place=place, coming=coming, may_be_named=named
    ))  # fmt: skip
    if done:
        messages.success(request, _("Your reply is noted."))
    return redirect("dialogue:session", number)


@never_cache
@access(holder)
@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, number: int) -> HttpResponse:
    """Who came, the minutes, the public summary."""
    found = session_or_404(request, number)
    places = list(queries.participants_of(found))
    initial = {"minutes": found.minutes, "came": [str(one.pk) for one in places if one.attended]}
    form = NotesForm(
        request.POST or None,
        initial=initial | words_of_record(found, "summary"),
        places=[(str(one.pk), place_name(one)) for one in places],
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = _try(request, lambda: operations.note_session(
            actor=request.user, at=timezone.now(), number=number, came=[int(one) for one in given["came"]],
            minutes=given["minutes"], summary={language: given[f"words_{language}"] for language in LANGUAGES},
        ))  # fmt: skip
        if done:
            return redirect("dialogue:session", number)
    return render(
        request, "dialogue/form.html", {"form": form, "title": _("Who came, and the minutes"), "session": found}
    )


def place_name(place: Any) -> str:
    """Whom an invitation is for."""
    return said(place.organisation, "name") if place.organisation else str(place.user.name) or _("a participant")


def _try(request: HttpRequest, write: Callable[[], Any]) -> Any:
    """The result of a write; what forbids it is told on the next page."""
    try:
        return write()
    except MoveRefused as refused:
        tell_refusal(request, refused)
        return None


@never_cache
@access(reader)
@require_safe
def report_file(request: HttpRequest, number: int, language: str, form: str) -> HttpResponse:
    """The report for participants as a file."""
    found = session_or_404(request, number)
    if language not in LANGUAGES or form not in {"pdf", "docx"}:
        raise Http404(_("No such file."))
    return report_answer(found, language, form, internal=True)


def report_answer(found: Any, language: str, form: str, *, internal: bool) -> HttpResponse:
    """A report as the file asked for."""
    report = report_of(found, language, internal=internal)
    if form == "pdf":
        answer = HttpResponse(report_files.report_pdf(report), content_type=report_files.PDF_TYPE)
    else:
        content = report_files.report_docx(report, changed_at=found.changed_at)
        answer = HttpResponse(content, content_type=report_files.DOCX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="session-{found.pk}-{language}.{form}"'
    return answer


@never_cache
@access(reader)
@require_safe
def calendar(request: HttpRequest, number: int) -> HttpResponse:
    """One session for one's calendar."""
    return _calendar(request, [session_or_404(request, number)], f"session-{number}")


@access(reader)
@require_POST
def calendar_key(request: HttpRequest) -> HttpResponse:
    """Make or end the address that a calendar follows; it is shown this once."""
    ends = request.POST.get("end") == "1"
    secret = operations.make_calendar_key(actor=request.user, at=timezone.now(), ends=ends)
    if ends:
        messages.success(request, _("The calendar address is ended."))
        return redirect("dialogue:sessions")
    url = request.build_absolute_uri(reverse("dialogue:feed", args=[secret]))
    response = render(request, "dialogue/calendar_key.html", {"url": url})
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@access(anyone)
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The sessions of whoever holds the secret, as a calendar program follows them."""
    person = or_404(queries.user_of_key(secret))
    own = [one for one in queries.sessions_for(person) if one.state != SessionState.DRAFT]
    return _calendar(request, own, "dialogue")


def _calendar(request: HttpRequest, found: list[Any], name: str) -> HttpResponse:
    def address(one: Any) -> str:
        return request.build_absolute_uri(reverse("dialogue:session", args=[one.pk]))

    content = calendars.feed(found, language=current_language(), url_of=address, at=timezone.now())
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer
