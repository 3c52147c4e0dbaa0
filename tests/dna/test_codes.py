"""Codes of DNA: every form turns into every other and back, and complements are the same in all forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.dna.codes import (
    BASES,
    CODE_OF_BYTE,
    IUPAC,
    LETTER_OF_BASES,
    ONE_HOT,
    UNKNOWN,
    decode,
    decode_bytes,
    decode_one_hot,
    decode_texts,
    encode,
    encode_all,
    encode_texts,
    reverse_complement_codes,
    reverse_complement_text,
    reverse_complement_texts,
)
from cistill.dna.matrices import reverse_complement

COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A", "N": "N"}
dna = st.text("ACGTN", max_size=30)
known = st.text("ACGT", min_size=1, max_size=30)


def test_codes_by_hand() -> None:
    assert encode("ACGTacgt").tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert encode(b"NnRYSWKMBDHVXU-. 0\n").tolist() == [UNKNOWN] * 19
    assert decode(np.array([3, 4, 0, 2, 1], dtype=np.uint8)) == "TNAGC"
    assert encode("").shape == (0,)
    assert encode("ACGT").dtype == np.uint8


@given(st.binary(max_size=50))
def test_any_bytes_are_coded_as_translate_does(text: bytes) -> None:
    assert encode(text).tobytes() == text.translate(CODE_OF_BYTE)


@given(dna)
def test_text_codes_and_one_hot_rows_are_each_others_inverse(text: str) -> None:
    codes = encode(text)
    assert decode(codes) == text
    assert decode_bytes(codes).tobytes() == text.encode()
    assert (decode_one_hot(ONE_HOT[codes]) == codes).all()
    assert (decode_one_hot(ONE_HOT[codes].astype(np.int8)) == codes).all()


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.text("ACGTN", min_size=n, max_size=n), min_size=1)))
def test_sequences_of_one_length_are_coded_together(texts: list[str]) -> None:
    codes = encode_all(texts)
    assert (codes == np.stack([encode(text) for text in texts])).all()
    as_bytes = np.array([text.encode() for text in texts])
    assert (encode_texts(as_bytes) == codes).all()
    assert (decode_texts(codes) == as_bytes).all()


@given(dna)
def test_reverse_complements_agree_in_every_form(text: str) -> None:
    turned = "".join(COMPLEMENT[base] for base in reversed(text))
    assert reverse_complement_text(text) == turned
    assert decode(reverse_complement_codes(encode(text))) == turned
    assert (reverse_complement(ONE_HOT[encode(text)]) == ONE_HOT[encode(turned)]).all()
    assert (reverse_complement_codes(reverse_complement_codes(encode(text))) == encode(text)).all()


@given(st.lists(known, min_size=1, max_size=20))
def test_texts_of_several_lengths_are_reverse_complemented_one_by_one(texts: list[str]) -> None:
    turned = reverse_complement_texts(np.array([text.encode() for text in texts]))
    assert [text.decode() for text in turned] == [reverse_complement_text(text) for text in texts]


def test_codes_of_several_sequences_are_turned_along_the_last_axis() -> None:
    codes = np.array([[0, 0, 1], [4, 2, 3]], dtype=np.uint8)
    assert reverse_complement_codes(codes).tolist() == [[2, 3, 3], [0, 1, 4]]


@pytest.mark.parametrize("letter", IUPAC)
def test_a_letter_stands_for_its_bases_and_its_complement_for_theirs(letter: str) -> None:
    assert LETTER_OF_BASES[frozenset(IUPAC[letter])] == letter
    assert list(IUPAC[letter]) == sorted(IUPAC[letter])
    turned = reverse_complement_text(letter)
    assert set(IUPAC[turned]) == {COMPLEMENT[base] for base in IUPAC[letter]}


def test_all_sets_of_bases_have_a_letter() -> None:
    assert len(LETTER_OF_BASES) == len(IUPAC) == 2 ** len(BASES) - 1
    assert reverse_complement_text("ACGTRYSWKMBDHVN") == "NBDHVKMWSRYACGT"
