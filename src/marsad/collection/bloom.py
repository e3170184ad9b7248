"""Keyed Bloom filters of names and dates, for linkage that bears a spelling mistake. Pure: text and keys in, bytes out.

A text becomes its bigrams with a padding sign at both ends, each bigram sets ``HASHES`` of ``BITS`` bits (Schnell, Bachteler
and Reiher, "Privacy-preserving record linkage using Bloom filters", BMC Medical Informatics and Decision Making 9:41, 2009).
What such filters give away is known (Kuzu et al. 2011; Niedermeyer, Steinmetzer, Kroll and Schnell, "Cryptanalysis of basic
Bloom filters used for privacy preserving record linkage", Journal of Privacy and Confidentiality 6(2), 2014; Christen,
Schnell, Vatsalan and Ranbaduge, "Efficient cryptanalysis of Bloom filters for privacy-preserving record linkage", PAKDD
2017), so three things are done about it, and the filters stay confidential all the same:

* the places of a bigram come from an HMAC of the whole bigram under the key of the purpose (random hashing), not from two
  hash functions and their sums, whose pattern the attack of 2014 reads;
* each bit of the finished filter is turned over with probability 1/64 (randomised response, "BLIP": Alaggan, Gambs and
  Kermarrec 2012; Schnell and Borgs, "Randomized response and balanced Bloom filters", ICDMW 2016). Which bits is drawn from
  SHAKE256 of a key and the text, so that the same text gives the same filter;
* dates are encoded by bigram **and place**, since their few digits would say much otherwise.

``similarity`` is the Dice coefficient of two filters. The noise takes about a twentieth from the similarity of near texts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

BITS = 512
HASHES = 15
BYTES = BITS // 8
_DRAWS = 6
_PADDING = "_"


def bigrams(text: str, *, placed: bool = False) -> frozenset[str]:
    """The bigrams of a padded text; with ``placed`` each carries its place.

    >>> sorted(bigrams("ali"))
    ['_a', 'al', 'i_', 'li']
    """
    padded = f"{_PADDING}{text}{_PADDING}"
    pairs = [padded[start : start + 2] for start in range(len(padded) - 1)]
    return frozenset(f"{place}:{pair}" for place, pair in enumerate(pairs)) if placed else frozenset(pairs)


class BloomEncoder:
    """Encodes under one key; the bits of a bigram are remembered, since a city has few bigrams and many names."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._noise = hmac.digest(key, b"noise", "sha256")
        self._bits = lru_cache(maxsize=1 << 16)(self._bits_of)

    def _bits_of(self, bigram: str) -> int:
        seed = hmac.digest(self._key, b"bigram:" + bigram.encode(), "sha256")
        drawn = hashlib.shake_256(seed).digest(2 * HASHES)
        mask = 0
        for start in range(0, len(drawn), 2):
            mask |= 1 << (int.from_bytes(drawn[start : start + 2], "big") % BITS)
        return mask

    def _mask(self, text: str, placed: bool) -> bytes:
        mask = 0
        for bigram in bigrams(text, placed=placed):
            mask |= self._bits(bigram)
        return mask.to_bytes(BYTES, "big")

    def encode_all(self, texts: Sequence[str], *, placed: bool = False) -> npt.NDArray[np.uint8]:
        """The filters of texts in one spelling, one row of ``BYTES`` bytes each: the bits of the bigrams, some turned over.

        Each bit of the noise is the conjunction of six drawn ones, so it is set with probability 2 ** -6.
        """
        masks = np.frombuffer(b"".join(self._mask(text, placed) for text in texts), np.uint8)
        drawn = b"".join(hashlib.shake_256(self._noise + text.encode()).digest(_DRAWS * BYTES) for text in texts)
        noise = np.bitwise_and.reduce(np.frombuffer(drawn, np.uint8).reshape(-1, _DRAWS, BYTES), axis=1)
        filters: npt.NDArray[np.uint8] = masks.reshape(-1, BYTES) ^ noise
        return filters

    def encode(self, text: str, *, placed: bool = False) -> bytes:
        """The filter of one text that is brought to one spelling already."""
        return self.encode_all([text], placed=placed).tobytes()


def similarity(left: bytes, right: bytes) -> float:
    """The Dice coefficient of two filters, from 0 to 1; 0 for two empty ones.

    >>> similarity(b"\\x03", b"\\x01")
    0.6666666666666666
    """
    one, other = int.from_bytes(left, "big"), int.from_bytes(right, "big")
    total = one.bit_count() + other.bit_count()
    return 2 * (one & other).bit_count() / total if total else 0.0
