#!/usr/bin/env python3
"""Makes the golden files without any code of this workspace.

Needs the packages cryptography and argon2-cffi. Prints the test vectors of src/key and
src/envelope, and writes all files beside this script but
amp-rs.json, which is by hand; see README.md.
"""

import hashlib
import hmac
import json
import pathlib
import struct

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

HERE = pathlib.Path(__file__).parent
PHRASE = b"correct horse battery staple"


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(prk, info, length):  # RFC 5869
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = mac(prk, block + info + bytes([counter]))
        out, counter = out + block, counter + 1
    return out[:length]


def hchacha20(key, nonce):  # draft-irtf-cfrg-xchacha
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def rotate(value, count):
        return ((value << count) | (value >> (32 - count))) & 0xFFFFFFFF

    def quarter(a, b, c, d):
        for x, y, z, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            state[z] = rotate(state[z] ^ state[x], count)

    for _ in range(10):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for diagonal in range(4):
            rows = [(diagonal + row) % 4 + 4 * row for row in range(4)]
            quarter(*rows)
    return struct.pack("<8I", *(state[:4] + state[12:]))


def xchacha20poly1305(key, nonce, data, text):
    subkey = hchacha20(key, nonce[:16])
    return ChaCha20Poly1305(subkey).encrypt(bytes(4) + nonce[16:], text, data)


def binding(namespace, project, origin, user, purpose="token-set"):
    parts = [namespace, "", project, origin, user, purpose]
    parts = [part.encode() for part in parts]
    return hashlib.sha256(b"".join(struct.pack("<H", len(part)) + part for part in parts)).digest()


def message_keys(kek, salt, bound):
    okm = expand(mac(salt, kek), b"token-store/1 envelope\0" + bound, 64)
    return okm[:32], okm[32:]


def argon2id(memory, passes, salt):
    return hash_secret_raw(PHRASE, salt, passes, memory, 1, 32, Type.ID)


def envelope(kek, bound, generation, record, kind=0, cost=(0, 0, 0), kdf_salt=bytes(32)):
    text = json.dumps(record, separators=(",", ":")).encode()
    return seal(kek, bound, generation, text, kind, cost, kdf_salt)


def seal(kek, bound, generation, text, kind=0, cost=(0, 0, 0), kdf_salt=bytes(32)):
    plain = struct.pack("<I", len(text)) + text
    plain += bytes(-len(plain) % 256)
    salt, nonce = bytes(range(0x40, 0x60)), bytes(range(0x80, 0x98))
    key, commitment = message_keys(kek, salt, bound)
    header = b"\x89TKST\r\n\x1a" + bytes([1, 1, 1, kind])
    header += struct.pack("<HHI", 192, 0, len(plain) + 16)
    header += struct.pack("<IHB", *cost) + bytes(5)
    header += struct.pack("<Qq", generation, 1_800_000_000_123)
    header += expand(kek, b"tks1 key id", 16) + kdf_salt + salt + nonce + bytes(8) + commitment
    assert len(header) == 192
    return header + xchacha20poly1305(key, nonce, header + bound, plain)


def cidx(inner, user, path, server):
    """As ProjectCredentialManager.encrypt_credentials of code-indexer 6a30e1c."""
    salt, iv = bytes(range(32)), bytes(range(16))
    secret = f"{user}:{path}:{server}".encode()
    key = hashlib.pbkdf2_hmac("sha256", secret, salt, 100_000, 32)
    outer = {
        "username": user,
        "password": json.dumps(inner),
        "server_url": server,
        "created_at": 1_800_000_000.25,
    }
    plain = json.dumps(outer).encode()
    pad = 16 - len(plain) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return salt + iv + encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()


def plain(record, generation, origin, user, project):
    """A plain file, version 1; namespace left out."""
    text = json.dumps(record, separators=(",", ":")).encode()
    summed = text + bytes(1) + struct.pack("<QQ", 1, generation)
    for part in (origin, user, project):
        summed += struct.pack("<Q", len(part)) + part.encode()
    extra = {"v": 1, "generation": generation, "origin": origin, "subject": user, "project": project}
    extra["checksum"] = hashlib.sha256(summed).digest()[:16].hex()
    return (json.dumps(record | extra, indent=2) + "\n").encode()


def main():
    salt = bytes(range(32))
    key = bytes(range(32))
    print("KEY_ID_OF_7", expand(bytes([7]) * 32, b"tks1 key id", 16).hex())
    print("KEK_ARGON2ID_SMALL", argon2id(19_456, 2, salt).hex())
    print("KEK_ARGON2ID_DEFAULT", argon2id(65_536, 3, salt).hex())
    print("KEK_PBKDF2", hashlib.pbkdf2_hmac("sha256", PHRASE, salt, 600_000, 32).hex())
    schedule = message_keys(key, b"\xa5" * 32, b"\x5a" * 32)
    print("SCHEDULE_KEY", schedule[0].hex())
    print("SCHEDULE_COMMITMENT", schedule[1].hex())

    bound = binding("", "/srv/project", "https://amp.example:443", "alice")
    print("BINDING_DIGEST", bound.hex())
    record = {
        "token": "golden-token",
        "expires_at": "2027-01-16T08:00:00.123456789Z",
        "obtained_at": "2027-01-15T08:00:00.123456789Z",
        "refresh_token": "refresh-golden-token",
    }
    kdf_salt = bytes(range(0xC0, 0xE0))
    derived = argon2id(65_536, 3, kdf_salt)
    rounds = hashlib.pbkdf2_hmac("sha256", PHRASE, kdf_salt, 600_000, 32)
    of_secrets = binding("", "/srv/project", "https://amp.example:443", "alice", "secret")
    files = {
        "json-1.json": plain(record, 1, "https://amp.example:443", "alice", "/srv/project"),
        "tks1-key.tks": envelope(key, bound, 7, record),
        "tks1-argon2id.tks": envelope(derived, bound, 7, record, 2, (65_536, 3, 1), kdf_salt),
        "tks1-pbkdf2.tks": envelope(rounds, bound, 7, record, 3, (600_000, 0, 0), kdf_salt),
        "tks1-secret.tks": seal(key, of_secrets, 1, b"golden-password"),
        "cidx.token": cidx(
            {
                "token": "golden-token",
                "expires_at": "2027-01-15T09:00:00.250000+00:00",
                "created_at": "2027-01-15T08:00:00+00:00",
                "version": "1.0",
            },
            "alice",
            "/srv/project",
            "https://cidx.example",
        ),
    }
    for name, content in files.items():
        (HERE / name).write_bytes(content)


main()
