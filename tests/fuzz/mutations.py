"""Damage done to small valid files: to bytes, to the cells and lines of text, to the nodes of JSON."""

import copy
import gzip
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

Mutator = Callable[[random.Random, Sequence[bytes]], bytes]
LARGEST = 1 << 18  # bytes of a case
SPARSE = 4096  # bytes
CELLS = (
    b"", b" ", b"\t", b"NA", b"nan", b"NaN", b"inf", b"-inf", b"-1", b"0", b"1e400", b"1e-400", b"1" * 400, b"-0.0",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616", b"2147483648",
    b"4294967296", b"1_000", b"1,5", b"1.5", b"0x10", b"+1", b"1e3", "\u0661\u0662".encode(), "\u00b2".encode(),
    b'"', b"'", b'""', b'"a\nb"', b"#", b"=", b":", b"..", b"/", b"~", b"\\", b"\x00", b"\x1a", b"\xff", b"\xa0",
    "\u2028".encode(), "\u0085".encode(), "\ufeff".encode(), b"\x0b", b"\x0c", b"\x1c", b"True", b"null", b"[]", b"{}",
    b"[", b"{", b"&a", b"*a", b"!!python/object/apply:os.system [id]", b"!!binary x", b"<<", b"- ", b"? ", b"|", b">",
    b"chr1", b"acgtn", b"A" * 3000, b"%s", b"{0}", b"\xed\xa0\x80", b"2026-02-30", b"1:30", b"0o7", b"0b2", b"1__0",
)  # fmt: skip
"""What a cell, a word or a value can hold."""
SEPARATORS = (b"\t", b",", b";", b" ", b"|", b"  ", b"\xc2\xa0", b"\t\t")
LINE_ENDS = (b"\r\n", b"\r", b"\n\n", b"\x0b", b"\x0c", b"\xe2\x80\xa8", b"\xc2\x85", b"\n\r", b"\x00\n", b"")
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 127, 128, 255, 256, 32767, 65535, 65536, 1 << 20, 1 << 24, (1 << 31) - 1, 1 << 31,
           (1 << 32) - 1, 1 << 40, 1 << 60, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 1.5, float("nan"), float("inf"), -float("inf"), 1e308, 10**400, 1 << 31, 1 << 63,
    -(1 << 63), "", "a", "0", "nan", "\x00", "\ud800", "é" * 3, "../../x", [], {}, [[]], {"": {}}, [None], [0, 0],
    [1, 2, 3, 4], {"a": 1}, "A" * 3000, [[[[[[]]]]]],
)  # fmt: skip
"""What a node of JSON can hold."""


def mutate_bytes(rng: random.Random, seeds: Sequence[bytes], most: int = 5) -> bytes:
    """Return one of the seeds with a few pieces flipped, overwritten, cut, copied, zeroed or taken from another."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, most)):
        _one_damage(rng, data, seeds)
    return bytes(data[:LARGEST])


def _one_damage(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    size = len(data)
    at = rng.randrange(size + 1)
    if size > SPARSE:  # of large files most is empty
        at = next((one for one in (rng.randrange(size) for _ in range(20)) if data[one]), at)
    length = min(rng.choice((1, 1, 2, 4, 8, 16, 64, 512)), size)
    kind = rng.randrange(10)
    if kind <= 1 and size:
        data[at % size] ^= 1 << rng.randrange(8)
    elif kind == 2 and size:
        data[at % size] = rng.randrange(256)
    elif kind <= 4 and size:
        width = rng.choice((1, 2, 4, 8))
        number = rng.choice(NUMBERS) % (1 << (8 * width))
        data[at : at + width] = number.to_bytes(width, rng.choice(("little", "little", "big")))
    elif kind == 5:
        del data[at : at + length]
    elif kind == 6:
        data[at:at] = rng.randbytes(length) if rng.random() < 0.5 else data[rng.randrange(size + 1) :][:length]
    elif kind == 7:
        data[at : at + length] = bytes(min(length, size - at))
    elif kind == 8:
        other = rng.choice(seeds)
        start = rng.randrange(len(other) + 1)
        data[at : at + length] = other[start : start + rng.choice((length, len(other)))]
    elif rng.random() < 0.3:
        del data[at:]
    else:
        data[at : at + length] = data[at : at + length] * rng.choice((2, 3, 50))


def text_mutator(tokens: Sequence[bytes] = ()) -> Mutator:
    """Return a mutator of text: cells, words, lines, separators, encodings and line ends; now and then of bytes.

    Parameters
    ----------
    tokens : sequence of bytes
        Words that the format knows, put where others stand.
    """
    cells = (*CELLS, *tokens, *tokens)

    def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
        data = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
            data = TEXT_DAMAGES[rng.randrange(len(TEXT_DAMAGES))](rng, data, cells)
        chance = rng.random()
        if chance < 0.05:
            data = mutate_bytes(rng, [data, *seeds], 3)
        if chance > 0.94:
            data = rng.choice(WRAPPERS)(rng, data[:LARGEST])
        return data[:LARGEST]

    return mutate


def _change_cell(rng: random.Random, data: bytes, cells: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    separator = next((one for one in (b"\t", b",", b" ") if one in lines[at]), b" ")
    fields = lines[at].split(separator)
    here = rng.randrange(len(fields))
    kind = rng.randrange(6)
    if kind <= 2:
        fields[here] = rng.choice(cells)
    elif kind == 3:
        fields[here] += rng.choice(cells)
    elif kind == 4:
        del fields[here]
    else:
        fields.insert(here, rng.choice((*fields, rng.choice(cells))))
    lines[at] = separator.join(fields)
    return b"\n".join(lines)


def _change_line(rng: random.Random, data: bytes, cells: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[other])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(at, rng.choice(cells))
    elif kind == 4:
        lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
    else:
        lines[at:at] = [lines[other]] * rng.choice((2, 10, 200))
    return b"\n".join(lines)


def _change_separators(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    old, new = rng.choice((b"\t", b",", b" ", b": ", b"=")), rng.choice(SEPARATORS)
    if rng.random() < 0.5:
        return data.replace(old, new)
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = lines[at].replace(old, new, rng.choice((1, -1)))
    return b"\n".join(lines)


def _change_ends(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data.replace(b"\n", rng.choice(LINE_ENDS), rng.choice((1, -1)))


def _insert(rng: random.Random, data: bytes, cells: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(cells) + data[at + rng.choice((0, 0, 1, 5)) :]


def _change_number(rng: random.Random, data: bytes, cells: Sequence[bytes]) -> bytes:
    places = [i for i, byte in enumerate(data[:4096]) if 48 <= byte < 58]
    if not places:
        return _insert(rng, data, cells)
    at = rng.choice(places)
    return (
        data[:at] + rng.choice((b"-", b".", b"e9", b"9" * 20, b"9" * 5000, b",", b"x", b"", b"0" * 9)) + data[at + 1 :]
    )


def _nest(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    opened = rng.choice((b"[", b"{", b"(", b'{"a":', b"- ", b"a: ", b'"'))
    return data[:at] + opened * rng.choice((1, 5, 60, 60, 60, 60, 60, 2000)) + data[at:]  # 2000 cost a parser 0.2 s


def _cut(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


TEXT_DAMAGES = (
    *[_change_cell] * 7, *[_change_line] * 3, _change_separators, _change_ends, *[_insert] * 2, *[_change_number] * 2,
    _nest, _cut,
)  # fmt: skip


def _in(encoding: str, mark: bytes = b"") -> Callable[[random.Random, bytes], bytes]:
    return lambda _, data: mark + data.decode("latin-1").encode(encoding, "replace")


def _compressed(rng: random.Random, data: bytes) -> bytes:
    packed = gzip.compress(data, 1, mtime=0)
    if rng.random() < 0.5:
        return packed
    return mutate_bytes(rng, [packed, packed + packed], 2)


WRAPPERS = (
    _in("utf-16-le", b"\xff\xfe"), _in("utf-16-be", b"\xfe\xff"), _in("utf-16-le"), _in("utf-8", b"\xef\xbb\xbf"),
    _in("cp1252"), _in("utf-32-le", b"\xff\xfe\x00\x00"), _compressed, _compressed,
    lambda rng, data: rng.choice((b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x1f\x8b", b"BZh9", b"\xff\xfe")) + data,
)  # fmt: skip


def json_mutator(tokens: Sequence[Any] = ()) -> Mutator:
    """Return a mutator of the nodes of JSON: values, keys, members; one case in four is mutated as text."""
    as_text = text_mutator()

    def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
        if rng.random() < 0.25:
            return as_text(rng, seeds)
        return json.dumps(mutate_node(rng, json.loads(rng.choice(seeds)), tokens)).encode()[:LARGEST]

    return mutate


def mutate_node(rng: random.Random, root: Any, tokens: Sequence[Any] = ()) -> Any:
    """Return a copy of a tree of lists and dictionaries with a few nodes changed."""
    tree = [copy.deepcopy(root)]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = list(_places(tree))
        holder, key = rng.choice(places)
        kind = rng.randrange(8)
        if kind <= 3 or holder is tree:
            holder[key] = copy.deepcopy(rng.choice((*VALUES, *tokens)))
        elif kind == 4:
            del holder[key]
        elif kind == 5:
            other, at = rng.choice(places)
            holder[key] = copy.deepcopy(other[at])
        elif isinstance(holder, list):
            holder.insert(key, copy.deepcopy(rng.choice((*holder, *VALUES))))
        else:
            holder[rng.choice(("", "a", "0", *[str(one) for one in tokens], *map(str, holder)))] = holder.pop(key)
    return tree[0]


def _places(node: Any) -> Any:
    """Yield (holder, key) of every node."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])
