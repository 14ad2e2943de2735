"""Numbers in seven bits a byte, lowest first: as protobuf and StarCraft II replays write them."""


def encode(value: int) -> bytes:
    """Writes a non-negative number; every byte but the last has its highest bit set."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
