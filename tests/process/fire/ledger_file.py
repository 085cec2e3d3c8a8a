"""Reads the files of a ledger as docs/formats/ledger.md describes them, and as nobody of ours does
it in C++: a second reader that can disagree."""

import dataclasses
import struct

SEGMENT_BYTES = 128
GROUP_BYTES = 32
GROUP_MAGIC = b"\xffBHG"
EXPORT_BYTES = 40
RECORD = struct.Struct("<BBBBBBHIIIIQQq")
ABOUT = struct.Struct("<QQ")
UNDELIVERED = 3
OUTCOMES = {1: "ok", 2: "failed", UNDELIVERED: "undelivered"}


@dataclasses.dataclass(frozen=True)
class Record:
    receipt: str
    outcome: str
    about: str  # the receipt that is taken back, or nothing
    tenant: str
    key: str
    frames: int
    bytes_in: int


def read_ledger(folder):
    """All records of frames, in their order. A group that is torn ends its segment."""
    records = []
    for segment in sorted(folder.glob("*.segment"), key=lambda path: int(path.stem)):
        content = segment.read_bytes()
        ledger = content[16:32].decode()
        epoch, = struct.unpack_from("<Q", content, 40)
        at = SEGMENT_BYTES
        while content[at:at + 4] == GROUP_MAGIC:
            body, sequence, count = struct.unpack_from("<IQI", content, at + 4)
            end = at + GROUP_BYTES + body
            if end > len(content):
                break
            records += _group(content[at + GROUP_BYTES:end], ledger, epoch, sequence, count)
            at = end
    return records


def _group(body, ledger, epoch, sequence, count):
    at = 0
    for number in range(sequence, sequence + count):
        if body[at] == 2:
            at += EXPORT_BYTES
            continue
        (_, outcome, tenant, key, model, deployment, _, _, frames, _, _, bytes_in, _,
         _) = RECORD.unpack_from(body, at)
        at += RECORD.size
        about = ""
        if outcome == UNDELIVERED:
            about = "-".join(str(part) for part in (ledger, *ABOUT.unpack_from(body, at)))
            at += ABOUT.size
        texts = []
        for length in (tenant, key, model, deployment):
            texts.append(body[at:at + length].decode())
            at += length
        yield Record(f"{ledger}-{epoch}-{number}", OUTCOMES[outcome], about, texts[0], texts[1],
                     frames, bytes_in)
    assert at == len(body), "a group's body is longer than its records"
