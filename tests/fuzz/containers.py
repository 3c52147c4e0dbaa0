"""Damage inside containers: BGZF, zip and npz, safetensors, HDF5; the container is made again around it."""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np
from mutations import LARGEST, Mutator, mutate_bytes, mutate_node

END_OF_BGZF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
TYPES = ("i1", "u1", "i2", "u2", "i4", "i8", "u8", "f2", "f4", "f8", "bool", "S3", "c8", ">i4", ">f8")
SHAPES: tuple[tuple[int, ...], ...] = (
    (),
    (0,),
    (1,),
    (2,),
    (3,),
    (4,),
    (1, 4),
    (2, 4),
    (4, 4),
    (2, 0, 4),
    (2, 3, 4),
    (1, 2, 2, 4),
)


def bgzf(data: bytes, end: bool = True) -> bytes:
    """Return data compressed in BGZF blocks (SAM specification, section 4.1)."""
    blocks = []
    for first in range(0, len(data), 60000):
        piece = data[first : first + 60000]
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = packer.compress(piece) + packer.flush()
        header = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(packed) + 25)
        blocks.append(header + packed + struct.pack("<II", zlib.crc32(piece), len(piece)))
    return b"".join(blocks) + (END_OF_BGZF if end else b"")


def bgzf_mutator(inner: Mutator = mutate_bytes) -> Mutator:
    """Return a mutator of seeds that are uncompressed: it damages them, compresses them, seldom damages the blocks."""

    def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
        chance = rng.random()
        if chance < 0.75:
            return bgzf(inner(rng, seeds), end=chance > 0.02)
        whole = [bgzf(rng.choice(seeds))]
        damaged = mutate_bytes(rng, [whole[0].removesuffix(END_OF_BGZF)], 2)
        return damaged + END_OF_BGZF if chance < 0.95 else mutate_bytes(rng, whole, 2)

    return mutate


def zip_mutator(inner: Mutator = mutate_bytes, only: str = "") -> Mutator:
    """Return a mutator of zip archives: of a member (whose check sums are made again), of names, or of all bytes.

    Parameters
    ----------
    inner : Mutator
        Damages a member's content.
    only : str
        End of the name of the members that are damaged most; any by default.
    """

    def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
        if rng.random() < 0.25:
            return mutate_bytes(rng, seeds)
        with zipfile.ZipFile(io.BytesIO(rng.choice(seeds))) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
        chosen = [i for i, (name, _) in enumerate(members) if name.endswith(only)] or list(range(len(members)))
        at = rng.choice(chosen) if rng.random() < 0.8 else rng.randrange(len(members))
        name, content = members[at]
        kind = rng.randrange(12)
        if kind == 0:
            del members[at]
        elif kind == 1:
            members[at] = (
                rng.choice((name + "x", "a/" + name, name.upper(), "x", *[one for one, _ in members])),
                content,
            )
        else:
            members[at] = (name, inner(rng, [content, *[other for _, other in members[:3]]]))
        out = io.BytesIO()
        packing = zipfile.ZIP_DEFLATED if rng.random() < 0.1 else zipfile.ZIP_STORED
        with zipfile.ZipFile(out, "w", packing) as archive:
            for name, content in members:
                archive.writestr(zipfile.ZipInfo(name), content, packing)
        return out.getvalue()

    return mutate


def safetensors_mutator(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Damage the JSON header of a safetensors file, its record inside, or all bytes."""
    chance = rng.random()
    if chance < 0.2:
        return mutate_bytes(rng, seeds)
    seed = rng.choice(seeds)
    size = int.from_bytes(seed[:8], "little")
    header, data = json.loads(seed[8 : 8 + size]), seed[8 + size :]
    record = header.get("__metadata__", {})
    if chance < 0.7 and "cistill" in record:
        record["cistill"] = json.dumps(mutate_node(rng, json.loads(record["cistill"])))
    elif chance < 0.85:
        header = mutate_node(rng, header, ("F32", "F64", "BF16", "I64", "BOOL", "U8", [0, 4], [0, 1 << 60]))
    else:
        data = mutate_bytes(rng, [data], 2)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def npy_mutator(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Damage the header of an npy file as text, its shape or type, or all bytes; sometimes nothing."""
    chance = rng.random()
    if chance > 0.97:
        return rng.choice(seeds)
    if chance < 0.4:
        return mutate_bytes(rng, seeds)
    seed = rng.choice([one for one in seeds if one[:6] == b"\x93NUMPY"] or [b"\x93NUMPY\x01\x00\x02\x00{}"])
    size = int.from_bytes(seed[8:10], "little")
    header = seed[10 : 10 + size]
    if chance < 0.8:
        shape = rng.choice((b"(1,)", b"(2, 4)", b"(1152921504606846976, 4, 4)", b"(-1, 4)", b"(2, 0, 4)", b"()",
                            b"(2, 4, 1073741824)",
                            b"(0, 0, 4)", b"(3,)", b"(5,)", b"(True, 4)", b"(2.0, 4)",
                            b"(99999999999999999999, 4, 4)"))  # fmt: skip
        kind = rng.choice((b"'<f4'", b"'|O'", b"'<f8'", b"'|b1'", b"'<U0'", b"'|V0'", b"'<M8[ns]'",
                           b"[('a', '<f4')]", b"'<c8'", b"'>i8'",
                           b"'|S3'", b"'<i8'", b"'<f2'", b"'x'", b"3"))  # fmt: skip
        order = rng.choice((b"False", b"False", b"False", b"True", b"0", b"None"))
        header = b"{'descr': " + kind + b", 'fortran_order': " + order + b", 'shape': " + shape + b", }\n"
        if rng.random() < 0.3:
            header = mutate_bytes(rng, [header], 2)
    else:
        header = mutate_bytes(rng, [header], 3)
    return seed[:8] + len(header).to_bytes(2, "little") + header + seed[10 + size :]


def hdf5_mutator(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Damage the bytes of an HDF5 file, or leave out, rename or change its datasets, groups and attributes."""
    if rng.random() < 0.6:
        return mutate_bytes(rng, seeds, rng.choice((1, 2, 8)))
    image = io.BytesIO(rng.choice(seeds))
    with h5py.File(image, "r+") as h5:
        for _ in range(rng.choice((1, 1, 2, 3))):
            _change_part(rng, h5)
    return image.getvalue()[:LARGEST]


def _change_part(rng: random.Random, h5: h5py.File) -> None:
    names: list[str] = []
    h5.visit(names.append)
    if not names:
        return
    name = rng.choice(names)
    item = h5[name]
    kind = rng.randrange(10)
    if kind == 0:
        del h5[name]
    elif kind == 1:
        del h5[name]
        h5[name] = rng.choice(
            (h5py.SoftLink("/nowhere"), h5py.SoftLink(f"/{name}"), h5py.ExternalLink("no.h5", "/a"), h5["/"])
        )
    elif kind <= 3 and isinstance(item, h5py.Dataset):
        shape = rng.choice((*SHAPES, (*item.shape, 1), item.shape[:-1], item.shape[::-1], (item.shape or (1,))[:1]))
        del h5[name]
        dtype = rng.choice(TYPES)
        if rng.random() < 0.15:
            h5.create_dataset(
                name, shape=rng.choice(((1 << 40, 4, 4), (1 << 60,), (3, 1 << 33, 4))), dtype=dtype, chunks=True
            )
        elif rng.random() < 0.15:
            h5.create_dataset(name, data=rng.choice(("text", "{}", '{"a": 1}', "[1]", b"\xff")))
        else:
            h5.create_dataset(name, data=np.zeros(shape, dtype=dtype))
    elif kind <= 5 and isinstance(item, h5py.Dataset) and 0 < item.size < LARGEST and item.dtype.kind in "iufb":
        values = np.array(item[()])
        values.reshape(-1)[rng.randrange(values.size)] = _value_of(rng, values.dtype)
        item[()] = values
    else:
        _change_attribute(rng, item if rng.random() < 0.4 else h5)


def _value_of(rng: random.Random, dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "f":
        return rng.choice((np.nan, np.inf, -np.inf, -1, 1e30, 0))
    if dtype.kind == "b":
        return rng.random() < 0.5
    limits = np.iinfo(dtype)
    return rng.choice((limits.min, limits.max, 0, limits.max // 2, 1))


def _change_attribute(rng: random.Random, item: Any) -> None:
    names = list(item.attrs)
    if not names:
        return
    name = rng.choice(names)
    value: Any = item.attrs[name]
    if isinstance(value, bytes | str) and rng.random() < 0.7:
        try:
            item.attrs[name] = json.dumps(mutate_node(rng, json.loads(value)))[:60000]
            return
        except (ValueError, TypeError, RecursionError):
            pass
    del item.attrs[name]
    if rng.random() < 0.8:
        item.attrs[name] = rng.choice(
            (
                0,
                -1,
                1 << 40,
                np.nan,
                "",
                "x",
                "[]",
                "{}",
                "[" * 5000,
                np.zeros(3),
                np.zeros((0,)),
                True,
                np.bytes_(b"\xff"),
            )
        )
