#!/usr/bin/env python3
"""Reads backups of Aethel without Aethel: written from docs/backup-format.md alone, in one file that can be read.

  read_backup.py --kit KIT PLACE list             what backups there are, and how far each was proven
  read_backup.py --kit KIT PLACE verify [BACKUP]  every byte of one, or of all
  read_backup.py --kit KIT PLACE archive BACKUP -o FILE    what pg_restore takes
  read_backup.py --kit KIT PLACE roles BACKUP -o FILE      the roles, without passwords: what psql takes, before that
  read_backup.py --kit KIT PLACE catalog BACKUP -o FILE    tables, digests, roles, schema: JSON

PLACE is a folder - a repository, or a bucket's objects fetched by any client - or s3://BUCKET/PREFIX, which takes boto3.
BACKUP is an id, the beginning of one, or latest, which passes over what was made before a restore in place.
KIT is the recovery kit as text; instead of it the two keys can stand in BACKUP_SERVICE_KEY (private) and --signer
(public). Needs Python 3.9 and the packages cryptography and zstandard.
Ends with 0, or with 1 and one line that says what is wrong where. Nothing that is not authentic is written."""

import argparse
import hashlib
import hmac
import json
import os
import pathlib
import re
import sys

try:
    import zstandard
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError as missing:
    sys.exit(f"read_backup: {missing}: apt install python3-cryptography python3-zstandard, or pip install cryptography zstandard")

FORMAT = 1
SAFETY_NOTE = "made before a restore in place"
BLOCK = 4 << 20
LARGEST_OBJECT = 64 << 20
ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class Refused(Exception):
    """What was read is not what it has to be."""


def need(condition, message):
    if not condition:
        raise Refused(message)


# --- Keys (section 2)

def parse_key(kind, text):
    """The 32 bytes of a key, from a line or from a page in which other words follow it."""
    prefix = f"aethel-{kind}-"
    at = text.find(prefix)
    need(at >= 0, f"there is no key that begins with {prefix}")
    digits = ""
    for c in text[at + len(prefix):]:
        if len(digits) < 58 and not (c == "-" or ord(c) <= 32):
            digits += c.lower()
    need(re.fullmatch(r"[a-z2-7]{58}", digits), f"{prefix}... is damaged: characters are wrong or missing")
    number = int("".join(f"{'abcdefghijklmnopqrstuvwxyz234567'.index(c):05b}" for c in digits), 2)
    need(number & 3 == 0, f"{prefix}... is damaged: its end is wrong")
    data = (number >> 2).to_bytes(36, "big")
    need(hashlib.sha256(prefix.encode() + data[:32]).digest()[:4] == data[32:], f"{prefix}... is damaged: a character is wrong")
    return data[:32]


def key_id(kind, key):
    return hashlib.sha256(f"aethel-{kind}-".encode() + key).hexdigest()[:16]


def derive(secret, salt, info):
    """HKDF-SHA256, one block."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")


def nonce(number):
    return number.to_bytes(8, "little") + bytes(4)


def public_of(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def unhex(text, size, what):
    need(isinstance(text, str) and re.fullmatch(r"[0-9a-f]*", text) and len(text) == 2 * size, f"{what} is not {size} bytes")
    return bytes.fromhex(text)


def unwrap(wrapped, private, backup):
    """The data key of a backup (section 6)."""
    public = public_of(private)
    ephemeral = unhex(wrapped.get("ephemeral"), 32, "an ephemeral key")
    sealed = unhex(wrapped.get("sealed"), 48, "a wrapped key")
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(ephemeral))
        wrapping = derive(shared, ephemeral + public, b"aethel 1 wrap " + backup.encode())
        return ChaCha20Poly1305(wrapping).decrypt(nonce(0), sealed, b"")
    except (InvalidTag, ValueError):
        raise Refused("the wrapped key is not authentic") from None


# --- Places (section 1)

class Folder:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        need(self.path.is_dir(), f"{path} is no folder")

    def list(self, prefix):
        found = (each.relative_to(self.path).as_posix() for each in (self.path / prefix).rglob("*") if each.is_file())
        # Names that begin with a dot are of the program: files that are being written, a lock.
        return sorted(each for each in found if not any(part.startswith(".") for part in each.split("/")))

    def get(self, key):
        try:
            return (self.path / key).read_bytes()
        except FileNotFoundError:
            raise Refused(f'object "{key}" is lost') from None


class Bucket:
    def __init__(self, place, endpoint):
        import boto3  # only who reads a bucket directly needs it
        self.bucket, _, prefix = place.partition("/")
        self.prefix = prefix.rstrip("/") + "/" if prefix.strip("/") else ""
        self.client = boto3.client("s3", endpoint_url=endpoint)

    def list(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
        return sorted(each["Key"][len(self.prefix):] for page in pages for each in page.get("Contents", []))

    def get(self, key):
        try:
            return self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            raise Refused(f'object "{key}" is lost') from None


# --- Documents (section 3)

def no_twins(pairs):
    names = [name for name, _ in pairs]
    need(len(names) == len(set(names)), "a name stands twice in an object")
    return dict(pairs)


def read_document(kind, data, trusted, place, strangers=True):
    """The JSON of a signed document; `trusted` are public keys of signers."""
    try:
        first, mark, rest = data.partition(b"\n")
        version = re.fullmatch(rf"aethel {kind} ([1-9][0-9]{{0,8}})".encode(), first)
        need(mark and version, f"not a {kind} of a backup")
        need(int(version[1]) <= FORMAT, f"it has format {int(version[1])}; this reader knows formats up to {FORMAT}")
        signatures = []
        while True:
            line, mark, rest = rest.partition(b"\n")
            need(mark, "it ends within its header")
            if not line:
                break
            signature = re.fullmatch(rb"signed-by: ([0-9a-f]{16}) ([0-9a-f]{128})", line)
            need(signature and len(signatures) < 8, "it has a header that no program wrote")
            signatures.append((signature[1].decode(), bytes.fromhex(signature[2].decode())))
        held = False
        for signer in trusted:
            for who, signature in signatures:
                if who == key_id("signer", signer):
                    try:
                        Ed25519PublicKey.from_public_bytes(signer).verify(signature, first + b"\n" + rest)
                    except InvalidSignature:
                        raise Refused(f"it is not what {who} signed: it was changed") from None
                    held = True
        known = [key_id("signer", each) for each in trusted]
        need(strangers or all(who in known for who, _ in signatures), "it is signed by somebody whom it does not name")
        need(held, f"it is signed by nobody who is trusted here, but by {', '.join(who for who, _ in signatures)}")
        value = json.loads(rest.decode("utf-8"), object_pairs_hook=no_twins)
        need(isinstance(value, dict), "it is no object")
        return value
    except (Refused, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as failure:
        raise Refused(f'"{place}": {failure}') from None


def of_type(value, name, kind, place):
    found = value.get(name)
    need(isinstance(found, kind) and not (kind is int and (isinstance(found, bool) or found < 0)),
         f'"{place}": "{name}" is not what it should be')
    return found


class Repository:
    """Configurations followed from a trusted signer (section 4)."""

    def __init__(self, store, signer):
        self.store = store
        keys = store.list("config/")
        need(keys, "there is no repository here: it has no config/")
        trusted, config, before = [signer], None, []
        for number, key in enumerate(keys, 1):
            need(key == f"config/{number:06}", f'"{key}" stands where config/{number:06} is expected: one is lost')
            data = store.get(key)
            try:
                read = read_document("config", data, trusted, key)
            except Refused:
                if config:
                    raise
                before.append((key, data))
                refused = sys.exc_info()[1]
                continue
            need(of_type(read, "number", int, key) == number, f'"{key}" says that it is another number')
            need(not config or read.get("repository") == config["repository"], f'"{key}" is of another repository')
            config = read
            trusted = [parse_key("signer", each) for each in of_type(read, "signers", list, key)]
            need(trusted, f'"{key}" names no signer')
            read_document("config", data, trusted, key, strangers=False)
        if not config:
            raise refused
        for key, data in before:
            read_document("config", data, trusted, key, strangers=False)
        self.id, self.signers = of_type(config, "repository", str, key), trusted

    def bound(self, kind, key, name, backup):
        value = read_document(kind, self.store.get(key), self.signers, key)
        need(value.get(name) == backup, f'"{key}" is of backup {value.get(name)}')
        need(value.get("repository") == self.id, f'"{key}" is of another repository')
        return value

    def backups(self):
        return [key.split("/", 1)[1] for key in self.store.list("manifests/")]

    def find(self, name):
        backups = self.backups()
        if name == "latest":
            # They are of a state that somebody wanted to leave. One that cannot be read is refused, not passed over.
            newest = next((each for each in reversed(backups) if SAFETY_NOTE not in (self.manifest(each).get("notes") or [])), None)
            need(newest, "there is no backup")
            return newest
        found = [each for each in backups if each.startswith(name)]
        need(len(found) == 1, f'{len(found) or "no"} backups begin with "{name}"')
        return found[0]

    def manifest(self, backup):
        need(ID.fullmatch(backup), f'"manifests/{backup}" is no name of a manifest')
        key = f"manifests/{backup}"
        value = self.bound("manifest", key, "id", backup)
        streams = of_type(value, "streams", list, key)
        names = [each.get("name") for each in streams]
        need(len(names) == len(set(names)) and all(isinstance(each, str) and re.fullmatch(r"[a-z0-9_]{1,32}", each) for each in names),
             f'"{key}" has streams with wrong names')
        return value

    def proof(self, backup):
        """The highest level that a signed report says was passed, and whether the newest failed."""
        level, newest = None, None
        for key in self.store.list(f"reports/{backup}/"):
            report = self.bound("report", key, "backup", backup)
            newest = report
            if report.get("passed"):
                level = max(level or 0, report.get("level", 0))
        text = "not yet" if level is None else f"L{level}"
        return text if not newest or newest.get("passed") else f"{text}, then failed: {newest.get('failure')}"

    def data_key(self, manifest, private):
        recipient = key_id("public", public_of(private))
        wrapped = list(of_type(manifest, "keys", list, f"manifests/{manifest['id']}"))
        for key in self.store.list(f"keys/{manifest['id']}/"):
            wrapped += of_type(self.bound("keys", key, "backup", manifest["id"]), "keys", list, key)
        for each in wrapped:
            if each.get("recipient") == recipient:
                return unwrap(each, private, manifest["id"])
        raise Refused(f"backup {manifest['id']} is not sealed for this private key ({recipient})")

    def stream(self, manifest, name, data_key):
        """The blocks of a stream, each authentic (section 5)."""
        backup = manifest["id"]
        place = f"manifests/{backup}"
        found = [each for each in manifest["streams"] if each["name"] == name]
        need(found, f'"{place}" has no stream "{name}"')
        info = found[0]
        segments, size = of_type(info, "segments", int, place), of_type(info, "bytes", int, place)
        cipher = ChaCha20Poly1305(derive(data_key, backup.encode(), f"aethel 1 stream {name}".encode()))
        number = total = 0
        for index, expected in enumerate(of_type(info, "objects", list, place), 1):
            key = f"objects/{backup}/{name}-{index:06}"
            data = self.store.get(key)
            need(len(data) == expected.get("size") <= LARGEST_OBJECT,
                 f'object "{key}" has {len(data)} bytes; {expected.get("size")} were stored')
            need(hashlib.sha256(data).hexdigest() == expected.get("sha256"), f'object "{key}" has other bytes than were stored')
            need(data[:8] == b"aethel1\n", f'object "{key}" is not an object of a backup')
            at = 8
            while at < len(data):
                length = int.from_bytes(data[at:at + 4], "little")
                need(at + 4 + length <= len(data), f'object "{key}" ends within a segment')
                need(number < segments, f'object "{key}" has more segments than the manifest says')
                last = "last" if number + 1 == segments else "more"
                associated = f"aethel 1 segment\n{backup}\n{name}\n{number}\n{last}\n".encode()
                try:
                    packed = cipher.decrypt(nonce(number), data[at + 4:at + 4 + length], associated)
                    block = zstandard.ZstdDecompressor().decompress(packed, max_output_size=BLOCK)
                except InvalidTag:
                    raise Refused(f'object "{key}": segment {number} is not authentic') from None
                except zstandard.ZstdError as failure:
                    raise Refused(f'object "{key}": segment {number}: {failure}') from None
                need(len(block) <= BLOCK, f'object "{key}": segment {number} is too long')
                at, number, total = at + 4 + length, number + 1, total + len(block)
                yield block
        need(number == segments, f'stream "{name}" ends after segment {number} of {segments}')
        need(total == size, f'stream "{name}" has {total} bytes; {size} were written')


# --- The program

def write_out(blocks, path):
    """Into a file that is there when it is whole, or on standard output."""
    if path == "-":
        for block in blocks:
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
        return
    part = path + ".part"
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for block in blocks:
                file.write(block)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place")
    parser.add_argument("what", choices=["list", "verify", "archive", "roles", "catalog"])
    parser.add_argument("backup", nargs="?")
    parser.add_argument("--kit", help="the recovery kit as text")
    parser.add_argument("--signer", help="the public key of who signs: aethel-signer-...")
    parser.add_argument("--endpoint", help="of a bucket that is not AWS's")
    parser.add_argument("-o", "--output", default="-", help="a file; - is standard output")
    options = parser.parse_args()
    kit = pathlib.Path(options.kit).read_text() if options.kit else ""
    signer = parse_key("signer", options.signer or kit)
    s3 = options.place.startswith("s3://")
    store = Bucket(options.place[5:], options.endpoint) if s3 else Folder(options.place)
    repository = Repository(store, signer)

    def private():
        return parse_key("private", os.environ.get("BACKUP_SERVICE_KEY") or kit)

    if options.what == "list":
        bad = 0
        for backup in repository.backups():
            try:
                manifest = repository.manifest(backup)
                stored = sum(each["size"] for stream in manifest["streams"] for each in stream["objects"])
                print(f"{backup}  {manifest['database']}  PostgreSQL {manifest['server']}  {manifest['rows']} rows of "
                      f"{manifest['tables']} tables  {stored} bytes  proven: {repository.proof(backup)}")
            except Refused as failure:
                bad = 1
                print(f"{backup}  unreadable: {failure}")
        return bad
    if options.what == "verify":
        key = private()
        for backup in [repository.find(options.backup)] if options.backup else repository.backups():
            manifest = repository.manifest(backup)
            repository.proof(backup)
            data_key = repository.data_key(manifest, key)
            for stream in manifest["streams"]:
                for _ in repository.stream(manifest, stream["name"], data_key):
                    pass
            print(f"{backup}  every byte is what was written")
        return 0
    need(options.backup, "which backup is not said: an id, or latest")
    manifest = repository.manifest(repository.find(options.backup))
    data_key = repository.data_key(manifest, private())
    if options.what == "roles":
        catalog = json.loads(b"".join(repository.stream(manifest, "catalog", data_key)))
        narrow = "latin-1" if catalog.get("text") == "bytes" else "utf-8"
        write_out([of_type(catalog, "globals", str, "the catalog").encode(narrow)], options.output)
    else:
        write_out(repository.stream(manifest, options.what, data_key), options.output)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as problem:
        if not isinstance(problem, (Refused, OSError)) and not type(problem).__module__.startswith("botocore"):
            raise
        print(f"read_backup: {problem}", file=sys.stderr)
        sys.exit(1)
