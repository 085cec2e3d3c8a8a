"""An operator who makes and revokes keys and pushes models all the time, and keeps a book of what
was acknowledged."""

import json
import threading
import time

from served import ask


class Operator(threading.Thread):
    def __init__(self, stage, tenant):
        super().__init__(daemon=True)
        self.stage, self.tenant = stage, tenant
        self.stopping = False
        self.alive = []     # keys that were made, which nobody asked to revoke
        self.revoked = []   # keys whose revocation was acknowledged
        self.pushed = 0     # versions of a model that nobody runs

    def run(self):
        number = 0
        while not self.stopping:
            number += 1
            if number % 5 == 0:
                self.push()
            elif len(self.alive) > 3:
                self.revoke(self.alive.pop(0))
            else:
                self.make()
            if number % 7 == 0:
                self.stage.admin("GET", "/admin/usage")
            time.sleep(0.01)

    def make(self):
        answer = self.stage.admin("POST", f"/admin/tenants/{self.tenant}/keys", "{}")
        if answer and answer[0] == 201:
            self.alive.append(json.loads(answer[1])["key"])

    def revoke(self, key):
        answer = self.stage.admin("DELETE", "/admin/keys/" + key.split("_")[2])
        if answer and answer[0] == 204:
            self.revoked.append(key)

    def push(self):
        body = f"a model of no use, {self.pushed}"
        answer = self.stage.admin("POST", f"/admin/tenants/{self.tenant}/models/spare/versions",
                                  body)
        if answer and answer[0] == 201:
            self.pushed += 1

    def judge(self, port):
        """What is wrong with what the store knows now, as sentences."""
        wrong = [f"a key was made and is gone: {key}" for key in self.alive
                 if ask(port, "GET", "/v2/models", key)[0] != 200]
        wrong += [f"a key was revoked and opens: {key}" for key in self.revoked[-200:]
                  if ask(port, "GET", "/v2/models", key)[0] != 401]
        models = json.loads(self.stage.admin("GET", f"/admin/tenants/{self.tenant}/models")[1])
        files = {path.name: path for path in self.stage.folder.glob("gateway/models/*/*")}
        for model in models["models"]:
            path = files.get(f"{model['model']}@{model['version']}")
            # The header of a sealed file names its plaintext's digest.
            if path is None or bytes.fromhex(model["sha256"]) not in path.read_bytes()[:8192]:
                wrong.append(f"the file of {model} is gone")
        spare = sum(model["model"] == "spare" for model in models["models"])
        if spare < self.pushed:
            wrong.append(f"{self.pushed} versions were pushed, {spare} are there")
        return wrong
