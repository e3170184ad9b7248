"""A look at the answers of one submission: through the store's access log, in the reader's words, never as a list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import get_language

from marsad.audit.rules import Actor
from marsad.collection.access import look
from marsad.collection.instruments import queries
from marsad.collection.instruments.models import Attachment, Submission
from marsad.collection.instruments.operations_review import identifiers, opened
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.instruments.vault import Vault
from marsad.collection.rules_store import MOST_ROWS_OF_A_LOOK


def _lines(entry: Entry, turns: tuple[int, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, said in entry.values.items():
        yield ":".join([name, *map(str, turns)]), said
    for inner in entry.repeats.values():
        for number, turn in enumerate(inner):
            yield from _lines(turn, (*turns, number))


def _worded(lines: Mapping[str, str], questions: Sequence[Question]) -> list[dict[str, str]]:
    language = (get_language() or "fr")[:2]
    asked = {question.name: question for question in questions}
    order = {question.name: number for number, question in enumerate(questions)}
    found = []
    for place, said in lines.items():
        name, *turns = place.split(":")
        if name in asked:
            turn = " ".join(str(int(one) + 1) for one in turns)
            words = asked[name].label.get(language) or name
            answer = queries.choice_words([asked[name]], name, said, language)
            found.append({"place": place, "name": name, "turn": turn, "label": words, "answer": answer})
    return sorted(found, key=lambda line: ([int(one) for one in line["turn"].split()], order[line["name"]]))


def answers(*, actor: Actor, at: datetime, submission: Submission, reason: str) -> dict[str, Any]:
    """What a page may show after a reason: the latest answers, the earlier revisions and the conflicts, side by side.

    Raises ``Refused`` as ``collection.access.look`` does.
    """
    vault, questions = Vault(), queries.questions_of(submission.version)
    # A look shows fifty rows; of a device that sent itself again and again, the last revisions and the open conflicts first.
    revisions = list(submission.revisions.order_by("-number")[: MOST_ROWS_OF_A_LOOK // 2])
    rows = [dict(_lines(opened(revision, vault))) for revision in revisions]
    waiting_first = submission.other_answers.order_by(F("settled_at").asc(nulls_first=True), "at")
    conflicts = list(waiting_first[: MOST_ROWS_OF_A_LOOK // 2])
    rows += [
        dict(_lines(Entry.from_mapping(vault.open_plain(one.sealed_answers, f"conflict:{one.pk}"))))
        for one in conflicts
    ]
    dataflow = queries.definition_of(submission.version).dataflows[0]
    shown = look(
        actor=actor,
        at=at,
        rows=rows,
        reason=reason,
        dataflow=dataflow,
        subject=f"submission:{submission.pk}",
        permission="submissions.review",
    )
    latest = _worded({name: str(said) for name, said in shown[0].items()}, questions)
    return {
        "answers": latest,
        "history": [
            (revision, _changed(shown[number + 1], shown[number], questions))
            for number, revision in enumerate(revisions[:-1])
        ],
        "conflicts": [
            (conflict, _changed(shown[0], shown[len(revisions) + number], questions))
            for number, conflict in enumerate(conflicts)
        ],
        "places": [(line["place"], f"{line['label']} {line['turn']}".strip()) for line in latest]
        + _empty(latest, questions, identifiers(submission)),
        "reason": reason,
    }


def _empty(
    latest: list[dict[str, str]], questions: Sequence[Question], identifiers: Collection[str]
) -> list[tuple[str, str]]:
    """Questions of the form itself that have no answer yet can be given one; who the person is nobody writes here."""
    language, held = (get_language() or "fr")[:2], {line["name"] for line in latest} | set(identifiers)
    return [
        (question.name, question.label.get(language) or question.name)
        for question in questions
        if question.holds_answer and not question.repeats and question.name not in held
    ]


def _changed(
    before: Mapping[str, Any], after: Mapping[str, Any], questions: Sequence[Question]
) -> list[tuple[str, str, str]]:
    """The answers that differ: label, before, after."""
    language = (get_language() or "fr")[:2]
    asked = {question.name: question for question in questions}
    found = []
    for place in sorted(before.keys() | after.keys()):
        name = place.split(":")[0]
        if before.get(place) != after.get(place) and name in asked:
            words = [
                queries.choice_words([asked[name]], name, str(one.get(place, "")), language) for one in (before, after)
            ]
            found.append((asked[name].label.get(language) or name, words[0], words[1]))
    return found


def places_said(submission: Submission, said: str) -> list[tuple[str, str]]:
    """The place that a form names, where its question stands in the form; whether it is there is asked on writing."""
    question, *turns = said.split(":")
    names = {one.name for one in queries.questions_of(submission.version) if one.holds_answer}
    plain = all(turn.isascii() and turn.isdigit() and len(turn) < 6 for turn in turns)
    return [(said, said)] if question in names and plain else []


def attachment(*, actor: Actor, at: datetime, attachment: Attachment, reason: str) -> bytes:
    """The content of an attachment, after the look at it stands in the log."""
    submission = attachment.submission
    look(
        actor=actor,
        at=at,
        rows=[{"attachment": str(attachment.pk)}],
        reason=reason,
        dataflow=queries.definition_of(submission.version).dataflows[0],
        subject=f"submission:{submission.pk}",
        permission="submissions.review",
    )
    return Vault().open(attachment.sealed_content, f"attachment:{attachment.pk}")
