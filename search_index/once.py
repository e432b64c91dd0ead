"""Values that are worked out when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class once(Generic[Value]):
    """Like `functools.cached_property` for what one thread alone has: that takes a lock, which costs more than most."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        """Take what works the value out."""
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the name that the value is kept under."""
        self._name = name

    @overload
    def __get__(self, thing: None, owner: type) -> once[Value]: ...

    @overload
    def __get__(self, thing: object, owner: type) -> Value: ...

    def __get__(self, thing: object | None, owner: type) -> Value | once[Value]:
        """Work the value out, and keep it: it is found before this the next time."""
        if thing is None:
            return self
        value = thing.__dict__[self._name] = self._make(thing)
        return value
