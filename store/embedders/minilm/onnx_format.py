"""As much of the ONNX file format as is needed here: writing a graph, reading its weights.

ONNX is protocol buffers; the field numbers are those of `onnx.proto3` of the ONNX project
(IR version 8). Written by hand because the package `onnx` is needed for nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]

_IR_VERSION = 8
_OPSET = 17
_CONTRIBUTED = "com.microsoft"
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_FLOAT32, _INT64 = 1, 7
Attribute = int | float | Sequence[int]


class NotOnnx(ValueError):
    """The bytes are no ONNX model."""


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(at: int, value: int) -> bytes:
    return _varint(at << 3) + _varint(value)


def _bytes(at: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(at << 3 | 2) + _varint(len(data)) + data


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return _bytes(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return _bytes(1, name) + _number(3, value) + _number(20, 2)
    return _bytes(1, name) + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _value(name: str, kind: str, shape: Sequence[str | int]) -> bytes:
    dimensions = b"".join(
        _bytes(1, _bytes(2, one) if isinstance(one, str) else _number(1, one)) for one in shape
    )
    tensor = _number(1, _TYPES[kind]) + _bytes(2, dimensions)
    return _bytes(1, name) + _bytes(2, _bytes(1, tensor))


@dataclass
class GraphWriter:
    """Collects the nodes and constants of one graph, and writes the model.

    `node` and `constant` return the name of what they add, to be used as an input.
    """

    name: str
    _nodes: list[bytes] = field(default_factory=list)
    _constants: list[bytes] = field(default_factory=list)

    def constant(self, name: str, array: Array) -> str:
        """Add a tensor."""
        dimensions = b"".join(_number(1, one) for one in array.shape)
        self._constants.append(
            dimensions
            + _number(2, _TYPES[array.dtype.name])
            + _bytes(8, name)
            + _bytes(9, array.tobytes())
        )
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        output: str | Sequence[str],
        *,
        contributed: bool = False,
        **attributes: Attribute,
    ) -> str:
        """Add a node; `contributed` operators are onnxruntime's own."""
        outputs = [output] if isinstance(output, str) else list(output)
        self._nodes.append(
            b"".join(_bytes(1, one) for one in inputs)
            + b"".join(_bytes(2, one) for one in outputs)
            + _bytes(3, outputs[0])
            + _bytes(4, operator)
            + b"".join(_bytes(5, _attribute(*one)) for one in attributes.items())
            + (_bytes(7, _CONTRIBUTED) if contributed else b"")
        )
        return outputs[0]

    def model(
        self,
        inputs: Sequence[tuple[str, str, Sequence[str | int]]],
        outputs: Sequence[tuple[str, str, Sequence[str | int]]],
    ) -> bytes:
        """The whole model: inputs and outputs are given as name, element type and shape."""
        graph = (
            b"".join(_bytes(1, one) for one in self._nodes)
            + _bytes(2, self.name)
            + b"".join(_bytes(5, one) for one in self._constants)
            + b"".join(_bytes(11, _value(*one)) for one in inputs)
            + b"".join(_bytes(12, _value(*one)) for one in outputs)
        )
        opsets = _bytes(8, _bytes(1, "") + _number(2, _OPSET))
        opsets += _bytes(8, _bytes(1, _CONTRIBUTED) + _number(2, 1))
        return _number(1, _IR_VERSION) + _bytes(2, "quire") + _bytes(7, graph) + opsets


def with_output(model: bytes, name: str, shape: Sequence[str | int]) -> bytes:
    """A model that hands out one more of its float32 tensors, by the name it has inside.

    Of a message that comes twice protocol buffers join the parts, so that bytes put behind a
    file add to its graph.
    """
    return model + _bytes(7, _bytes(12, _value(name, "float32", shape)))


def float_tensors(data: memoryview) -> Iterator[tuple[tuple[int, ...], memoryview]]:
    """Shape and little-endian bytes of every float32 tensor that a model holds.

    Constants that stand in nodes are included. Raises NotOnnx.
    """
    for number, graph in _fields(data):
        if number != 7 or not isinstance(graph, memoryview):
            continue
        for part, inner in _fields(graph):
            if part == 5 and isinstance(inner, memoryview):
                yield from _tensor(inner)
            elif part == 1 and isinstance(inner, memoryview):
                yield from _constants_of(inner)


def _constants_of(node: memoryview) -> Iterator[tuple[tuple[int, ...], memoryview]]:
    for number, attribute in _fields(node):
        if number == 5 and isinstance(attribute, memoryview):
            for part, inner in _fields(attribute):
                if part == 5 and isinstance(inner, memoryview):
                    yield from _tensor(inner)


def _tensor(data: memoryview) -> Iterator[tuple[tuple[int, ...], memoryview]]:
    shape: list[int] = []
    kind = 0
    raw: memoryview | None = None
    for number, value in _fields(data):
        if number == 1:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number in (4, 9) and isinstance(value, memoryview) and len(value):
            raw = value  # packed floats are the same bytes as raw ones
    if kind == _FLOAT32 and raw is not None:
        yield tuple(shape), raw


def _packed(data: memoryview) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _read_varint(data, at)
        values.append(value)
    return values


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        if not key >> 3:  # no field has this number: what follows are zeros, by the million
            raise NotOnnx("a field without a number")
        match key & 7:
            case 0:
                value, at = _read_varint(data, at)
                yield key >> 3, value
                continue
            case 1:
                size = 8
            case 2:
                size, at = _read_varint(data, at)
            case 5:
                size = 4
            case _:
                raise NotOnnx("a field of no known kind")
        if at + size > len(data):
            raise NotOnnx("a field goes past the end")
        yield key >> 3, data[at : at + size]
        at += size


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise NotOnnx("a number without an end")
