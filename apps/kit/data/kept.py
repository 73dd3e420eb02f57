"""What was computed, kept in memory: the latest used, up to a number of entries and of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock
from typing import Any, Generic, TypeVar

T = TypeVar("T")
STRIPES = 64


class Kept(Generic[T]):
    """A shared memory of computed values, oldest use out first.

    Args:
        entries: how many are kept at most.
        size: how many bytes they may hold together; None for no limit.
        weigh: bytes of a value.
    """

    def __init__(
        self, entries: int, size: int | None = None, weigh: Callable[[T], int] = lambda _value: 0
    ) -> None:
        self._entries, self._size, self._weigh = entries, size, weigh
        self._held: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._stripes = [RLock() for _ in range(STRIPES)]
        self._makers: dict[Hashable, tuple[RLock, int]] = {}

    def get(self, key: Hashable) -> T | None:
        """A value, None when it is not held (values are never None)."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: T) -> None:
        """Hold a value, and let the oldest go when there is no more room; one too large alone is not held."""
        weight = self._weigh(value)
        with self._lock:
            self._drop(key)
            if self._size is not None and weight > self._size:
                return
            self._held[key] = value, weight
            self._bytes += weight
            while len(self._held) > self._entries or (self._size is not None and self._bytes > self._size):
                self._drop(next(iter(self._held)))

    def computing(self, key: Hashable) -> RLock:
        """The lock under which a value is computed: whoever asks for the same waits instead of computing it too."""
        return self._stripes[hash(key) % STRIPES]

    def computed(self: Kept[tuple[Any]], key: Hashable, compute: Callable[[], Any]) -> Any:
        """A value (None included), computed when it is not held; whoever asks for the same meanwhile waits for it.

        What computes may ask for other values of this memory; one that fails is not held.
        """
        found = self.get(key)
        if found is None:
            with self._making(key):
                found = self.get(key)
                if found is None:
                    found = (compute(),)
                    self.put(key, found)
        return found[0]

    @contextmanager
    def _making(self, key: Hashable) -> Iterator[None]:
        """A lock for this key alone: values made of one another never wait in a circle, as shared locks could."""
        with self._lock:
            lock, waiting = self._makers.get(key) or (RLock(), 0)
            self._makers[key] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._makers[key]
                if waiting == 1:
                    del self._makers[key]
                else:
                    self._makers[key] = lock, waiting - 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        found = self._held.pop(key, None)
        if found is not None:
            self._bytes -= found[1]


class OfFrame:
    """What is made of frames that are shared and never changed in place, told apart by the frame itself.

    A frame that another version of its tables, or another reader's rights, gave is another frame: nothing made of one
    is ever read for the other.

    Args:
        entries: how many values are kept at most, each with its frame.
    """

    def __init__(self, entries: int) -> None:
        self._held: Kept[tuple[object, Any]] = Kept(entries)

    def made(self, frame: object, name: Hashable, make: Callable[[], T]) -> T:
        """What is made of a frame under this name; made on the first call, and never changed."""
        key = (id(frame), name)
        found = self._held.get(key)
        if found is None or found[0] is not frame:
            found = frame, make()
            self._held.put(key, found)
        return found[1]
