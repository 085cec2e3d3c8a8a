"""Clients that keep their own book of what they asked and what they received."""

import collections
import dataclasses
import http.client
import json
import threading
import time

# Requests of one key differ in how many bytes they have, so that a record on the ledger can be told
# to belong to one of them.
BYTES_MIN = 600
BYTES_STEPS = 1000
PICTURES_OF_A_FORM = 3
KINDS = ("picture", "form", "tensor")


@dataclasses.dataclass
class Request:
    kind: str
    bytes: int  # as the ledger counts them, of each frame
    verdict: str = "lost"  # received, refused, or lost: nobody knows
    status: int = 0
    receipts: tuple = ()

    @property
    def frames(self):
        return PICTURES_OF_A_FORM if self.kind == "form" else 1


def form(size):
    """Three pictures of that many bytes; what they show is the worker's business."""
    parts = [f'--edge\r\nContent-Disposition: form-data; name="p{i}"; filename="p{i}"\r\n\r\n'
             .encode() + b"x" * size + b"\r\n" for i in range(PICTURES_OF_A_FORM)]
    return b"".join(parts) + b"--edge--\r\n"


def tensor(size):
    body = json.dumps({"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1],
                                   "data": ["x"]}]})
    return body.ljust(size).encode()


class Client(threading.Thread):
    """Asks one model with one key, one request at a time, until it is told to stop."""

    def __init__(self, tenant, key, model, port, first):
        super().__init__(daemon=True)
        self.tenant, self.key, self.model, self.port = tenant, key, model, port
        self.book = []
        self.received = 0
        self.stopping = False
        self.first = first
        self.connection = None

    def run(self):
        while not self.stopping:
            if not self.connect():
                time.sleep(0.005)
                continue
            number = len(self.book)
            request = Request(KINDS[(self.first + number) % len(KINDS)],
                              BYTES_MIN + number % BYTES_STEPS)
            self.book.append(request)
            self.ask(request)
            if request.verdict != "received":
                time.sleep(0.005)
        if self.connection is not None:
            self.connection.close()

    def connect(self):
        if self.connection is not None:
            return True
        connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=60)
        try:
            connection.connect()
        except OSError:
            return False
        self.connection = connection
        return True

    def ask(self, request):
        headers = {"X-API-Key": self.key}
        target, body = f"/v1/models/{self.model}/detect", b"x" * request.bytes
        if request.kind == "form":
            headers["Content-Type"] = "multipart/form-data; boundary=edge"
            body = form(request.bytes)
        elif request.kind == "tensor":
            target, body = f"/v2/models/{self.model}.detect/infer", tensor(request.bytes)
        try:
            self.connection.request("POST", target, body, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return
        self.note(request, answer, content)

    def note(self, request, answer, content):
        request.status = answer.status
        if answer.status != 200:
            request.verdict = "refused"
            return
        if request.kind == "form":
            images = json.loads(content)["images"]
            request.receipts = tuple(image["receipt"] for image in images if "receipt" in image)
        else:
            request.receipts = (answer.headers["Bulkhead-Receipt"],)
        request.verdict = "received"
        self.received += 1


def received_by(clients):
    return [receipt for client in clients for request in client.book
            for receipt in request.receipts]


def judge(clients, records, ids):
    """What is wrong between the books and the ledger, as sentences, and counts of what was seen.
    `ids`: of each receipt the record that it stands for."""
    wrong = []
    counts = collections.Counter()
    seen = collections.Counter(record.receipt for record in records)
    wrong += [f"{receipt} is on the ledger {times} times"
              for receipt, times in seen.items() if times > 1]
    taken_back = {record.about for record in records if record.outcome == "undelivered"}
    by_key = collections.defaultdict(list)
    for record in records:
        if record.outcome != "undelivered":
            by_key[record.key].append(record)
    received = collections.Counter()
    for client in clients:
        key = client.key.split("_")[2]
        wrong += _judge_one(client, by_key.pop(key, []), taken_back, ids, counts)
    received.update(received_by(clients))
    wrong += [f"{receipt} was given {times} times"
              for receipt, times in received.items() if times > 1]
    wrong += [f"records of a key that nobody used: {key}" for key in by_key]
    return wrong, counts


def _judge_one(client, records, taken_back, ids, counts):
    """One key's records in their order against its requests in theirs."""
    wrong = []
    at = 0
    metered = {}
    for record in records:
        while at < len(client.book) and client.book[at].bytes != record.bytes_in:
            at += 1
        if at == len(client.book):
            return wrong + [f"{record} belongs to no request"]
        metered.setdefault(at, []).append(record)
    for number, request in enumerate(client.book):
        billed = [record.receipt for record in metered.get(number, ())
                  if record.outcome == "ok" and record.receipt not in taken_back]
        counts[request.verdict] += 1
        counts["billed frames"] += len(billed)
        counts["received frames"] += len(request.receipts)
        missing = {ids[receipt] for receipt in request.receipts} - set(billed)
        if missing:
            wrong.append(f"{request}: received and not metered: {missing}")
        if request.verdict == "refused" and billed:
            wrong.append(f"{request}: refused and metered: {billed}")
        if request.verdict == "received" and len(billed) > len(request.receipts):
            wrong.append(f"{request}: metered and not given: {billed}")
        if len(billed) > request.frames:
            wrong.append(f"{request}: metered more than once: {billed}")
    return wrong
