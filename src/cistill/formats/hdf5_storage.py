"""Where HDF5 writes a new file: a disk that fills or fails is noted, and HDF5 does not learn of it."""

import io
import os
from pathlib import Path
from typing import Any


class NewStorage(io.RawIOBase):
    """A file for HDF5 whose errors are kept until all is closed in order.

    HDF5 holds back what it could not write, tries again when each of its objects is released, and crashes when the
    process ends (signal 11). So every write seems to succeed: after the first error nothing more is written.

    Parameters
    ----------
    path : Path
        A file that is there; it is filled from its beginning.

    Attributes
    ----------
    error : OSError or None
        The first one. Whoever writes has to raise it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_TRUNC | os.O_CLOEXEC)
        self._place = 0
        self._size = 0
        self.error: OSError | None = None

    def readable(self) -> bool:
        """Say that HDF5 may read what it wrote."""
        return True

    def writable(self) -> bool:
        """Say that it may write."""
        return True

    def seekable(self) -> bool:
        """Say that it may write anywhere."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def write(self, data: Any) -> int:
        """Write bytes, or note why they could not be written."""
        left = memoryview(data).cast("B")
        length = len(left)
        try:
            while self.error is None and len(left):
                done = os.pwrite(self._descriptor, left, self._place + length - len(left))
                left = left[done:]
        except OSError as error:
            self.error = error
        self._place += length
        self._size = max(self._size, self._place)
        return length

    def readinto(self, buffer: Any) -> int:
        """Read bytes; zeros for what could not be written."""
        view = memoryview(buffer).cast("B")
        data = b""
        try:
            data = os.pread(self._descriptor, len(view), self._place)
        except OSError as error:
            self.error = self.error or error
        view[:] = data + bytes(len(view) - len(data))
        self._place += len(view)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        self._size = self._place if size is None else size
        try:
            if self.error is None:
                os.ftruncate(self._descriptor, self._size)
        except OSError as error:
            self.error = error
        return self._size

    def flush(self) -> None:
        """Do nothing: nothing is held back here."""

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()
