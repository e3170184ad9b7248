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
# Twenty-one bits hold any sign of Unicode; a chunk of texts bounds what the arrays of their bigrams take.
_SIGN = np.uint64(21)
_TOGETHER = 4_096


def bigrams(text: str, *, placed: bool = False) -> frozenset[str]:
    """The bigrams of a padded text; with ``placed`` each carries its place.

    >>> sorted(bigrams("ali"))
    ['_a', 'al', 'i_', 'li']
    """
    padded = f"{_PADDING}{text}{_PADDING}"
    pairs = [padded[start : start + 2] for start in range(len(padded) - 1)]
    return frozenset(f"{place}:{pair}" for place, pair in enumerate(pairs)) if placed else frozenset(pairs)


def _bigram_of(code: int, placed: bool) -> str:
    """The bigram, as ``bigrams`` writes it, of a place and two signs packed into one number."""
    pair = chr(code >> 21 & 0x1FFFFF) + chr(code & 0x1FFFFF)
    return f"{code >> 42}:{pair}" if placed else pair


class BloomEncoder:
    """Encodes under one key; the bits of a bigram are remembered, since a city has few bigrams and many names."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._noise = hmac.digest(key, b"noise", "sha256")
        self._bits = lru_cache(maxsize=1 << 16)(self._bits_of)

    def _bits_of(self, bigram: str) -> bytes:
        seed = hmac.digest(self._key, b"bigram:" + bigram.encode(), "sha256")
        drawn = hashlib.shake_256(seed).digest(2 * HASHES)
        mask = 0
        for start in range(0, len(drawn), 2):
            mask |= 1 << (int.from_bytes(drawn[start : start + 2], "big") % BITS)
        return mask.to_bytes(BYTES, "big")

    def _masks(self, texts: Sequence[str], placed: bool) -> npt.NDArray[np.uint64]:
        """The bits of all bigrams of each text, for all texts at once; each distinct bigram is looked up once."""
        padded = [f"{_PADDING}{text}{_PADDING}" for text in texts]
        lengths = np.array([len(text) for text in padded])
        signs = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
        starts = np.cumsum(lengths) - lengths
        # The pair that would begin with a text's last sign belongs to no text.
        begins = np.delete(np.arange(signs.size), starts + lengths - 1)
        codes = signs[begins] << _SIGN | signs[begins + 1]
        firsts = starts - np.arange(len(texts))
        if placed:
            places = np.arange(begins.size) - np.repeat(firsts, lengths - 1)
            codes |= places.astype(np.uint64) << (_SIGN + _SIGN)
        distinct, which = np.unique(codes, return_inverse=True)
        looked_up = b"".join(self._bits(_bigram_of(int(code), placed)) for code in distinct)
        masks = np.frombuffer(looked_up, np.uint64).reshape(-1, BYTES // 8)
        found: npt.NDArray[np.uint64] = np.bitwise_or.reduceat(masks[which.ravel()], firsts, axis=0)
        return found

    def encode_all(self, texts: Sequence[str], *, placed: bool = False) -> npt.NDArray[np.uint8]:
        """The filters of texts in one spelling, one row of ``BYTES`` bytes each: the bits of the bigrams, some turned over.

        Each bit of the noise is the conjunction of six drawn ones, so it is set with probability 2 ** -6.
        """
        filters = np.empty((len(texts), BYTES), np.uint8)
        for start in range(0, len(texts), _TOGETHER):
            some = texts[start : start + _TOGETHER]
            drawn = b"".join(hashlib.shake_256(self._noise + text.encode()).digest(_DRAWS * BYTES) for text in some)
            noise = np.bitwise_and.reduce(np.frombuffer(drawn, np.uint64).reshape(-1, _DRAWS, BYTES // 8), axis=1)
            filters[start : start + len(some)] = (self._masks(some, placed) ^ noise).view(np.uint8)
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
