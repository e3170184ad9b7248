"""What became of a case, by the codes that surveys everywhere use.

AAPOR (2023), *Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys*, 10th edition, the codes
of in-person household surveys: 1 interview, 2 eligible without interview, 3 unknown whether eligible, 4 not eligible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from migstat.estimation.survey_nonresponse import Disposition
from migstat.model.refusals import Refused

NOT_ATTEMPTED: Final = "3.11"
DISPOSITIONS: Final[Mapping[str, Disposition]] = {
    "1.1": Disposition.COMPLETE,
    "1.2": Disposition.PARTIAL,
    "2.11": Disposition.REFUSAL,
    "2.12": Disposition.REFUSAL,
    "2.23": Disposition.NON_CONTACT,
    "2.24": Disposition.NON_CONTACT,
    "2.25": Disposition.NON_CONTACT,
    "2.32": Disposition.OTHER,
    "2.33": Disposition.OTHER,
    "2.36": Disposition.OTHER,
    NOT_ATTEMPTED: Disposition.UNKNOWN_ELIGIBILITY,
    "3.17": Disposition.UNKNOWN_ELIGIBILITY,
    "3.18": Disposition.UNKNOWN_ELIGIBILITY,
    "3.21": Disposition.UNKNOWN_ELIGIBILITY,
    "4.1": Disposition.NOT_ELIGIBLE,
    "4.5": Disposition.NOT_ELIGIBLE,
    "4.6": Disposition.NOT_ELIGIBLE,
    "4.7": Disposition.NOT_ELIGIBLE,
}
# What a visit can end with; nobody has to write down that nothing was tried.
OUTCOMES: Final = tuple(code for code in DISPOSITIONS if code != NOT_ATTEMPTED)
# How the questionnaires of the city pack say the outcome of a visit.
OUTCOME_OF_ANSWER: Final[Mapping[str, str]] = {
    "completed": "1.1",
    "partial": "1.2",
    "refused": "2.11",
    "absent": "2.24",
    "no_adult": "2.25",
    "language": "2.33",
    "vacant": "4.6",
    "not_dwelling": "4.5",
}
# Nobody is sent again where these were found.
FINAL_AT_ONCE: Final = frozenset(
    {Disposition.COMPLETE, Disposition.PARTIAL, Disposition.REFUSAL, Disposition.NOT_ELIGIBLE}
)
ANSWERED: Final = frozenset({Disposition.COMPLETE, Disposition.PARTIAL})
# Which of several outcomes says most: somebody who was spoken to is not undone by a later visit to a closed door.
_ORDER: Final = (
    Disposition.COMPLETE,
    Disposition.PARTIAL,
    Disposition.REFUSAL,
    Disposition.OTHER,
    Disposition.NOT_ELIGIBLE,
    Disposition.NON_CONTACT,
    Disposition.UNKNOWN_ELIGIBILITY,
)


def category(code: str) -> Disposition:
    """The category of a code. Raises ``Refused("fieldwork.disposition")`` for a code that is not in the list."""
    if code not in DISPOSITIONS:
        raise Refused("fieldwork.disposition", found="an unknown outcome", remedy="choose one of the list")
    return DISPOSITIONS[code]


def outcome_of_answer(answer: str) -> str | None:
    """The code of what a questionnaire said; None for an answer that says nothing of an outcome."""
    return OUTCOME_OF_ANSWER.get(answer, answer if answer in OUTCOMES else None)


def final_disposition(codes: Sequence[str]) -> str:
    """The disposition of a case after its visits, in the order of time: the one that says most, the latest of its kind.

    >>> final_disposition(["2.24", "2.11", "2.24"]), final_disposition([])
    ('2.11', '3.11')
    """
    if not codes:
        return NOT_ATTEMPTED
    best = min((category(code) for code in codes), key=_ORDER.index)
    return next(code for code in reversed(codes) if category(code) is best)


def is_final(codes: Sequence[str], most: int) -> bool:
    """Whether a case needs no further visit: what was found ends it, or it was visited as often as it should be."""
    return category(final_disposition(codes)) in FINAL_AT_ONCE or len(codes) >= most
