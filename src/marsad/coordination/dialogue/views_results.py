"""What comes of sessions: challenges over time, conclusions, commitments and their evidence."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.coordination.dialogue import labels, subjects
from marsad.coordination.dialogue import operations_results as operations
from marsad.coordination.dialogue import queries_sessions as queries
from marsad.coordination.dialogue.forms import (
    ChallengeForm,
    ChallengeMoveForm,
    CommitmentForm,
    CommitmentMoveForm,
    ConclusionForm,
    ItemForm,
    words_of_record,
)
from marsad.coordination.dialogue.operations_sessions import write_item
from marsad.coordination.dialogue.queries import HOLD
from marsad.coordination.dialogue.report import owner_of
from marsad.coordination.dialogue.rules import MoveRefused
from marsad.coordination.dialogue.rules_sessions import (
    CHALLENGE_TRANSITIONS,
    COMMITMENT_TRANSITIONS,
    COMMITMENT_WHO,
    ChallengeMove,
    ChallengeState,
    CommitmentMove,
    CommitmentState,
)
from marsad.coordination.dialogue.views_access import (
    challenge_or_404,
    commitment_or_404,
    holder,
    or_404,
    reader,
    session_or_404,
    tell_refusal,
)
from marsad.web.access import access
from marsad.web.words import current_language

PER_PAGE = 25
# The parts of a session: form, write, words, what names the row in the write.
_PARTS: dict[str, tuple[Any, Any, Any]] = {
    "item": (ItemForm, write_item, gettext_lazy("Point of the agenda")),
    "challenge": (ChallengeForm, operations.write_challenge, gettext_lazy("Challenge")),
    "conclusion": (ConclusionForm, operations.write_conclusion, gettext_lazy("Strategy or decision")),
    "commitment": (CommitmentForm, operations.write_commitment, gettext_lazy("Commitment")),
}
_ROWS = {"item": "agenda", "challenge": "challenges", "conclusion": "conclusions", "commitment": "commitments"}


@never_cache
@access(holder)
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, number: int, name: str, row: int | None = None) -> HttpResponse:
    """Write a point of the agenda, a challenge, a conclusion or a commitment, new or standing."""
    session = session_or_404(request, number)
    form_class, write, title = or_404(_PARTS.get(name))
    standing = or_404(getattr(session, _ROWS[name]).filter(pk=row).first()) if row is not None else None
    initial = _initial(standing) if standing else {}
    form = form_class(request.POST or None, initial=initial, user=request.user, session=session)
    if request.method == "POST" and form.is_valid():
        names = {"number": number, "item": row} if name == "item" else {"session": number, "number": row}
        try:
            write(actor=request.user, at=timezone.now(), content=form.content, **names)
        except MoveRefused as refused:
            tell_refusal(request, refused)
        else:
            return redirect("dialogue:session", number)
    return render(request, "dialogue/form.html", {"form": form, "title": title, "session": session})


def _initial(row: Any) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("kind", "due_on", "is_public") if hasattr(row, name)}
    numbers = {
        "challenge": getattr(row, "challenge_id", None),
        "organisation": getattr(row, "organisation_id", None) or getattr(row, "owner_organisation_id", None),
        "owner": getattr(row, "owner_user_id", None),
    }
    subject = f"{row.subject_kind}:{row.subject_code}" if getattr(row, "subject_kind", "") else ""
    return {**plain, **{name: one or "" for name, one in numbers.items()}, "subject": subject} | words_of_record(
        row, "text"
    )


@access(holder)
@require_POST
def drop_conclusion(request: HttpRequest, number: int, row: int) -> HttpResponse:
    session_or_404(request, number)
    try:
        operations.drop_conclusion(actor=request.user, at=timezone.now(), session=number, number=row)
    except MoveRefused as refused:
        tell_refusal(request, refused)
    return redirect("dialogue:session", number)


@never_cache
@access(reader)
def challenges(request: HttpRequest) -> HttpResponse:
    """The challenges of the sessions that this person may read, by state."""
    state = request.GET.get("state", "")
    found = queries.challenges_for(request.user)
    if state in set(ChallengeState):
        found = found.filter(state=state)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(str(one), labels.CHALLENGE_STATES[one]) for one in ChallengeState],
        "keep": f"state={state}&" if state else "",
    }
    return render(request, "dialogue/challenges.html", context)


@never_cache
@access(reader)
def challenge(request: HttpRequest, number: int) -> HttpResponse:
    found = challenge_or_404(request, number)
    return _challenge_page(request, found, ChallengeMoveForm())


def _challenge_page(request: HttpRequest, found: Any, form: ChallengeMoveForm, status: int = 200) -> HttpResponse:
    user: Any = request.user
    state = ChallengeState(found.state)
    context = {
        "challenge": found,
        "moments": queries.timeline(found, user=user),
        "about": subjects.subject(found.subject_kind, found.subject_code, user),
        "moves": [
            (str(move), labels.CHALLENGE_MOVES[move])
            for move in ChallengeMove
            if user.has_perm(HOLD) and CHALLENGE_TRANSITIONS[state, move] is not None
        ],
        "form": form,
    }
    return render(request, "dialogue/challenge.html", context, status=status)


@access(holder)
@require_POST
def move_challenge(request: HttpRequest, number: int) -> HttpResponse:
    found = challenge_or_404(request, number)
    form = ChallengeMoveForm(request.POST)
    asked = request.POST.get("move", "")
    if asked not in set(ChallengeMove) or not form.is_valid():
        return _challenge_page(request, found, form, status=400)
    try:
        operations.move_challenge(
            actor=request.user, at=timezone.now(), number=number, move=ChallengeMove(asked), words=form.words
        )
    except MoveRefused as refused:
        _add_refusals(form, refused)
        return _challenge_page(request, found, form, status=409)
    return redirect("dialogue:challenge", number)


def _add_refusals(form: Any, refused: MoveRefused) -> None:
    for refusal in sorted(refused.refusals):
        form.add_error(None, str(labels.REFUSALS[refusal]))


@never_cache
@access(reader)
def commitments(request: HttpRequest) -> HttpResponse:
    """The commitments that this person may read, the most pressing first."""
    state = request.GET.get("state", "open")
    found = queries.commitments_for(request.user)
    if state in set(CommitmentState):
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, owner_of(one, current_language(), named=True)) for one in page],
        "state": state,
        "states": [(str(one), labels.COMMITMENT_STATES[one]) for one in CommitmentState],
        "today": timezone.localdate(),
        "keep": f"state={state}&",
    }
    return render(request, "dialogue/commitments.html", context)


@never_cache
@access(reader)
def commitment(request: HttpRequest, number: int) -> HttpResponse:
    found = commitment_or_404(request, number)
    return _commitment_page(request, found, CommitmentMoveForm(user=request.user, moves=_open_moves(request, found)))


def _open_moves(request: HttpRequest, found: Any) -> list[CommitmentMove]:
    hats = queries.hats_of(request.user, found)
    state = CommitmentState(found.state)
    return [
        move
        for move in CommitmentMove
        if COMMITMENT_TRANSITIONS[state, move] is not None and COMMITMENT_WHO[move] & hats
    ]


def _commitment_page(request: HttpRequest, found: Any, form: CommitmentMoveForm, status: int = 200) -> HttpResponse:
    user: Any = request.user
    context = {
        "commitment": found,
        "owner": owner_of(found, current_language(), named=True),
        "late": found.state == CommitmentState.OPEN and timezone.localdate() > found.due_on,
        "about": subjects.subject(found.subject_kind, found.subject_code, user),
        "steps": found.steps.all(),
        "moves": [(str(move), labels.COMMITMENT_MOVES[move]) for move in _open_moves(request, found)],
        "session_seen": queries.session_for(user, found.session_id) is not None,
        "form": form,
    }
    return render(request, "dialogue/commitment.html", context, status=status)


@access(reader)
@require_POST
def move_commitment(request: HttpRequest, number: int) -> HttpResponse:
    """Close with evidence, postpone, release or open again; what forbids it is said beside the form."""
    found = commitment_or_404(request, number)
    form = CommitmentMoveForm(request.POST, user=request.user, moves=_open_moves(request, found))
    asked = request.POST.get("move", "")
    if asked not in set(CommitmentMove) or not form.is_valid():
        return _commitment_page(request, found, form, status=400)
    try:
        operations.move_commitment(
            actor=request.user, at=timezone.now(), number=number, move=CommitmentMove(asked), given=form.given
        )
    except MoveRefused as refused:
        _add_refusals(form, refused)
        return _commitment_page(request, found, form, status=409)
    messages.success(request, _("The commitment is up to date."))
    return redirect("dialogue:commitment", number)
