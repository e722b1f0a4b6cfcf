"""A small reader of Mapbox Vector Tiles (specification 2.1), so that tests see what a browser would."""

from collections.abc import Iterator
from math import floor
from typing import Any

from cs_geo.crs import transform_points
from cs_geo.store.cells import WORLD_M


def read_layers(tile: bytes, *, inside: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Layers of a tile, each feature as its properties with ``type``, ``points`` and ``at``, their mean in tile units.

    ``inside``: only features of this tile proper, where the buffers of its neighbours draw them as well; for points.
    """
    layers: dict[str, list[dict[str, Any]]] = {}
    for number, content in _fields(tile):
        if number == 3:
            name, features = _layer(content)
            layers.setdefault(name, []).extend(one for one in features if not inside or _is_inside(one))
    return layers


def tiles_over(west: float, south: float, east: float, north: float, zoom: int) -> Iterator[tuple[int, int, int]]:
    """Tiles that cover a rectangle in metres of the British National Grid."""
    xs, ys = transform_points([west, east, west, east], [south, north, north, south], from_epsg=27700, to_epsg=3857)
    width = WORLD_M / 2**zoom
    for x in range(floor((min(xs) + WORLD_M / 2) / width), floor((max(xs) + WORLD_M / 2) / width) + 1):
        for y in range(floor((WORLD_M / 2 - max(ys)) / width), floor((WORLD_M / 2 - min(ys)) / width) + 1):
            yield zoom, x, y


def _is_inside(feature: dict[str, Any]) -> bool:
    x, y = feature["at"]
    return 0 <= x < 4096 and 0 <= y < 4096


def _layer(content: bytes) -> tuple[str, list[dict[str, Any]]]:
    name, keys, values, features = "", [], [], []
    for number, part in _fields(content):
        if number == 1:
            name = part.decode()
        elif number == 2:
            features.append(part)
        elif number == 3:
            keys.append(part.decode())
        elif number == 4:
            values.append(_value(part))
    return name, [_feature(part, keys, values) for part in features]


def _feature(content: bytes, keys: list[str], values: list[Any]) -> dict[str, Any]:
    feature: dict[str, Any] = {}
    for number, part in _fields(content):
        if number == 2:
            tags = list(_varints(part))
            feature |= {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
        elif number == 3:
            feature["type"] = part
        elif number == 4:
            feature["points"] = list(_points(list(_varints(part))))
    xs, ys = zip(*feature["points"], strict=True)
    feature["at"] = (sum(xs) / len(xs), sum(ys) / len(ys))
    return feature


def _points(commands: list[int]) -> Iterator[tuple[int, int]]:
    x = y = place = 0
    while place < len(commands):
        command, count = commands[place] & 7, commands[place] >> 3
        place += 1
        if command == 7:
            continue
        for _ in range(count):
            x += _unzigzag(commands[place])
            y += _unzigzag(commands[place + 1])
            place += 2
            yield x, y


def _unzigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _value(content: bytes) -> Any:
    ((number, part),) = _fields(content)
    if number == 1:
        return part.decode()
    return _unzigzag(part) if number == 6 else part


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(content, place)
            yield number, value
        else:
            length, place = _varint(content, place) if kind == 2 else ({1: 8, 5: 4}[kind], place)
            yield number, content[place : place + length]
            place += length


def _varints(content: bytes) -> Iterator[int]:
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        yield value


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
