"""The numbers on coupons: made by chance, checked by two digits, and saying nothing about anybody.

Four letters and four digits are drawn (1.6 thousand million numbers), so that none can be guessed from another; the last two
digits are the check of ISO/IEC 7064, MOD 97-10, which finds every single wrong sign and nearly every exchange of two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# No vowels, which would make words, and no letters that are read for others.
LETTERS: Final = "BCDFGHJKLMNPRSTVWXYZ"
_SHAPE = re.compile(rf"[{LETTERS}]{{4}}[0-9]{{6}}")
_SEPARATORS = re.compile(r"[\s.\-_/]+")


def new_coupon_code(choose: Callable[[int], int]) -> str:
    """A new number. ``choose(n)`` gives a number from 0 to n - 1 by chance that nobody can foresee.

    >>> new_coupon_code(lambda n: 0)
    'BBBB000052'
    """
    body = "".join(LETTERS[choose(len(LETTERS))] for _ in range(4)) + "".join(str(choose(10)) for _ in range(4))
    return f"{body}{98 - _remainder(body + '00'):02d}"


def normal_coupon_code(typed: str) -> str | None:
    """A number as it was typed or read, in the one spelling that is kept; None where it is not one, or mistyped.

    >>> normal_coupon_code(" bbbb-0000-52 "), normal_coupon_code("BBBB000053")
    ('BBBB000052', None)
    """
    code = _SEPARATORS.sub("", typed).upper()
    return code if _SHAPE.fullmatch(code) and _remainder(code) == 1 else None


def spaced(code: str) -> str:
    """The number in groups, as it is printed.

    >>> spaced("BBBB000052")
    'BBBB 0000 52'
    """
    return f"{code[:4]} {code[4:8]} {code[8:]}"


def _remainder(code: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in code)) % 97
