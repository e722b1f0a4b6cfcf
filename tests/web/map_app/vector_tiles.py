"""A minimal Mapbox Vector Tile encoder (specification 2.1), so that the browser tests need no database."""

from collections.abc import Iterable, Mapping
from typing import Any

EXTENT = 4096
POINT, LINE, POLYGON = 1, 2, 3


def encode_tile(layers: Mapping[str, Iterable[tuple[int, list[list[tuple[int, int]]], dict[str, Any]]]]) -> bytes:
    """Encode layers of (geometry type, parts in tile units, properties). A layer without features is left out."""
    tile = b""
    for name, features in layers.items():
        keys: dict[str, int] = {}
        values: dict[tuple[type, Any], int] = {}
        encoded = [_feature(kind, parts, properties, keys, values) for kind, parts, properties in features]
        if not encoded:
            continue
        layer = _bytes(1, name.encode()) + b"".join(_bytes(2, feature) for feature in encoded)
        layer += b"".join(_bytes(3, key.encode()) for key in keys)
        layer += b"".join(_bytes(4, _value(value)) for _, value in values)
        layer += _number(5, EXTENT) + _number(15, 2)
        tile += _bytes(3, layer)
    return tile


def _feature(kind, parts, properties, keys, values) -> bytes:
    tags = []
    for key, value in properties.items():
        tags += [keys.setdefault(key, len(keys)), values.setdefault((type(value), value), len(values))]
    packed = b"".join(_varint(tag) for tag in tags)
    return _bytes(2, packed) + _number(3, kind) + _bytes(4, _geometry(kind, parts))


def _geometry(kind, parts) -> bytes:
    commands: list[int] = []
    x = y = 0
    for part in parts:
        drawn = part[:-1] if kind == POLYGON else part
        for place, (px, py) in enumerate(drawn):
            if place == 0:
                commands.append(1 | 1 << 3)
            elif place == 1:
                commands.append(2 | (len(drawn) - 1) << 3)
            commands += [_zigzag(px - x), _zigzag(py - y)]
            x, y = px, py
        if kind == POLYGON:
            commands.append(7 | 1 << 3)
    return b"".join(_varint(command) for command in commands)


def _zigzag(number: int) -> int:
    return (number << 1) ^ (number >> 31)


def _value(value: Any) -> bytes:
    return _bytes(1, value.encode()) if isinstance(value, str) else _number(4, value)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content
