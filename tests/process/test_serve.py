"""`bulkhead serve` as its tenants and its operator see it: real programs, real workers, real HTTP.

    python3 tests/process/test_serve.py BIN-FOLDER
"""

import concurrent.futures
import json
import socket
import subprocess
import tempfile
import unittest

import served as serving
from served import MODEL, PATIENCE_S, PICTURE, Served, until


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory()
        cls.served = Served(cls.home.name)
        cls.keys = {}
        for tenant, model in (("plant", "line-3"), ("city", "street")):
            cls.served.command("tenant", "create", tenant)
            cls.keys[tenant] = cls.served.new_key(tenant)
            cls.served.command("model", "push", model, str(MODEL), "--tenant", tenant)
        cls.served.command("deploy", "line-3", "--tenant", "plant")

    @classmethod
    def tearDownClass(cls):
        status = cls.served.stop()
        cls.home.cleanup()
        assert status == 0, status

    def test_a_tenant_gets_detections_and_a_receipt_that_is_on_the_ledger(self):
        status, headers, content = self.served.detect("line-3", self.keys["plant"])
        self.assertEqual(status, 200, content)
        document = json.loads(content)
        self.assertIn("dent", [found["name"] for found in document["detections"]])
        self.assertEqual(document["receipt"], headers["Bulkhead-Receipt"])
        rows = self.served.command("usage", "--tenant", "plant")["rows"]
        self.assertGreaterEqual(sum(row["frames"] for row in rows if row["outcome"] == "ok"), 1)
        self.assertTrue(self.served.command("ledger", "verify")["sound"])

    def test_another_tenants_model_is_missing_in_every_way(self):
        city = self.keys["city"]
        for method, target in (("GET", ""), ("GET", "/ready"), ("GET", "/config"),
                               ("GET", "/stats"), ("POST", "/infer")):
            theirs = self.served.ask(method, "/v2/models/line-3" + target, city, b"{}")
            missing = self.served.ask(method, "/v2/models/no-such" + target, city, b"{}")
            self.assertEqual((theirs[0], theirs[2]), (404, missing[2]), target)
        self.assertEqual(self.served.detect("line-3", city)[0], 404)
        _, _, listed = self.served.ask("GET", "/v2/models", city)
        self.assertEqual(json.loads(listed), {"models": []})
        _, _, index = self.served.ask("POST", "/v2/repository/index", city)
        self.assertEqual(json.loads(index), [])

    def test_no_key_a_wrong_key_and_a_revoked_key_are_refused_alike(self):
        key = self.served.new_key("plant")
        self.assertEqual(self.served.ask("GET", "/v2/models", key)[0], 200)
        self.served.command("key", "revoke", key.split("_")[2])
        revoked = self.served.ask("GET", "/v2/models", key)
        wrong = self.served.ask("GET", "/v2/models", self.keys["plant"][:-1] + "!")
        self.assertEqual((revoked[0], revoked[2]), (401, wrong[2]))
        self.assertEqual(self.served.ask("GET", "/v2/models")[0], 401)

    def test_a_key_that_is_revoked_before_its_body_came_does_not_count(self):
        key = self.served.new_key("plant")
        head = ("POST /v1/models/line-3/detect HTTP/1.1\r\nHost: test\r\nX-API-Key: " + key +
                f"\r\nContent-Length: {len(PICTURE)}\r\nExpect: 100-continue\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.served.http), PATIENCE_S) as client:
            client.sendall(head.encode())
            self.assertTrue(client.recv(4096).startswith(b"HTTP/1.1 100"))  # it was good then
            self.served.command("key", "revoke", key.split("_")[2])
            client.sendall(PICTURE)
            self.assertTrue(client.recv(4096).startswith(b"HTTP/1.1 401"))

    def test_a_key_does_only_what_its_scopes_say(self):
        reader = self.served.new_key("plant", "--scopes", "read")
        self.assertEqual(self.served.ask("GET", "/v2/models/line-3", reader)[0], 200)
        self.assertEqual(self.served.detect("line-3", reader)[0], 403)
        load = self.served.ask("POST", "/v2/repository/models/line-3/unload", self.keys["plant"])
        self.assertEqual(load[0], 403)

    def test_a_suspended_tenant_is_stopped_and_comes_back(self):
        self.served.command("tenant", "create", "late")
        key = self.served.new_key("late")
        self.served.command("tenant", "suspend", "late")
        self.assertEqual(self.served.ask("GET", "/v2/models", key)[0], 403)
        self.served.command("tenant", "resume", "late")
        self.assertEqual(self.served.ask("GET", "/v2/models", key)[0], 200)

    def test_a_months_quota_bites_at_the_exact_frame(self):
        rows = self.served.command("usage", "--tenant", "plant")["rows"]
        used = sum(row["frames"] for row in rows if row["outcome"] == "ok")
        self.served.command("tenant", "set", "plant", "--frames-per-month", str(used + 2))
        answers = [self.served.detect("line-3", self.keys["plant"]) for _ in range(4)]
        self.served.command("tenant", "set", "plant", "--no-limit", "frames_per_month")
        self.assertEqual([answer[0] for answer in answers], [200, 200, 429, 429])
        headers = answers[-1][1]
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.assertIn('r=0', headers["RateLimit"])

    def test_a_picture_that_is_none_is_the_callers_fault_and_not_billed(self):
        status, _, content = self.served.ask("POST", "/v1/models/line-3/detect",
                                             self.keys["plant"], b"no picture")
        self.assertEqual(status, 400, content)
        self.assertEqual(json.loads(content)["title"], "Bad Request")

    def test_health_is_json_for_everybody_and_metrics_are_tritons(self):
        status, _, content = self.served.ask("GET", "/v2/health/ready")
        self.assertEqual((status, json.loads(content)), (200, {"live": True, "ready": True}))
        self.served.detect("line-3", self.keys["plant"])
        _, _, text = self.served.ask("GET", "/metrics", port=self.served.metrics)
        self.assertRegex(text.decode(), r'nv_inference_count\{tenant="plant",model="line-3"')

    def test_a_partition_without_a_profile_goes_by_the_size_of_the_model(self):
        large = self.served.folder / "large.onnx"
        with large.open("wb") as file:
            file.truncate(60_000_000)  # no model, but of a size
        self.served.command("model", "push", "large", str(large), "--tenant", "city")
        deployed = self.served.command("deploy", "large", "--tenant", "city", "--no-wait")
        self.served.command("undeploy", "large", "--tenant", "city")
        self.assertEqual(deployed["profile"], "cpu:2c3g")

    def test_a_version_that_fails_leaves_the_old_one_serving(self):
        broken = self.served.folder / "broken.onnx"
        broken.write_bytes(b"not a model")
        self.served.command("model", "push", "line-3", str(broken), "--tenant", "plant")
        with self.assertRaises(AssertionError):
            self.served.command("deploy", "line-3", "--tenant", "plant")
        status, _, content = self.served.detect("line-3", self.keys["plant"])
        self.assertEqual((status, json.loads(content)["version"]), (200, 1))


class ModelFiles(unittest.TestCase):
    """What is on the disk of the models that tenants pushed."""

    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory()
        cls.served = Served(cls.home.name)
        cls.file = cls.served.folder / "weights.onnx"
        cls.file.write_bytes(b"weights")

    @classmethod
    def tearDownClass(cls):
        cls.served.stop()
        cls.home.cleanup()

    def files(self):
        return [file for file in (self.served.folder / "gateway/models").rglob("*")
                if file.is_file() and "uploads" not in file.parts]

    def push(self, tenant):
        return self.served.command("model", "push", "m", str(self.file), "--tenant", tenant)

    def test_a_deleted_tenant_leaves_no_weights(self):
        self.served.command("tenant", "create", "leaving")
        before = self.files()
        self.push("leaving")
        self.assertEqual(len(self.files()), len(before) + 1)
        self.served.command("tenant", "delete", "leaving")
        self.assertEqual(self.files(), before)

    def test_a_version_has_its_file_whoever_deletes_the_same_bytes_meanwhile(self):
        self.served.command("tenant", "create", "busy")
        before = self.files()
        version = self.push("busy")["version"]
        for _ in range(20):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                pushed = pool.submit(self.push, "busy")
                self.served.command("model", "delete", "m", "--tenant", "busy",
                                    "--version", str(version))
                version = pushed.result()["version"]
            self.assertEqual(len(self.files()), len(before) + 1)


class Home(unittest.TestCase):
    def test_may_be_named_from_where_one_stands(self):
        with tempfile.TemporaryDirectory() as folder:
            served = Served(folder, cwd=folder, BULKHEAD_HOME=".")
            self.assertEqual(served.stop(), 0)


class Killed(unittest.TestCase):
    def test_what_was_received_before_kill_9_is_on_the_ledger_and_service_resumes(self):
        with tempfile.TemporaryDirectory() as folder:
            served = Served(folder)
            served.command("tenant", "create", "plant")
            key = served.command("key", "create", "--tenant", "plant")["key"]
            served.command("model", "push", "line-3", str(MODEL), "--tenant", "plant")
            served.command("deploy", "line-3", "--tenant", "plant")
            receipts = [json.loads(served.detect("line-3", key)[2])["receipt"] for _ in range(3)]
            served.process.kill()
            served.process.wait()
            until("the gateway's end", lambda: served_is_free(served))
            served.start()
            until("serving again", lambda: served.detect("line-3", key)[0] == 200)
            report = served.command("ledger", "verify")
            self.assertTrue(report["sound"], report)
            self.assertEqual(len(set(receipts)), 3)
            self.assertGreaterEqual(report["ok"]["frames"], 4)
            self.assertEqual(served.stop(), 0)


def served_is_free(served):
    """Both programs die with `bulkhead serve`; their locks are free a moment later."""
    done = subprocess.run(["pgrep", "-f", str(served.folder)], capture_output=True, check=False)
    return done.returncode == 1


if __name__ == "__main__":
    serving.run()
