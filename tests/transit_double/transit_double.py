"""A double of a transit engine, for tests alone: its cipher protects nothing.

    python3 transit_double.py CERTIFICATE KEY TOKEN

Serves https://127.0.0.1:PORT until its input ends, and prints the port first. PUT /double/plan takes
{"match": PART_OF_PATH, "good": N, "kind": KIND, "status": S, "body": TEXT}: the request after N
more of that path gets KIND: answer, redirect, stall, huge or drop; then all is well again.
"""

import base64
import hmac
import http.server
import json
import os
import re
import ssl
import sys
import threading

NAME = r"(?P<name>\w(?:[\w.-]*\w)?)"


class Refused(Exception):
    def __init__(self, status, *errors):
        super().__init__(status)
        self.status = status
        self.errors = list(errors)


class Key:
    def __init__(self, options):
        self.type = options.get("type", "aes256-gcm96")
        self.derived = options.get("derived", False)
        self.exportable = options.get("exportable", False)
        self.secrets = {1: os.urandom(32)}
        self.min_decryption = 1
        self.min_encryption = 0
        self.min_available = 0
        self.deletion_allowed = False

    @property
    def latest(self):
        return max(self.secrets)

    def show(self):
        return {"type": self.type, "derived": self.derived, "exportable": self.exportable,
                "allow_plaintext_backup": False, "deletion_allowed": self.deletion_allowed,
                "keys": {str(v): 1 for v in self.secrets if v >= self.min_decryption},
                "latest_version": self.latest, "min_available_version": self.min_available,
                "min_decryption_version": self.min_decryption,
                "min_encryption_version": self.min_encryption, "supports_derivation": True}

    def pad(self, version, context, nonce):
        return hmac.digest(self.secrets[version], nonce + b"pad" + context, "sha256")

    def tag(self, version, context, nonce, sealed):
        return hmac.digest(self.secrets[version], nonce + b"tag" + context + sealed, "sha256")[:16]

    def context(self, body):
        if self.derived and not body.get("context"):
            raise Refused(400, "missing 'context' for key derivation; the key was created using a "
                               "derived key, which means additional, per-request information must "
                               "be included in order to perform operations with the key")
        return base64.b64decode(body.get("context", ""))

    def encrypt(self, body, plain):
        context, nonce = self.context(body), os.urandom(12)
        if len(plain) > 32:
            raise Refused(400, "the double seals 32 bytes at most")
        sealed = bytes(a ^ b for a, b in zip(plain, self.pad(self.latest, context, nonce)))
        whole = nonce + sealed + self.tag(self.latest, context, nonce, sealed)
        return f"vault:v{self.latest}:{base64.b64encode(whole).decode()}"

    def decrypt(self, body):
        context = self.context(body)
        match = re.fullmatch(r"vault:v(\d+):(.*)", body.get("ciphertext", ""))
        if not match:
            raise Refused(400, "invalid ciphertext: no prefix")
        version = int(match[1])
        if version < self.min_decryption:
            raise Refused(400, "ciphertext or signature version is disallowed by policy (too old)")
        if version not in self.secrets:
            raise Refused(400, "invalid ciphertext: version is too new")
        try:
            whole = base64.b64decode(match[2], validate=True)
        except ValueError:
            raise Refused(400, "invalid ciphertext: could not decode base64") from None
        nonce, sealed, tag = whole[:12], whole[12:-16], whole[-16:]
        if not hmac.compare_digest(tag, self.tag(version, context, nonce, sealed)):
            raise Refused(400, "cipher: message authentication failed")
        return bytes(a ^ b for a, b in zip(sealed, self.pad(version, context, nonce)))

    def configure(self, body):
        decryption = body.get("min_decryption_version", self.min_decryption)
        encryption = body.get("min_encryption_version", self.min_encryption)
        if decryption > self.latest or encryption > self.latest:
            raise Refused(400, "a minimum is above the latest version")
        self.min_decryption, self.min_encryption = decryption, encryption
        self.deletion_allowed = body.get("deletion_allowed", self.deletion_allowed)

    def trim(self, body):
        least = body.get("min_available_version", 0)
        if not self.min_available <= least <= min(self.min_decryption, self.min_encryption):
            raise Refused(400, "minimum available version cannot be that")
        self.min_available = least
        self.secrets = {v: s for v, s in self.secrets.items() if v >= least}


class Engine:
    def __init__(self, token):
        self.token = token
        self.keys = {}
        self.plan = None
        self.lock = threading.Lock()

    def find(self, name):
        if name not in self.keys:
            raise Refused(400, "encryption key not found")
        return self.keys[name]

    def answer(self, method, path, token, body):
        if token != self.token:
            raise Refused(403, "permission denied")
        match = re.fullmatch(rf"/v1/transit/(?P<verb>\w+)/{NAME}(?P<after>/\w+)?", path)
        if not match:
            raise Refused(404, f"no handler for route {path[4:]!r}. route entry not found.")
        name, what = match["name"], match["verb"] + (match["after"] or "")
        if what == "keys":
            return self.keys_request(method, name, body)
        if what == "keys/config":
            return self.find(name).configure(body)
        if what == "keys/trim":
            return self.find(name).trim(body)
        if what == "keys/rotate":
            key = self.find(name)
            key.secrets[key.latest + 1] = os.urandom(32)
            return None
        if what == "encrypt":
            # As the real one does: a key that is missing is made.
            key = self.keys.setdefault(name, Key({"derived": "context" in body}))
            return {"ciphertext": key.encrypt(body, base64.b64decode(body["plaintext"]))}
        if what == "decrypt":
            plain = self.find(name).decrypt(body)
            return {"plaintext": base64.b64encode(plain).decode()}
        if what == "rewrap":
            key = self.find(name)
            return {"ciphertext": key.encrypt(body, key.decrypt(body))}
        raise Refused(404, "unsupported path")

    def keys_request(self, method, name, body):
        if method == "POST":
            self.keys.setdefault(name, Key(body))
            return None
        if name not in self.keys:
            raise Refused(404)
        if method == "DELETE":
            if not self.keys[name].deletion_allowed:
                raise Refused(400, "deletion is not allowed for this key")
            del self.keys[name]
            return None
        return self.keys[name].show()

    def planned(self, path):
        """The fault for this request, if it is its turn."""
        with self.lock:
            if not self.plan or self.plan["match"] not in path:
                return None
            self.plan["good"] -= 1
            if self.plan["good"] >= 0:
                return None
            plan, self.plan = self.plan, None
            return plan


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body, headers=()):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def fail(self, plan):
        kind = plan["kind"]
        if kind == "answer":
            self.send(plan["status"], plan["body"].encode())
        elif kind == "redirect":
            self.send(307, b"", [("Location", "https://127.0.0.1:1/elsewhere")])
        elif kind == "huge":
            self.send(200, b'{"data":"' + b"x" * (1 << 20) + b'"}')
        elif kind == "stall":
            self.rfile.read(1)  # until the other side gives up
            self.close_connection = True
        else:
            self.close_connection = True

    def serve(self):
        engine = self.server.engine
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(content) if content else {}
        if self.path == "/double/plan":
            engine.plan = body
            return self.send(204, b"")
        plan = engine.planned(self.path)
        if plan:
            return self.fail(plan)
        try:
            with engine.lock:
                data = engine.answer(self.command, self.path,
                                     self.headers.get("X-Vault-Token"), body)
        except Refused as refused:
            return self.send(refused.status, {"errors": refused.errors})
        return self.send(204, b"") if data is None else self.send(200, {"data": data})

    do_GET = do_POST = do_PUT = do_DELETE = serve


def main(certificate, key, token):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.engine = Engine(token)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
