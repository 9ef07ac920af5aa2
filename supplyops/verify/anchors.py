"""Anchors checked: signed, one behind the other, and every link they name still there as it was."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books
from supplyops.verify.written import sha256, text_of

STATEMENT = ("number", "made_at", "moves", "entries", "root", "previous_hash", "algorithm", "key_id")
GENESIS = "0" * 64
TABLES = {"stock": "stock_move", "journal": "journal_entry"}


class NoAnchor(Exception):
    """What was given as an anchor is none. The text says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """An anchor from outside the database."""

    content: Mapping[str, Any]
    heads: Mapping[str, tuple[int, str]]


def read_anchor(text: str) -> Given:
    """An anchor from a file's text; of several lines the last. Raises NoAnchor."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        content = json.loads(lines[-1])
        heads = {str(shard): (int(number), str(row_hash)) for shard, (number, row_hash) in content["heads"].items()}
        return Given({name: content[name] for name in (*STATEMENT, "hash", "signature")}, heads)
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):
        raise NoAnchor("文件不是完整的签名锚") from None


def key_id(public_key: str) -> str:
    """The short name of a public key."""
    return hashlib.sha256(_bytes(public_key)).hexdigest()[:16]


def sealed(content: Mapping[str, Any], keys: Mapping[str, str] | None) -> str:
    """What is wrong with an anchor's hash or signature, empty if nothing. Without keys only the hash can be looked at."""
    text = text_of({name: content[name] for name in STATEMENT})
    if hashlib.sha256(text).hexdigest() != content["hash"]:
        return "内容与其哈希不符"
    if keys is None:
        return ""
    public_key = keys.get(str(content["key_id"]))
    if public_key is None:
        return f"不是用本机所知的密钥签名的(密钥号 {content['key_id']})"
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(public_key)).verify(_bytes(str(content["signature"])), text)
    except (InvalidSignature, ValueError):
        return "签名不对"
    return ""


def anchors(books: Books, finding: Finding) -> None:
    """Each anchor in the database: behind the one before, sealed; the links it names are there; its root is that of all heads.

    Chain heads remember the newest anchor that named them: one that was dropped from the end shows there.
    """
    heads: dict[str, tuple[int, str]] = {}
    number, previous, root = 0, GENESIS, ""
    for row in books.rows("anchor", order=("number",)):
        wrong = sealed(row, books.keys)
        finding.see(not wrong, f"签名锚 {row.number}:{wrong}")
        follows = row.number == number + 1 and row.previous_hash == previous
        finding.see(follows, f"签名锚 {row.number}:与前一个不相接")
        heads.update({shard: (end[0], end[1]) for shard, end in row.moved.items()})
        number, previous, root = row.number, row.hash, row.root
    if number:
        finding.see(root_of(heads) == root, f"签名锚 {number}:各链链头合起来与其记载不符")
    for row in books.rows("chain_head", "shard", "anchored_seq", "anchored_hash"):
        told = heads.get(row.shard, (0, ""))
        same = (row.anchored_seq, row.anchored_hash) == told
        finding.see(same, f"链 {row.shard}:链头记签名锚到第 {row.anchored_seq} 环,最后的签名锚记到第 {told[0]} 环")


def named_links(books: Books) -> dict[tuple[str, int], str]:
    """Every link that an anchor in the database names."""
    if "anchor" not in books.names:
        return {}
    return {
        (shard, end[0]): end[1]
        for row in books.rows("anchor", "moved", order=("number",))
        for shard, end in row.moved.items()
    }


def given_anchor(books: Books, finding: Finding, given: Given) -> None:
    """An anchor that was kept outside: the database has not been cut back behind it or rewritten before it."""
    wrong = sealed(given.content, books.keys)
    finding.see(not wrong, f"所给签名锚 {given.content['number']}:{wrong}")
    right = root_of(given.heads) == given.content["root"]
    finding.see(right, f"所给签名锚 {given.content['number']}:链头与其记载不符")
    ends = {row.shard: row.seq for row in books.rows("chain_head", "shard", "seq")}
    for shard, (number, row_hash) in sorted(given.heads.items()):
        end = ends.get(shard, 0)
        if end < number:
            finding.see(False, f"链 {shard}:本库到第 {end} 环为止,签名锚记到第 {number} 环:账簿被截短或换成了旧的")
            continue
        table = TABLES.get(shard.partition(":")[0], "journal_entry")
        same = [row.hash for row in books.raw(table, "hash", where={"shard": shard, "shard_seq": number})]
        finding.see(same == [row_hash], f"链 {shard} 第 {number} 环与签名锚所记不同:此前的记录被改写")
    kept = list(books.raw("anchor", "hash", where={"number": given.content["number"]}))
    if kept:
        finding.see(kept[0].hash == given.content["hash"], f"签名锚 {given.content['number']} 与库中同号的不同")


def root_of(heads: Mapping[str, tuple[int, str]]) -> str:
    """One hash for all heads."""
    return sha256({shard: [number, row_hash] for shard, (number, row_hash) in heads.items()})


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
