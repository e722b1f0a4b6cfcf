"""Sealed files: what went in comes out, and whatever is cut off, moved or altered is noticed."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.errors import RefusedInput
from cs_geo.store import sealing
from cs_geo.store.sealing import CHUNK_BYTES, DIGEST_BYTES, HEAD, SealedWriter, WrongPassphrase, read_sealed

PASSPHRASE = "elm copper harbour nine"
BODY = HEAD.size + DIGEST_BYTES


@pytest.fixture(autouse=True, scope="module")
def quick_keys() -> object:
    """Keys that take no half second each: how long a guess takes is not what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "LOG_N", 2)
        yield


def seal(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    stream = io.BytesIO()
    writer = SealedWriter(stream, passphrase)
    writer.write(content)
    writer.finish()
    return stream.getvalue()


def opened(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return b"".join(read_sealed(io.BytesIO(sealed), passphrase))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_what_was_sealed_is_read_again_whatever_its_length(size: int) -> None:
    content = os.urandom(size)
    sealed = seal(content)
    assert opened(sealed) == content
    assert size < 16 or content not in sealed  # a byte or two stand in it by chance


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    assert opened(seal(b"x", "caf\u00e9 by the harbour"), "cafe\u0301 by the harbour") == b"x"


@pytest.mark.parametrize("passphrase", ["", "elm copper harbour nin", PASSPHRASE + " "])
@pytest.mark.trust("D13", figure="detected and named")
def test_another_passphrase_opens_nothing_and_is_called_so(passphrase: str) -> None:
    with pytest.raises(WrongPassphrase, match="not the passphrase"):
        opened(seal(b"content"), passphrase)


CONTENT = bytes(range(256)) * 10


@given(st.data())
@pytest.mark.trust("D13", figure="detected at every length")
def test_a_file_cut_short_anywhere_is_refused(data: st.DataObject) -> None:
    sealed = seal(CONTENT)
    kept = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(RefusedInput, match="cut short" if kept else "no backup"):
        opened(sealed[:kept])


@given(st.data())
def test_a_byte_altered_anywhere_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(seal(CONTENT))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RefusedInput) as refused:
        opened(bytes(sealed))
    assert not isinstance(refused.value, WrongPassphrase)


def chunks_of(sealed: bytes) -> list[bytes]:
    full = 4 + CHUNK_BYTES + 16
    body = sealed[BODY:]
    return [body[start : start + full] for start in range(0, len(body), full)]


def test_chunks_moved_dropped_doubled_or_taken_from_another_file_are_noticed() -> None:
    sealed = seal(bytes(2 * CHUNK_BYTES + 5))
    head, (first, second, last) = sealed[:BODY], chunks_of(sealed)
    assert head + first + second + last == sealed
    other = chunks_of(seal(bytes(2 * CHUNK_BYTES + 5)))
    for wrong in (
        [second, first, last],
        [first, last],
        [first, first, second, last],
        [first, other[1], last],
        [first, second, last, last],
    ):
        with pytest.raises(RefusedInput, match="altered"):
            opened(head + b"".join(wrong))
    with pytest.raises(RefusedInput, match="cut short"):
        opened(head + first + second)


def test_a_forged_head_cannot_ask_for_all_the_memory_of_the_machine() -> None:
    head = HEAD.pack(sealing.MARK, 40, 255, 255, bytes(16), bytes(32))
    with pytest.raises(RefusedInput, match="altered"):
        opened(head + sealing.sha256(head).digest() + bytes(100))


@pytest.mark.parametrize("content", [b"PGDMP" + bytes(200), b"date,place\n"])
def test_a_file_of_another_sort_is_called_so(content: bytes) -> None:
    with pytest.raises(RefusedInput, match="no backup of cs_geo"):
        opened(content)
