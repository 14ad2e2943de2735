"""MPQ archives, the container of replays and maps: writes small ones, reads them with suspicion.

Only what StarCraft II replays use is known: format 0 to 3 headers behind a user data block, files
in one piece, stored, deflated or packed by bzip2, encrypted hash and block tables. Layout and hash
function are those of the MoPaQ format, described at http://www.zezula.net/en/mpq/mpqformat.html.
"""

import bz2
import functools
import struct
import zlib
from collections.abc import Mapping

USER_DATA_MAGIC = b"MPQ\x1b"
HEADER_MAGIC = b"MPQ\x1a"

_HEADER_OFFSET = 1024  # where the game puts its own; a multiple of 512 is required
_HEADER = struct.Struct("<4sIIHHIIII")
_USER_DATA = struct.Struct("<4sIII")
_ENTRY = struct.Struct("<IIII")  # of both tables

_FILE_COMPRESSED = 0x00000200
_FILE_ENCRYPTED = 0x00010000
_FILE_SINGLE_UNIT = 0x01000000
_FILE_EXISTS = 0x80000000
_DEFLATE = b"\x02"
_BZIP2 = b"\x10"
_FREE_HASH_ENTRY = (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
_MAX_TABLE_ENTRIES = 4096  # real replays have 32; a crafted one must not make us decrypt gigabytes

_HASH_A, _HASH_B, _HASH_KEY, _HASH_OFFSET = 1, 2, 3, 0


class MpqError(ValueError):
    """The bytes are not an archive that can be read here; the message says why."""


def write(files: Mapping[str, bytes], user_data: bytes) -> bytes:
    """Makes an archive.

    Args:
        files: name -> content, none of them empty (readers take an empty file for a missing one).
        user_data: what stands before the archive proper; replays keep their version there.

    Returns:
        The archive's bytes, with a list of its files in "(listfile)".

    Raises:
        ValueError: a file is empty, or the user data does not fit its block.
    """
    if _USER_DATA.size + len(user_data) > _HEADER_OFFSET:
        raise ValueError(f"user_data has {len(user_data)} bytes; at most "
                         f"{_HEADER_OFFSET - _USER_DATA.size} fit.")
    empty = [name for name, content in files.items() if not content]
    if empty:
        raise ValueError(f"Files must not be empty: {', '.join(empty)}.")
    contents = {**files, "(listfile)": "\r\n".join(files).encode() + b"\r\n"}
    num_hashes = 16
    while num_hashes < 2 * len(contents):
        num_hashes *= 2
    hashes = [_FREE_HASH_ENTRY] * num_hashes
    blocks = []
    body = bytearray()
    for index, (name, content) in enumerate(contents.items()):
        packed, flags = _pack(content)
        blocks.append((_HEADER.size + len(body), len(packed), len(content), flags))
        body += packed
        position = _hash(name, _HASH_OFFSET) % num_hashes
        while hashes[position] != _FREE_HASH_ENTRY:
            position = (position + 1) % num_hashes
        hashes[position] = (_hash(name, _HASH_A), _hash(name, _HASH_B), 0, index)
    hash_offset = _HEADER.size + len(body)
    block_offset = hash_offset + num_hashes * _ENTRY.size
    size = block_offset + len(blocks) * _ENTRY.size
    header = _HEADER.pack(HEADER_MAGIC, _HEADER.size, size, 0, 3, hash_offset, block_offset,
                          num_hashes, len(blocks))
    front = _USER_DATA.pack(USER_DATA_MAGIC, 512, _HEADER_OFFSET, len(user_data)) + user_data
    return b"".join([front.ljust(_HEADER_OFFSET, b"\0"), header, body,
                     _pack_table(hashes, "(hash table)"), _pack_table(blocks, "(block table)")])


class Archive:
    """An archive opened for reading. Nothing is unpacked before `read` asks for it."""

    def __init__(self, data: bytes):
        """Reads the tables.

        Raises:
            MpqError: the data is truncated, damaged or no archive.
        """
        self._data = data
        self._start, self.user_data = _find_header(data)
        if len(data) < self._start + _HEADER.size:
            raise MpqError(f"truncated: {len(data)} bytes end before the archive's header")
        (magic, _, self._size, _, _, hash_offset, block_offset, num_hashes,
         num_blocks) = _HEADER.unpack_from(data, self._start)
        if magic != HEADER_MAGIC:
            raise MpqError("no MPQ header where the user data says it is")
        self._hashes = self._table(hash_offset, num_hashes, "(hash table)")
        self._blocks = self._table(block_offset, num_blocks, "(block table)")

    def read(self, name: str, max_size: int) -> bytes | None:
        """Returns a file's content, or None if there is no such file.

        Raises:
            MpqError: the file is damaged, stored in a way not known here, or unpacks to more than
                `max_size` bytes.
        """
        key = (_hash(name, _HASH_A), _hash(name, _HASH_B))
        for hash_a, hash_b, _, index in self._hashes:
            if (hash_a, hash_b) == key and index < len(self._blocks):
                return self._unpack(name, self._blocks[index], max_size)
        return None

    def _table(self, offset: int, count: int, key: str) -> list[tuple[int, int, int, int]]:
        if count > _MAX_TABLE_ENTRIES:
            raise MpqError(f"the {key} announces {count} entries; at most {_MAX_TABLE_ENTRIES} "
                           "are read")
        start = self._start + offset
        end = start + count * _ENTRY.size
        if end > len(self._data):
            raise MpqError(f"truncated: the {key} ends at byte {end}, the data at "
                           f"{len(self._data)}")
        plain = _decrypt(self._data[start:end], _hash(key, _HASH_KEY))
        return list(_ENTRY.iter_unpack(plain))

    def _unpack(self, name: str, block: tuple[int, int, int, int], max_size: int) -> bytes:
        offset, packed_size, size, flags = block
        if size > max_size:
            raise MpqError(f"{name} announces {size} bytes; at most {max_size} are read")
        if not flags & _FILE_EXISTS or not flags & _FILE_SINGLE_UNIT or flags & _FILE_ENCRYPTED:
            raise MpqError(f"{name} is stored in a way not known here (flags {flags:#010x})")
        start = self._start + offset
        packed = self._data[start:start + packed_size]
        if len(packed) < packed_size:
            raise MpqError(f"truncated: {name} ends at byte {start + packed_size}, the data at "
                           f"{len(self._data)}")
        if not flags & _FILE_COMPRESSED or packed_size >= size:
            return packed
        unpackers = {_DEFLATE: zlib.decompressobj, _BZIP2: bz2.BZ2Decompressor}
        if packed[:1] not in unpackers:
            raise MpqError(f"{name} is packed by method {packed[:1].hex()}; only deflate (02) and "
                           "bzip2 (10) are known")
        try:
            content = unpackers[packed[:1]]().decompress(packed[1:], size + 1)
        except (zlib.error, OSError) as error:  # OSError is what bz2 raises
            raise MpqError(f"{name} is damaged: {error}") from error
        if len(content) != size:
            raise MpqError(f"{name} is damaged: it does not unpack to the {size} bytes announced")
        return content


def _find_header(data: bytes) -> tuple[int, bytes]:
    """Returns the offset of the archive proper and the user data before it."""
    if data[:4] == HEADER_MAGIC:
        return 0, b""
    if data[:4] != USER_DATA_MAGIC or len(data) < _USER_DATA.size:
        raise MpqError(f"not an MPQ archive: it begins with {data[:4]!r}")
    _, _, offset, size = _USER_DATA.unpack_from(data)
    return offset, data[_USER_DATA.size:_USER_DATA.size + min(size, _HEADER_OFFSET)]


def _pack(content: bytes) -> tuple[bytes, int]:
    packed = _DEFLATE + zlib.compress(content, 6)
    if len(packed) < len(content):
        return packed, _FILE_EXISTS | _FILE_SINGLE_UNIT | _FILE_COMPRESSED
    return content, _FILE_EXISTS | _FILE_SINGLE_UNIT


def _pack_table(entries: list[tuple[int, int, int, int]], key: str) -> bytes:
    return _encrypt(b"".join(_ENTRY.pack(*entry) for entry in entries), _hash(key, _HASH_KEY))


@functools.cache
def _crypt_table() -> tuple[int, ...]:
    """The 1,280 pseudo-random words of the format's hashes and ciphers."""
    table = [0] * 0x500
    seed = 0x00100001
    for low in range(0x100):
        for index in range(low, 0x500, 0x100):
            seed = (seed * 125 + 3) % 0x2AAAAB
            high_word = (seed & 0xFFFF) << 16
            seed = (seed * 125 + 3) % 0x2AAAAB
            table[index] = high_word | (seed & 0xFFFF)
    return tuple(table)


def _hash(text: str, kind: int) -> int:
    table = _crypt_table()
    seed_1, seed_2 = 0x7FED7FED, 0xEEEEEEEE
    for character in text.upper().encode():
        seed_1 = table[(kind << 8) + character] ^ (seed_1 + seed_2) & 0xFFFFFFFF
        seed_2 = (character + seed_1 + seed_2 * 33 + 3) & 0xFFFFFFFF
    return seed_1


def _encrypt(plain: bytes, key: int) -> bytes:
    return _cipher(plain, key, encrypting=True)


def _decrypt(secret: bytes, key: int) -> bytes:
    return _cipher(secret, key, encrypting=False)


def _cipher(data: bytes, key: int, encrypting: bool) -> bytes:
    table = _crypt_table()
    mixer = 0xEEEEEEEE
    words = []
    for (word,) in struct.iter_unpack("<I", data):
        mixer = (mixer + table[0x400 + (key & 0xFF)]) & 0xFFFFFFFF
        other = word ^ (key + mixer) & 0xFFFFFFFF
        key = (((~key << 21) + 0x11111111) & 0xFFFFFFFF) | key >> 11
        mixer = ((word if encrypting else other) + mixer * 33 + 3) & 0xFFFFFFFF
        words.append(other)
    return struct.pack(f"<{len(words)}I", *words)
