"""DNA as text, bytes and codes: the one table of bases, their codes, complements and IUPAC letters.

Codes are uint8: A, C, G, T = 0..3, anything else 4. The complement of base b is 3 - b.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Texts = NDArray[np.bytes_]

BASES = "ACGT"
UNKNOWN = 4  # code of everything but A, C, G, T
BASE_CODES = np.arange(4, dtype=np.uint8)
IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T",
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
"""Letter to the bases that it stands for, in alphabetical order."""
LETTER_OF_BASES = {frozenset(bases): letter for letter, bases in IUPAC.items()}

_of_base = dict(zip(BASES, reversed(BASES), strict=True))
COMPLEMENT_OF_LETTER = str.maketrans(
    {letter: LETTER_OF_BASES[frozenset(_of_base[base] for base in bases)] for letter, bases in IUPAC.items()}
)
_codes = np.full(256, UNKNOWN, dtype=np.uint8)
for _code, _base in enumerate(BASES):
    _codes[ord(_base)] = _codes[ord(_base.lower())] = _code
CODE_OF_BYTE = _codes.tobytes()
"""Code of every byte of text in either case, for `bytes.translate`."""
_LETTERS = np.frombuffer(b"ACGTN", dtype=np.uint8)
_COMPLEMENTS = np.array([3, 2, 1, 0, UNKNOWN], dtype=np.uint8)
ONE_HOT = np.vstack([np.eye(4, dtype=np.float32), np.zeros((1, 4), dtype=np.float32)])
"""One-hot row of every code, float32 `(5, 4)`; that of anything else is all zeros."""


def encode(text: str | bytes) -> Codes:
    """Return the codes of one sequence, (length,)."""
    return _codes[np.frombuffer(text.encode("ascii") if isinstance(text, str) else text, dtype=np.uint8)]


def encode_all(sequences: Sequence[str]) -> Codes:
    """Return the codes of sequences of one length, (sequences, length)."""
    return encode("".join(sequences)).reshape(len(sequences), -1)


def encode_texts(sequences: Texts) -> Codes:
    """Return the codes of texts of one length, (sequences, length).

    Parameters
    ----------
    sequences : bytes array, shape=(sequences,)
        Its item size is that length.
    """
    return _codes[sequences.view(np.uint8).reshape(len(sequences), -1)]


def decode(codes: Codes) -> str:
    """Return one sequence as text, N for an unknown base."""
    return _LETTERS[codes].tobytes().decode("ascii")


def decode_bytes(codes: Codes) -> NDArray[np.uint8]:
    """Return codes of any shape as bytes of text, N for an unknown base."""
    return _LETTERS[codes]


def decode_texts(codes: Codes) -> Texts:
    """Return coded sequences (sequences, length) as texts, (sequences,)."""
    return np.ascontiguousarray(_LETTERS[codes]).view(f"S{codes.shape[1]}")[:, 0]


def decode_one_hot(bases: NDArray[np.generic]) -> Codes:
    """Return the codes (..., length) of one-hot sequences (..., length, 4); unknown where no base is set."""
    return np.where(bases.any(-1), bases.argmax(-1), UNKNOWN).astype(np.uint8)


def reverse_complement_text(sequence: str) -> str:
    """Return the reverse complement of a sequence or of an IUPAC pattern, in upper case letters."""
    return sequence.translate(COMPLEMENT_OF_LETTER)[::-1]


def reverse_complement_codes(codes: Codes) -> Codes:
    """Return the codes (..., length) of the other strand, 5' to 3'; unknown bases stay unknown."""
    return _COMPLEMENTS[codes[..., ::-1]]


def reverse_complement_texts(sequences: Texts) -> Texts:
    """Return the reverse complement of every text, whatever its length.

    Parameters
    ----------
    sequences : bytes array, shape=(sequences,)
    """
    turned = np.empty_like(sequences)
    lengths = np.char.str_len(sequences)
    for length in np.unique(lengths):
        own = lengths == length
        codes = encode_texts(sequences[own].astype(f"S{length}"))
        turned[own] = decode_texts(reverse_complement_codes(codes))
    return turned
