"""A client over gRPC that keeps its own book, like those of client_book.py; curl speaks for it."""

import re
import struct
import subprocess

from client_book import Client

METHOD = "inference.GRPCInferenceService/ModelInfer"


def field(number, content):
    """A length-delimited field of a protobuf message; its length takes two bytes."""
    assert 128 <= len(content) < 1 << 14
    return bytes([number << 3 | 2, len(content) & 127 | 128, len(content) >> 7]) + content


def short_field(number, content):
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def message(model, size):
    """A ModelInferRequest (inference.proto) of one picture that is `size` bytes long."""
    # name, datatype, shape of the one input
    one = short_field(1, b"image") + short_field(2, b"BYTES") + short_field(3, b"\1")
    head = short_field(1, (model + ".detect").encode()) + short_field(5, one)
    room = size - len(head) - 3  # of the raw content: a length in front of each element
    return head + field(7, struct.pack("<I", room - 4) + b"x" * (room - 4))


class RpcClient(Client):
    """Each call is a connection of its own."""

    def connect(self):
        return True

    def ask(self, request):
        request.kind = "rpc"
        content = message(self.model, request.bytes)
        done = subprocess.run(
            ["curl", "-s", "-i", "--http2-prior-knowledge", "--max-time", "60",
             "-H", "te: trailers", "-H", "content-type: application/grpc",
             "-H", "x-api-key: " + self.key,
             "--data-binary", "@-", f"http://127.0.0.1:{self.port()}/{METHOD}"],
            input=b"\0" + struct.pack(">I", len(content)) + content, capture_output=True,
            check=False)
        # Trailers follow the message, without a line's end between them.
        status = re.search(rb"grpc-status: (\d+)\r\n", done.stdout)
        if done.returncode != 0 or not status:
            return
        request.status = int(status.group(1))
        receipt = re.search(rb"bulkhead-receipt: (\S+)\r\n", done.stdout)
        if request.status != 0 or not receipt:
            request.verdict = "refused"
            return
        request.receipts = (receipt.group(1).decode(),)
        request.verdict = "received"
        self.received += 1
