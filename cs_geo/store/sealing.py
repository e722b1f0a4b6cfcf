"""Files sealed with a passphrase: written and read as a stream, and every cut, swap or change in them is noticed.

A sealed file is a head and then chunks. The key is made of the passphrase by scrypt, with a salt of the file's own.
Each chunk is encrypted by AES-GCM; its number, whether it is the last, and the head are authenticated with it, so that
a chunk can be neither moved nor left out, nor taken from another file, and the end cannot be cut off (the construction
STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). Whoever lacks the passphrase learns the length and no more.

The head also says whether a passphrase is the right one, so that a slip of the finger is not taken for damage.
"""

import hmac
import os
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from cs_geo.errors import RefusedInput

MARK = b"cs_geo sealed 1\n"
HEAD = struct.Struct(f">{len(MARK)}sBBB16s32s")
"""Mark, the three parameters of scrypt (log2 n, r, p), salt, and what the right passphrase gives."""
DIGEST_BYTES = 32
CHUNK_BYTES = 1024 * 1024
LENGTH = struct.Struct(">I")
LAST = 1 << 31
"""Set in the length of the last chunk."""
TAG_BYTES = 16

LOG_N, R, P = 17, 8, 1
"""RFC 7914's scrypt with 128 MB of memory and about half a second a guess: OWASP's first choice of parameters."""
MOST_LOG_N, MOST_R, MOST_P = 20, 16, 4
"""A forged head must not make the reader take all of the machine's memory."""
SHORTEST_PASSPHRASE = 12

CUT_SHORT = "This file has been cut short: its end is missing. Nothing was changed. Take another copy of it."
ALTERED = "This file has been altered or damaged. Nothing was changed. Take another copy of it."


class WrongPassphrase(RefusedInput):
    """The passphrase is not the one the file was sealed with."""


@dataclass(frozen=True, slots=True)
class _Keys:
    head: bytes
    cipher: AESGCM

    def name_chunk(self, number: int, is_last: bool) -> tuple[bytes, bytes]:
        """Nonce and associated data of a chunk. The key is this file's own, so its numbers never meet again."""
        nonce = struct.pack(">QI", number, int(is_last))
        return nonce, self.head + nonce


class SealedWriter:
    """Writes a sealed file: ``write`` as much and as often as wanted, ``finish`` once."""

    def __init__(self, stream: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(16)
        key, proof = _derive(passphrase, salt, LOG_N, R, P)
        head = HEAD.pack(MARK, LOG_N, R, P, salt, proof)
        self._keys = _Keys(head, AESGCM(key))
        self._stream = stream
        self._waiting = bytearray()
        self._number = 0
        stream.write(head + sha256(head).digest())

    def write(self, content: bytes) -> None:
        """Take some more content."""
        self._waiting += content
        # The last chunk is only known to be the last at the end, so a full one waits for what follows.
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """Write the last chunk, which says that it is the last."""
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        nonce, named = self._keys.name_chunk(self._number, is_last)
        sealed = self._keys.cipher.encrypt(nonce, content, named)
        self._stream.write(LENGTH.pack(len(sealed) | (LAST if is_last else 0)) + sealed)
        self._number += 1


def read_sealed(stream: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """The content of a sealed file, chunk by chunk, each checked before it is given.

    Raises
    ------
    WrongPassphrase
        If the passphrase is another.
    RefusedInput
        If the file is none of ours, was cut short or was altered.
    """
    keys = _open_head(stream, passphrase)
    number, is_last = 0, False
    while not is_last:
        length, is_last = _length_of_chunk(stream)
        sealed = stream.read(length)
        if len(sealed) < length:
            raise RefusedInput(CUT_SHORT)
        nonce, named = keys.name_chunk(number, is_last)
        try:
            yield keys.cipher.decrypt(nonce, sealed, named)
        except InvalidTag as fault:
            raise RefusedInput(ALTERED) from fault
        number += 1
    if stream.read(1):
        raise RefusedInput(ALTERED)


def _open_head(stream: BinaryIO, passphrase: str) -> _Keys:
    head, digest = stream.read(HEAD.size), stream.read(DIGEST_BYTES)
    if not head.startswith(MARK[: len(head)]) or not head:
        raise RefusedInput("This is no backup of cs_geo. Take a file that `cs-geo db backup` has written.")
    if len(digest) < DIGEST_BYTES:
        raise RefusedInput(CUT_SHORT)
    # Told apart from a wrong passphrase, which would otherwise be looked for in vain.
    if not hmac.compare_digest(digest, sha256(head).digest()):
        raise RefusedInput(ALTERED)
    _, log_n, r, p, salt, proof = HEAD.unpack(head)
    if not (1 <= log_n <= MOST_LOG_N and 1 <= r <= MOST_R and 1 <= p <= MOST_P):
        raise RefusedInput(ALTERED)
    key, found = _derive(passphrase, salt, log_n, r, p)
    if not hmac.compare_digest(found, proof):
        raise WrongPassphrase("This is not the passphrase the backup was made with. Nothing was changed.")
    return _Keys(head, AESGCM(key))


def _length_of_chunk(stream: BinaryIO) -> tuple[int, bool]:
    written = stream.read(LENGTH.size)
    if len(written) < LENGTH.size:
        raise RefusedInput(CUT_SHORT)
    (value,) = LENGTH.unpack(written)
    length, is_last = value & ~LAST, bool(value & LAST)
    if not TAG_BYTES <= length <= CHUNK_BYTES + TAG_BYTES:
        raise RefusedInput(ALTERED)
    return length, is_last


def _derive(passphrase: str, salt: bytes, log_n: int, r: int, p: int) -> tuple[bytes, bytes]:
    """The key of a file, and what shows that the passphrase is right."""
    # The same letter can be typed as one character or as two.
    typed = unicodedata.normalize("NFKC", passphrase).encode()
    derived = Scrypt(salt=salt, length=64, n=2**log_n, r=r, p=p).derive(typed)
    return derived[:32], sha256(derived[32:]).digest()
