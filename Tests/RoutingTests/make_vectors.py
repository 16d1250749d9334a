#!/usr/bin/env python3
"""Writes vectors.json: what Weir must assign, hash and sign, computed without any of its code.

    pip install xxhash && python3 make_vectors.py

XXH64 comes from the xxhash package, SipHash from the paper's pseudo code below, Base64URL and packing from the standard library.
The output is the same on every run. The Swift tests read it; an analyst can take it as the reference for their own code.
"""

import base64
import json
import math
import pathlib
import random
import struct

import xxhash

SEPARATOR = b"\x1f"
MASK = (1 << 64) - 1


def score(salt, name, weight, unit):
    """The score of one variant for one unit; the smallest wins."""
    message = SEPARATOR.join([salt.encode(), name.encode(), unit.encode()])
    u = ((xxhash.xxh64_intdigest(message, seed=0) >> 12) + 0.5) * 2.0**-52
    return -math.log(u) / weight


def choose(salt, variants, unit):
    """The name of the variant that the unit is assigned to."""
    return min((score(salt, name, weight, unit), name) for name, weight in variants if weight > 0)[1]


def rotate(word, bits):
    return (word << bits | word >> (64 - bits)) & MASK


def sip_round(v):
    v[0] = (v[0] + v[1]) & MASK
    v[1] = rotate(v[1], 13) ^ v[0]
    v[0] = rotate(v[0], 32)
    v[2] = (v[2] + v[3]) & MASK
    v[3] = rotate(v[3], 16) ^ v[2]
    v[0] = (v[0] + v[3]) & MASK
    v[3] = rotate(v[3], 21) ^ v[0]
    v[2] = (v[2] + v[1]) & MASK
    v[1] = rotate(v[1], 17) ^ v[2]
    v[2] = rotate(v[2], 32)


def siphash(message, key, size):
    """SipHash-2-4 with a result of 8 or 16 bytes."""
    low, high = struct.unpack("<QQ", key)
    v = [low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D, low ^ 0x6C7967656E657261, high ^ 0x7465646279746573]
    if size == 16:
        v[1] ^= 0xEE
    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        sip_round(v)
        sip_round(v)
        v[0] ^= word
    v[2] ^= 0xEE if size == 16 else 0xFF
    result = b""
    while True:
        for _ in range(4):
            sip_round(v)
        result += struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])
        if len(result) == size:
            return result
        v[1] ^= 0xDD


def name_hash(name):
    return xxhash.xxh64_intdigest(name.encode(), seed=0) & 0xFFFFFFFF


def prediction_id(fields, key_id, secret):
    """The text of a prediction id, laid out by the table in PredictionID.swift."""
    body = struct.pack("<BBIIIIBBH", 1, key_id, name_hash(fields["route"]), name_hash(fields["assigned"]), name_hash(fields["served"]),
                       fields["revision"], fields["reason"], fields["flags"], fields["label"])
    body += fields["time"].to_bytes(6, "little") + struct.pack("<QQB", fields["unit"], fields["nonce"], fields["reactor"])
    body += fields["sequence"].to_bytes(5, "little")
    assert len(body) == 50
    return base64.urlsafe_b64encode(body + siphash(body, secret, 16)).decode()


UNITS = [
    "u", "u-17", "1234567", "12345678", "123456789", "user@example.org", "Jürgen", "Ελένη", "名前", "🦫", "a b\tc", "\u00e9", "e\u0301", "0",
    "00000000-0000-0000-0000-000000000000", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "x" * 255, "é" * 128, "with\x1fseparator", "UPPER", "upper",
]


def splits(random_source):
    """Salts and variants: ordinary, with zeros, with ties of weight, with extreme weights, and of 1, 2, 3, 7 and 32 variants."""
    yield "video-category", [("champion", 90), ("challenger", 10)]
    yield "video-category", [("champion", 0.9), ("challenger", 0.1)]
    yield "summer", [("champion", 50), ("challenger", 50)]
    yield "r", [("a", 1), ("b", 1), ("c", 1)]
    yield "Größe/été", [("a", 1), ("b", 0), ("c", 3)]
    yield "s" * 128, [("only", 5), ("off", 0)]
    yield "salt with spaces", [("n" * 64, 1), ("N" * 64, 2)]
    yield "extreme", [("tiny", 1e-12), ("huge", 1e12), ("one", 1)]
    yield "seven", [(f"v{index}", index + 1) for index in range(7)]
    yield "thirty-two", [(f"variant-{index:02}", random_source.randint(0, 100)) for index in range(32)]
    yield "fractions", [(name, random_source.random()) for name in ("b.1", "a_2", "C-3")]


def assignments():
    random_source = random.Random(20)
    for salt, variants in splits(random_source):
        units = UNITS + [f"unit-{random_source.getrandbits(64):x}"[: random_source.randint(6, 20)] for _ in range(14)]
        yield {
            "salt": salt,
            "variants": [{"name": name, "weight": weight} for name, weight in variants],
            "choices": [{"unit": unit, "variant": choose(salt, variants, unit)} for unit in units],
        }


def unit_hashes(key):
    return {
        "key": key.hex(),
        "hashes": [{"unit": unit, "hash": siphash(unit.encode(), key, 8)[::-1].hex()} for unit in UNITS],
    }


def prediction_ids(key_id, secret):
    random_source = random.Random(4)
    ids = []
    for index in range(10):
        fields = {
            "route": "video-category", "assigned": "champion", "served": ["champion", "challenger"][index % 2],
            "revision": random_source.getrandbits(32), "reason": index % 5, "flags": index % 2, "label": random_source.getrandbits(16),
            "time": random_source.getrandbits(48), "unit": random_source.getrandbits(64), "nonce": random_source.getrandbits(64),
            "reactor": random_source.getrandbits(8), "sequence": random_source.getrandbits(40),
        }
        ids.append({"fields": fields, "text": prediction_id(fields, key_id, secret)})
    return {"key": key_id, "secret": secret.hex(), "ids": ids}


def main():
    key = bytes(range(16))
    # Appendix A of the SipHash paper, and the first row of the reference implementation's 128-bit table.
    assert siphash(bytes(range(15)), key, 8)[::-1].hex() == "a129ca6149be45e5"
    assert siphash(b"", key, 16).hex() == "a3817f04ba25a8e66df67214c7550293"
    vectors = {"assignments": list(assignments()), "unitHashes": unit_hashes(key), "predictionIDs": prediction_ids(7, key[::-1])}
    path = pathlib.Path(__file__).with_name("vectors.json")
    path.write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path.name}: {sum(len(split['choices']) for split in vectors['assignments'])} assignments")


if __name__ == "__main__":
    main()
