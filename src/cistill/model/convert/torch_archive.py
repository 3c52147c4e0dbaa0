"""Reading what `torch.save` wrote without unpickling: no class named in the file is ever imported or called.

A pickle is a program for a stack machine that can call anything it names. The opcodes are read here with the standard
library's disassembler, which decodes and does not execute; calls and objects become inert records of what was named.
Only two calls are understood, by their names: the ones that make tensors from the storages of the archive.
"""

import math
import os
import pickletools
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign import UNEXPECTED, is_of_the_system, reason
from cistill.model.convert.torch_records import Described, Named, Storage

STORAGES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "BoolStorage": np.dtype("?"),
}
MOST_OPCODES = 10_000_000
MOST_COPIES = 8  # times that the numbers of a file may be copied: several tensors can share some
MARK = object()


def read_torch(path: str | os.PathLike[str]) -> Any:
    """Return what `torch.save` wrote: tensors, plain values, and records of everything else.

    Raises
    ------
    InputError
        If the file is no zip archive of torch, is damaged, or needs opcodes that no model needs.
    """
    file = require_file(path, "source")
    if not zipfile.is_zipfile(file):
        raise InputError(f"{file}: not a zip archive of torch.save: save it with torch 1.6 or later")
    try:
        with zipfile.ZipFile(file) as archive:
            if {"config.json", "model.weights.h5"} <= set(archive.namelist()):
                raise InputError(
                    f"{file}: an archive of Keras 3 (.keras), which is not read; save the model in the older format: "
                    'keras.models.load_model("model.keras").save("model.h5")'
                )
            program = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(program) != 1:
                raise InputError(f"{file}: not an archive of torch.save (TorchScript is not read)")
            folder = program[0].removesuffix("data.pkl")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                raise InputError(f"{file}: compressed, which torch.save never does")
            if folder + "byteorder" in archive.namelist() and archive.read(folder + "byteorder") != b"little":
                raise InputError(f"{file}: written on a big-endian machine, which is not read")
            return _Machine(file, archive, folder).run(archive.read(program[0]))
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, *UNEXPECTED) as error:
        if is_of_the_system(error):
            raise
        raise InputError(f"{file}: damaged, or not an archive of torch.save ({reason(error)})") from error


class _Machine:
    """The pickle's stack machine, with names in place of what they name."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, folder: str) -> None:
        self.file, self.archive, self.folder = file, archive, folder
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.left = MOST_COPIES * file.stat().st_size  # bytes of tensors that may still be made

    def run(self, program: bytes) -> Any:
        """Return what the program leaves on the stack."""
        for count, (opcode, argument, _) in enumerate(pickletools.genops(program)):
            if count > MOST_OPCODES:
                raise InputError(f"{self.file}: too long for a model")
            if opcode.name == "STOP":
                return self.stack.pop()
            step = getattr(self, f"do_{opcode.name.lower()}", None)
            if step is not None:
                step(argument)
            elif opcode.name in CONSTANTS:
                self.stack.append(CONSTANTS[opcode.name])
            elif opcode.name in LITERALS:
                self.stack.append(argument)
            elif opcode.name not in IGNORED:
                raise InputError(f"{self.file}: pickle opcode {opcode.name}, which no model needs: not read")
        raise InputError(f"{self.file}: damaged: the pickle does not end")

    def _pop_to_mark(self) -> list[Any]:
        at = len(self.stack) - 1 - next(i for i, item in enumerate(reversed(self.stack)) if item is MARK)
        items, self.stack[at:] = self.stack[at + 1 :], []
        return items

    def do_mark(self, _: Any) -> None:
        self.stack.append(MARK)

    def do_empty_list(self, _: Any) -> None:
        self.stack.append([])

    def do_empty_dict(self, _: Any) -> None:
        self.stack.append({})

    def do_empty_set(self, _: Any) -> None:
        self.stack.append([])  # sets of records: order kept, nothing hashed

    def do_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._pop_to_mark()))

    def do_tuple1(self, _: Any) -> None:
        self._last(1)

    def do_tuple2(self, _: Any) -> None:
        self._last(2)

    def do_tuple3(self, _: Any) -> None:
        self._last(3)

    def _last(self, n: int) -> None:
        self.stack[-n:] = [tuple(self.stack[-n:])]

    def do_append(self, _: Any) -> None:
        value = self.stack.pop()
        self._list().append(value)

    def do_appends(self, _: Any) -> None:
        values = self._pop_to_mark()
        self._list().extend(values)

    do_additems = do_appends

    def _list(self) -> list[Any]:
        """Return the list on top; items of anything else are not kept."""
        return self.stack[-1] if isinstance(self.stack[-1], list) else []

    def do_setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._mapping()[key] = value

    def do_setitems(self, _: Any) -> None:
        values = self._pop_to_mark()
        self._mapping().update(zip(values[::2], values[1::2], strict=True))

    def _mapping(self) -> dict[Any, Any]:
        top = self.stack[-1]
        return top.items if isinstance(top, Described) else top if isinstance(top, dict) else {}

    def do_pop(self, _: Any) -> None:
        self.stack.pop()

    def do_dup(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def do_memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def do_binput(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

    do_long_binput = do_binput

    def do_binget(self, index: int) -> None:
        self.stack.append(self.memo[index])

    do_long_binget = do_binget

    def do_global(self, argument: str) -> None:
        module, name = argument.split(" ", 1)
        self.stack.append(Named(module, name))

    def do_stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(module, str) or not isinstance(name, str):
            raise InputError(f"{self.file}: damaged: something is named by what is no text")
        self.stack.append(Named(module, name))

    def do_newobj(self, _: Any) -> None:
        arguments, maker = self.stack.pop(), self.stack.pop()
        self.stack.append(Described(maker, arguments))

    def do_reduce(self, _: Any) -> None:
        arguments, maker = self.stack.pop(), self.stack.pop()
        self.stack.append(self._made(maker, arguments))

    def do_build(self, _: Any) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Described):
            self.stack[-1].state = state

    def do_binpersid(self, _: Any) -> None:
        kind, storage, key, _device, length = self.stack.pop()
        if kind != "storage" or not isinstance(storage, Named) or not isinstance(key, str | int):
            raise InputError(f"{self.file}: holds something other than tensors beside its pickle")
        if storage.name not in STORAGES:
            raise InputError(f"{self.file}: holds numbers of type {storage.name}, which is not read")
        self.stack.append(Storage(STORAGES[storage.name], str(key), int(length)))

    def _made(self, maker: Any, arguments: Any) -> Any:
        """Return what a call gives: a tensor for the two calls that are understood, a record for any other."""
        named = (maker.module, maker.name) if isinstance(maker, Named) else ("", "")
        if named == ("torch._utils", "_rebuild_tensor_v2"):
            return self._tensor(*arguments[:4])
        if named == ("torch._utils", "_rebuild_parameter"):
            return arguments[0]
        return Described(maker, arguments)

    def _tensor(self, storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> Tensor:
        """Return a tensor of an archive's numbers, checked to lie within them."""
        name = f"{self.folder}data/{storage.key}"
        entry = self.archive.getinfo(name)
        # torch compresses nothing: what is stored is as large as the file, so no claim can exhaust the memory
        stored = entry.compress_type == zipfile.ZIP_STORED
        if not stored or entry.file_size != storage.length * storage.dtype.itemsize:
            raise InputError(f"{self.file}: {name} does not hold the {storage.length} numbers it should")
        reach = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) + 1
        if min((offset, *size, *stride), default=0) < 0 or (reach > storage.length and 0 not in size):
            raise InputError(f"{self.file}: a tensor reaches beyond its numbers in {name}")
        self.left -= entry.file_size + storage.dtype.itemsize * math.prod(size)
        if self.left < 0:
            raise InputError(f"{self.file}: damaged: its tensors would be many times larger than the file")
        numbers = torch.from_numpy(np.frombuffer(self.archive.read(name), storage.dtype).copy())
        return numbers.as_strided(size, stride, offset).clone()


CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
LITERALS = {
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "INT", "LONG", "FLOAT", "UNICODE",
}  # fmt: skip
IGNORED = {"PROTO", "FRAME"}
