"""Demographic accounting: origin-destination flows from two successive tables of stocks by birthplace and
residence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite
from migstat.estimation.flows_margins import fit_margins
from migstat.estimation.flows_tables import (
    NO_HIDDEN_MOVES,
    STOCKS_COMPARABLE,
    counts_by_place,
    flow_estimates,
    stocks,
    without_diagonal,
)
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text


class Balance(StrEnum):
    """How the two tables are made to agree on the number born in each place, after births and deaths.

    ``CLOSED``: native-born populations share out the global gap before births and deaths are taken off, then both
    tables are fitted to the mean number born in each place. ``CLOSED_AFTER``: the same, with the gap shared out
    after. ``OPEN``: whoever is too many left the system, whoever is missing came in, distributed as at the other
    date; ``OPEN_OWN``: as at the same date.
    """

    CLOSED = "closed"
    CLOSED_AFTER = "closed-after"
    OPEN = "open"
    OPEN_OWN = "open-own"


class Stayers(StrEnum):
    """``MOST``: as many stay as can (minimum migration). ``FREE``: staying is a cell like any other
    (independence)."""

    MOST = "most"
    FREE = "free"


class Spread(StrEnum):
    """Births go to the native born, or by population; deaths by population, or as the accounts of each birthplace
    imply."""

    NATIVE = "native"
    POPULATION = "population"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True)
class AccountingRules:
    """The choices of the accounting, as members or as words; the defaults are those of Abel and Sander (2014).

    Raises Refused (``input.choice``) for another word.

    >>> AccountingRules("open").balance
    <Balance.OPEN: 'open'>
    """

    balance: Balance | str = Balance.CLOSED
    stayers: Stayers | str = Stayers.MOST
    births: Spread | str = Spread.NATIVE
    deaths: Spread | str = Spread.POPULATION

    def __post_init__(self) -> None:
        for name, kind in (("balance", Balance), ("stayers", Stayers), ("births", Spread), ("deaths", Spread)):
            object.__setattr__(self, name, choice(kind, getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything between the two dates. Tables are (birthplace, residence); the flow itself is made one birthplace at
    a time.

    ``start`` and ``end`` are the adjusted stocks that the flows join; ``left`` and ``entered`` the moves out of and
    into the system.
    """

    start: Floats
    end: Floats
    births: Floats
    deaths: Floats
    left: Floats
    entered: Floats
    stayers: Stayers
    seed: Floats | None

    def of_birthplace(self, place: int) -> Floats:
        """Transitions of those born in ``place``, shape (origin, destination); the diagonal holds those who
        stayed."""
        return _transitions(self.start[place], self.end[place], self.stayers, _seed_of(self.seed, place))

    def array(self) -> Floats:
        """All transitions, shape (origin, destination, birthplace); n^3 numbers."""
        return np.stack([self.of_birthplace(place) for place in range(self.start.shape[0])], axis=2)

    def by_birthplace(self) -> Floats:
        """Flows leaving (0) and reaching (1) each place, by birthplace: shape (2, birthplace, place)."""
        kept = np.minimum(self.start, self.end)
        return np.stack([self.start - kept, self.end - kept])


def _seed_of(seed: Floats | None, place: int) -> Floats | None:
    if seed is None or seed.ndim == 2:
        return seed
    return seed[:, :, place]


def _transitions(start: Floats, end: Floats, stayers: Stayers, seed: Floats | None) -> Floats:
    """One birthplace: closed form of independence without a seed, iterative fitting with one."""
    kept = np.minimum(start, end) if stayers is Stayers.MOST else np.zeros_like(start)
    out, into = start - kept, end - kept
    total = float(out.sum())
    moved = np.zeros((start.size, start.size))
    if total > 0:
        into = into * (total / float(into.sum())) if into.sum() > 0 else into
        moved = np.outer(out, into) / total if seed is None else fit_margins(seed, out, into).table
    moved[np.diag_indices_from(moved)] += kept
    return moved


def _refuse_crowding(births: Floats, deaths: Floats, start: Floats, end: Floats) -> None:
    """More births than people at the end, or deaths than people at the start, cannot be taken off the stocks."""
    for name, events, table, when in (("births", births, end, "end"), ("deaths", deaths, start, "start")):
        crowded = events > table.sum(axis=0)
        if crowded.any():
            raise Refused(
                f"flows.{name}",
                found=f"more {name} than people at the {when} in {int(crowded.sum())} places",
                remedy=f"check that {name} and stocks cover the same period, places and unit",
            )


def _native_births(births: Floats, end: Floats) -> tuple[Floats, int]:
    """Births as native born; where they outnumber the native born, by population (as in migest). Also how many
    places."""
    table = np.diag(births)
    crowded = np.diag(end) < births
    if crowded.any():
        table[:, crowded] = (end * (births / np.maximum(end.sum(axis=0), 1e-300)))[:, crowded]
    return table, int(crowded.sum())


def _spread_births(births: Floats, end: Floats, rule: Spread) -> tuple[Floats, int]:
    population = end.sum(axis=0)
    if rule is Spread.NATIVE:
        return _native_births(births, end)
    if rule is Spread.POPULATION:
        return end * (births / np.maximum(population, 1e-300)), 0
    raise Refused("flows.births_rule", found=rule.value, remedy="spread births as 'native' or 'population'")


def _spread_deaths(deaths: Floats, births: Floats, start: Floats, end: Floats, rule: Spread) -> Floats:
    population = start.sum(axis=0)
    if rule is Spread.POPULATION:
        spread: Floats = start * (deaths / np.maximum(population, 1e-300))
        return spread
    if rule is not Spread.ACCOUNTS:
        raise Refused("flows.deaths_rule", found=rule.value, remedy="spread deaths as 'population' or 'accounts'")
    implied = start.sum(axis=1) + births - end.sum(axis=1)
    if (implied < 0).any():
        raise Refused(
            "flows.deaths_implied",
            found="birthplaces that would need a negative number of deaths",
            remedy="spread deaths by 'population', or use an open system",
        )
    return fit_margins(start, implied, deaths).table


def _share_gap(start: Floats, end: Floats, gap: float) -> tuple[Floats, Floats]:
    """Half of ``gap`` (what the end has too little) off the native born at the start, half onto those at the end."""
    first, last = start.copy(), end.copy()
    for table, change in ((first, -gap / 2), (last, gap / 2)):
        native = np.diag(table)
        whole = float(native.sum())
        if whole + change < 0 or (whole == 0 and change != 0):
            raise Refused(
                "flows.gap",
                found="a gap between stock change and natural change larger than the native born",
                remedy="check births, deaths and stocks, or use an open system",
            )
        np.fill_diagonal(table, native * (1 + change / whole) if whole else native)
    return first, last


def _match_closed(start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Both tables fitted to the mean number born in each place, with their own numbers living in each place."""
    target = 0.5 * (start.sum(axis=1) + end.sum(axis=1))
    if np.array_equal(target, start.sum(axis=1)):
        return start, end
    try:
        return (
            fit_margins(start, target, start.sum(axis=0)).table,
            fit_margins(end, target, end.sum(axis=0)).table,
        )
    except Refused as fault:
        raise Refused(
            "flows.cannot_close",
            found="stocks that no closed system can join, such as a place where only the native born live",
            remedy="use an open system (balance 'open-own'), or a small number where the stock table has a false 0",
        ) from fault


def _match_open(start: Floats, end: Floats, own: bool) -> tuple[Floats, Floats, Floats, Floats]:
    excess = start.sum(axis=1) - end.sum(axis=1)
    left = _by_row(start if own else end, np.maximum(excess, 0.0))
    entered = _by_row(end if own else start, np.maximum(-excess, 0.0))
    first, last = start - left, end - entered
    slack = 1e-9 * max(float(start.sum()), float(end.sum()), 1.0)
    if first.min() < -slack or last.min() < -slack:
        raise Refused(
            "flows.open_negative",
            found="more leavers or entrants than people in some cells",
            remedy="use balance 'open-own', which takes leavers from the table they leave",
        )
    return np.maximum(first, 0.0), np.maximum(last, 0.0), left, entered


def _by_row(pattern: Floats, totals: Floats) -> Floats:
    sums = pattern.sum(axis=1)
    if ((totals > 0) & (sums == 0)).any():
        raise Refused(
            "flows.empty_birthplace",
            found="a birthplace with nobody at one date and some at the other",
            remedy="use balance 'open-own', or leave the birthplace out",
        )
    spread: Floats = pattern * (totals / np.where(sums > 0, sums, 1.0))[:, None]
    return spread


def account(
    start: Floats, end: Floats, births: Floats, deaths: Floats, rules: AccountingRules, seed: Floats | None = None
) -> tuple[Accounts, int]:
    """The accounts that join two stock tables, and the number of places with more births than native born.

    Abel (2013), Abel and Sander (2014, supplement), Abel and Cohen (2019).
    """
    _refuse_crowding(births, deaths, start, end)
    stayers = Stayers(rules.stayers)
    gap = float(births.sum() - deaths.sum()) - float(end.sum() - start.sum())
    if rules.balance is Balance.CLOSED and gap != 0:
        start, end = _share_gap(start, end, gap)
        _refuse_crowding(births, deaths, start, end)
    born, crowded = _spread_births(births, end, Spread(rules.births))
    died = _spread_deaths(deaths, births, start, end, Spread(rules.deaths))
    first, last = start - died, end - born
    nothing = np.zeros_like(first)
    if rules.balance in (Balance.OPEN, Balance.OPEN_OWN):
        first, last, left, entered = _match_open(first, last, rules.balance is Balance.OPEN_OWN)
        return Accounts(first, last, born, died, left, entered, stayers, seed), crowded
    if rules.balance is Balance.CLOSED_AFTER:
        rest = float(first.sum() - last.sum())
        first, last = _share_gap(first, last, rest) if rest else (first, last)
    first, last = _match_closed(first, last)
    return Accounts(first, last, born, died, nothing, nothing, stayers, seed), crowded


def origin_destination(accounts: Accounts) -> Floats:
    """Flows summed over birthplaces, diagonal 0. Without a seed one matrix product, O(n^3) with n^2 memory."""
    if accounts.seed is not None:
        return without_diagonal(
            sum((accounts.of_birthplace(k) for k in range(accounts.start.shape[0])), start=_zero(accounts))
        )
    kept = np.minimum(accounts.start, accounts.end) if accounts.stayers is Stayers.MOST else _zero(accounts)
    out, into = accounts.start - kept, accounts.end - kept
    total = into.sum(axis=1)
    return without_diagonal(out.T @ (into / np.where(total > 0, total, 1.0)[:, None]))


def _zero(accounts: Accounts) -> Floats:
    return np.zeros_like(accounts.start)


BIRTHS_DEATHS_RIGHT = Assumption(
    "natural_change_right",
    Text(
        fr="Les naissances et les décès de chaque lieu sont justes, et la mortalité ne dépend pas du lieu de "
        "naissance.",
        ar="أعداد المواليد والوفيات في كل مكان صحيحة، ولا تتوقف الوفاة على مكان الميلاد.",
        en="Births and deaths of each place are right, and mortality does not depend on the place of birth.",
    ),
    Text(
        fr="Des décès sous-déclarés deviennent des départs, des naissances sous-déclarées des arrivées.",
        ar="الوفيات غير المصرح بها تتحول إلى مغادرات، والولادات غير المصرح بها إلى وافدين.",
        en="Deaths not reported become departures, births not reported become arrivals.",
    ),
)
ASSUMPTIONS = (STOCKS_COMPARABLE, NO_HIDDEN_MOVES, BIRTHS_DEATHS_RIGHT)
MEANING = Text(
    fr="Plus petit nombre de changements de résidence qui explique le passage d'un tableau de stocks à l'autre. Ce "
    "n'est pas un compte "
    "de déplacements, et il n'a pas d'intervalle propre : flows_with_uncertainty y ajoute l'erreur des stocks et "
    "celle de la méthode.",
    ar="أصغر عدد من تغييرات الإقامة يفسر الانتقال من جدول أرصدة إلى آخر. ليس عدّاً للتنقلات، ولا مجال له بذاته: "
    "الدالة "
    "flows_with_uncertainty تضيف إليه خطأ الأرصدة وخطأ الطريقة.",
    en="The smallest number of changes of residence that explains the passage from one stock table to the other. It "
    "is not a count "
    "of moves, and has no interval of its own: flows_with_uncertainty adds the error of the stocks and of the "
    "method.",
)


@estimator(
    "flows_accounting",
    family="flows",
    reference="Abel (2013), Demographic Research 28, 505-546; Abel and Sander (2014), Science 343, 1520-1522; Abel "
    "and Cohen (2019), "
    "Scientific Data 6:82; independence: Azose and Raftery (2019), PNAS 116, 116-122",
    assumptions=ASSUMPTIONS,
)
def flows_accounting(
    stock_start: ArrayLike,
    stock_end: ArrayLike,
    births: ArrayLike | None = None,
    deaths: ArrayLike | None = None,
    *,
    rules: AccountingRules | None = None,
    seed: ArrayLike | None = None,
    places: Sequence[str] | None = None,
) -> EstimateArray:
    """Flows (origin, destination) in persons over the period, from stocks (birthplace, residence) at its two ends.

    ``births`` and ``deaths`` (n,) by place of residence. ``seed`` (n, n) or (n, n, n birthplaces) is a pattern of 0
    or more that the flows follow as far as the stocks allow (distances inverted, earlier flows); its diagonal counts
    only where staying is free. Without a seed the answer is in closed form. ``extra["accounts"]`` holds the accounts
    and makes the flows of each birthplace. Raises Refused: ``flows.negative_stock``, ``flows.births``,
    ``flows.deaths``, ``flows.gap``, ``flows.cannot_close``, ``flows.open_negative``, ``flows.seed``,
    ``ipf.unattainable``.

    >>> start = [[1000, 100, 10, 0], [55, 555, 50, 5], [80, 40, 800, 40], [20, 25, 20, 200]]
    >>> end = [[950, 100, 60, 0], [80, 505, 75, 5], [90, 30, 800, 40], [40, 45, 0, 180]]
    >>> flows_accounting(start, end, places=["A", "B", "C", "D"]).estimate("A", "C").value
    50.0
    """
    first, last = stocks(stock_start, stock_end)
    n = first.shape[0]
    born, died = counts_by_place(births, "births", n), counts_by_place(deaths, "deaths", n)
    accounts, crowded = account(first, last, born, died, rules or AccountingRules(), _checked_seed(seed, n))
    flow = origin_destination(accounts)
    return flow_estimates(
        "flows_accounting",
        flow,
        MEANING,
        places=places,
        assumptions=ASSUMPTIONS,
        diagnostics=(
            Diagnostic("births_over_natives", _CROWDED, crowded, concern=crowded > 0),
            Diagnostic("stock_adjustment", _ADJUSTED, _adjustment(first, last, accounts), concern=None),
        ),
        extra={"accounts": accounts},
    )


def _checked_seed(seed: ArrayLike | None, n: int) -> Floats | None:
    if seed is None:
        return None
    pattern = finite(seed, "seed", ndim=np.ndim(seed))
    if pattern.shape not in ((n, n), (n, n, n)) or (pattern < 0).any():
        raise Refused(
            "flows.seed",
            found=f"a seed of shape {pattern.shape}, or with negative cells",
            remedy="give a pattern of 0 or more, origin by destination, and by birthplace if it differs",
        )
    return pattern


def _adjustment(start: Floats, end: Floats, accounts: Accounts) -> float:
    """Share of the stocks moved to make the system balance, beyond births, deaths and moves across its border."""
    moved = np.abs(accounts.start + accounts.deaths + accounts.left - start).sum()
    moved += np.abs(accounts.end + accounts.births + accounts.entered - end).sum()
    return float(moved / (start.sum() + end.sum())) if start.sum() + end.sum() else 0.0


_CROWDED = Text(
    fr="Lieux où les naissances dépassent les natifs présents ; elles y ont été réparties sur toute la population.",
    ar="أماكن تفوق فيها المواليد المولودين محلياً الحاضرين؛ وُزعت فيها على كامل السكان.",
    en="Places where births outnumber the native born present; there they were spread over the whole population.",
)
_ADJUSTED = Text(
    fr="Part des stocks déplacée pour équilibrer le système ; grande, les deux tableaux ne se correspondent pas.",
    ar="حصة الأرصدة التي عُدلت لموازنة النظام؛ إذا كبرت فالجدولان غير متوافقين.",
    en="Share of the stocks moved to balance the system; when large the two tables do not fit each other.",
)
