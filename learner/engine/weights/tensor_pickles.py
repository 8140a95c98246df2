"""Pickles of tensors and dictionaries, read without Python's pickle module: nothing in them can be called.

A pickle is a program for a small stack machine. This is that machine with the few instructions that torch.save writes
for dictionaries of tensors; the five names that these pickles mention stand for data here, and every other name, every
other instruction, is an error. `pickletools.genops` only splits the bytes into instructions.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn

from learner.engine.weights.unreadable import UnreadableWeights

MAX_INSTRUCTIONS = 2_000_000  # of one pickle; a network of 1,000 tensors takes 40,000

# what torch calls a storage of numbers, by numpy's name; of bfloat16 there is none
STORAGE_DTYPES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "BFloat16Storage": "bf16",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
MAPPING, TENSOR, PARAMETER = "a dictionary", "a tensor", "a parameter"  # what may be made of arguments
CALLABLES = {
    "collections OrderedDict": MAPPING,
    "torch._utils _rebuild_tensor_v2": TENSOR,
    "torch._utils _rebuild_parameter": PARAMETER,
}


@dataclass(frozen=True)
class StorageReference:
    """Numbers that lie elsewhere in the file."""

    dtype: str
    key: str
    count: int


@dataclass(frozen=True)
class TensorReference:
    """A view of a storage: (shape, strides and offset in elements)."""

    storage: StorageReference
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class _Name:
    """Something of torch's that a pickle mentions."""

    means: str


class _Mark:
    """Where the arguments of the next instruction begin."""


@dataclass
class _Machine:
    """The stack, the memo, and what each instruction does to them."""

    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def push(self, value: object) -> None:
        self.stack.append(value)

    def remember(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

    def pop_to_mark(self) -> list[Any]:
        """Return what lies above the last mark, and take both away."""
        above: list[Any] = []
        while not isinstance(top := self.stack.pop(), _Mark):
            above.append(top)
        return above[::-1]

    def push_tuple(self, length: int) -> None:
        items = [self.stack.pop() for _ in range(length)]
        self.push(tuple(reversed(items)))

    def push_name(self, name: str) -> None:
        module, _, storage = name.partition(" ")
        if name in CALLABLES:
            self.push(_Name(CALLABLES[name]))
        elif module == "torch" and storage in STORAGE_DTYPES:
            self.push(_Name(STORAGE_DTYPES[storage]))
        else:
            _refuse(name)

    def call(self) -> None:
        """Make what a name means of its arguments."""
        arguments, name = self.stack.pop(), self.stack.pop()
        if not isinstance(name, _Name) or not isinstance(arguments, tuple):
            _refuse("a call")
        if name.means == MAPPING and not arguments:
            self.push({})
        elif name.means == TENSOR:
            self.push(_tensor(*arguments[:4]))
        elif name.means == PARAMETER and isinstance(arguments[0], TensorReference):
            self.push(arguments[0])
        else:
            _refuse("a call")

    def push_storage(self) -> None:
        """Take ("storage", type, key, device, count, ...) for numbers that lie elsewhere."""
        what, name, key, _, count = self.stack.pop()[:5]
        if what != "storage" or not isinstance(name, _Name) or name.means not in STORAGE_DTYPES.values():
            _refuse("a reference")
        self.push(StorageReference(name.means, str(key), int(count)))

    def set_items(self, flat: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict) or not all(isinstance(key, str | int) for key in flat[::2]):
            _refuse("an assignment")
        target.update(zip(flat[::2], flat[1::2], strict=True))

    def extend(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            _refuse("an assignment")
        self.stack[-1].extend(items)

    def drop_state(self) -> None:
        """Leave out what torch notes about a dictionary: the versions of its modules."""
        self.stack.pop()
        if not isinstance(self.stack[-1], dict):
            _refuse("the state of an object")


def _tensor(storage: object, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> TensorReference:
    if not isinstance(storage, StorageReference):
        _refuse("a tensor of no storage")
    return TensorReference(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _refuse(what: str) -> NoReturn:
    raise UnreadableWeights(f"It holds more than tensors and dictionaries: {what}. Nothing of it was run.")


Step = Callable[[_Machine, Any], None]  # an instruction, with its argument
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
NUMBERS_AND_TEXTS = ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE")
IGNORED = ("PROTO", "FRAME")
STEPS: dict[str, Step] = {
    "MARK": lambda machine, _: machine.push(_Mark()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.pop_to_mark())),
    "TUPLE1": lambda machine, _: machine.push_tuple(1),
    "TUPLE2": lambda machine, _: machine.push_tuple(2),
    "TUPLE3": lambda machine, _: machine.push_tuple(3),
    "SETITEM": lambda machine, _: machine.set_items([machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine, _: machine.set_items(machine.pop_to_mark()),
    "APPEND": lambda machine, _: machine.extend([machine.stack.pop()]),
    "APPENDS": lambda machine, _: machine.extend(machine.pop_to_mark()),
    "GLOBAL": lambda machine, name: machine.push_name(name),
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.drop_state(),
    "BINPERSID": lambda machine, _: machine.push_storage(),
    "BINPUT": lambda machine, index: machine.remember(index),
    "LONG_BINPUT": lambda machine, index: machine.remember(index),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    "BINGET": lambda machine, index: machine.push(machine.memo[index]),
    "LONG_BINGET": lambda machine, index: machine.push(machine.memo[index]),
    **dict.fromkeys(NUMBERS_AND_TEXTS, _Machine.push),
}


def read_pickle(file: IO[bytes]) -> object:
    """Return what the next pickle of a file holds, tensors as references; leaves the file behind its end.

    O(instructions); memory grows with the bytes read, never with a number that they name. Raises UnreadableWeights.
    """
    machine = _Machine()
    try:
        for count, (instruction, argument, _) in enumerate(pickletools.genops(file)):
            if instruction.name == "STOP":
                return machine.stack.pop()
            if count >= MAX_INSTRUCTIONS:
                raise UnreadableWeights("It has more instructions than any file of weights needs.")
            if instruction.name in CONSTANTS:
                machine.push(CONSTANTS[instruction.name])
            elif instruction.name in STEPS:
                STEPS[instruction.name](machine, argument)
            elif instruction.name not in IGNORED:
                _refuse(f"the instruction {instruction.name}")
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableWeights(f"It is no file of weights, or a broken one ({error}).") from error
    raise UnreadableWeights("It ends before its weights do.")
