"""`bulkhead serve --sim`: placed on GPUs that do not exist, run on cores, and said so.

    python3 tests/process/test_simulated_gpus.py BIN-FOLDER
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

import served as serving
from served import MODEL, PATIENCE_S, Place, Served, until


class SimulatedGpus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.served = Served(folder.name, ["--sim", "a100x1"])
        self.addCleanup(self.end)
        self.served.command("tenant", "create", "plant")
        self.served.command("model", "push", "line-3", str(MODEL), "--tenant", "plant")

    def end(self):
        if self.served.process.poll() is None:
            self.assertEqual(self.served.stop(), 0)

    def say(self, *words):
        """What a command says to people: its exit status and all of its output."""
        done = subprocess.run([Place.bin / "bulkhead", *words], env=self.served.environment,
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return done.returncode, done.stdout + done.stderr

    def deploy(self, profile):
        return self.say("deploy", "line-3", "--tenant", "plant", "--profile", profile)

    def workers(self):
        return self.served.command("ps")["workers"]

    def test_a_worker_on_a_simulated_gpu_detects_and_everything_says_simulated(self):
        status, text = self.deploy("3g.20gb")
        self.assertEqual(status, 0, text)
        self.assertIn("3g.20gb (simulated, runs on cores): READY", text)
        key = self.served.new_key("plant")
        status, _, content = self.served.detect("line-3", key)
        self.assertEqual(status, 200, content)
        self.assertTrue(json.loads(content))
        worker = self.workers()[0]
        self.assertEqual((worker["profile"], worker["simulated"], worker["tier"]),
                         ("3g.20gb", True, "cpu"))
        self.assertIn(worker["start"], (0, 4))
        self.assertTrue(worker["cores"].startswith("cpu:"))
        self.assertRegex(self.say("ps")[1], r"3g\.20gb at [04] \(simulated\) +cpu")
        log = self.served.log.read_text()
        self.assertIn("simulated GPUs: A100-40GB", log)
        self.assertIn("its GPUs are simulated, and workers run on cores alone", log)

    def test_undeploying_frees_the_gpu_and_a_killed_serve_leaves_nothing_of_it(self):
        self.assertEqual(self.deploy("7g.40gb")[0], 0)
        self.served.command("undeploy", "line-3", "--tenant", "plant")
        until("it is gone", lambda: not self.workers())
        self.assertEqual(self.deploy("7g.40gb")[0], 0)
        self.served.process.kill()
        self.served.process.wait(PATIENCE_S)
        self.served.start()
        until("it serves again", lambda: [worker for worker in self.workers()
                                          if worker["phase"] == "ready"])

    def instances(self):
        """By start: profile, and who has it."""
        listed = self.served.command("gpu", "list")
        self.assertTrue(all(gpu["simulated"] for gpu in listed))
        return {one["start"]: (one["profile"], one["owner"]) for gpu in listed
                for one in gpu["instances"]}

    def test_who_has_what_is_listed_and_the_rest_is_cut_beside_it(self):
        self.assertEqual(self.deploy("3g.20gb")[0], 0)
        worker = {"kind": "held", "name": "plant/line-3"}
        (start, held), = self.instances().items()
        self.assertEqual(held, ("3g.20gb", worker))
        self.assertIn("plant/line-3", self.say("gpu", "list")[1])
        status, text = self.say("gpu", "apply", "--want", "1g.5gb", "--want", "2g.10gb", "--yes")
        self.assertEqual(status, 0, text)
        self.assertIn("simulated", text)
        self.assertEqual(sorted(owner["kind"] for _, owner in self.instances().values()),
                         ["held", "idle", "idle"])
        config = pathlib.Path(self.served.folder) / "config.yaml"
        config.write_text("version: v1\nmig-configs:\n  one:\n  - devices: all\n"
                          "    mig-enabled: true\n    mig-devices: {\"7g.40gb\": 1}\n")
        status, text = self.say("gpu", "apply", str(config), "--yes")
        self.assertEqual(status, 1)
        self.assertIn("(plant/line-3) is not in the configuration and stays", text)
        self.assertEqual(self.instances()[start], held)
        # A deployment takes what was made for its profile.
        made, = [at for at, (profile, _) in self.instances().items() if profile == "2g.10gb"]
        self.assertEqual(self.deploy("2g.10gb")[0], 0)
        self.assertEqual(self.instances()[made][1], worker)

    def test_two_tenants_share_a_gpu_and_a_full_one_refuses_with_what_is_missing(self):
        self.served.command("tenant", "create", "city")
        self.served.command("model", "push", "street", str(MODEL), "--tenant", "city")
        self.assertEqual(self.deploy("4g.20gb")[0], 0)
        status, text = self.say("deploy", "street", "--tenant", "city", "--profile", "4g.20gb")
        self.assertEqual(status, 1)
        self.assertIn("no room for 4g.20gb: A100-40GB: ", text)
        status, text = self.say("deploy", "street", "--tenant", "city", "--profile", "3g.20gb")
        self.assertEqual(status, 0, text)
        starts = {worker["profile"]: worker["start"] for worker in self.workers()
                  if worker["phase"] == "ready"}
        self.assertEqual(starts, {"4g.20gb": 0, "3g.20gb": 4})
        for tenant, model in (("plant", "line-3"), ("city", "street")):
            answer, _, content = self.served.detect(model, self.served.new_key(tenant))
            self.assertEqual(answer, 200, content)

    def test_a_tenant_of_hardware_gets_no_simulated_gpu(self):
        self.served.command("tenant", "create", "city", "--tiers", "hard")
        self.served.command("model", "push", "street", str(MODEL), "--tenant", "city")
        status, text = self.say("deploy", "street", "--tenant", "city", "--profile", "1g.5gb")
        self.assertEqual(status, 1)
        self.assertIn("does not allow the tier cpu", text)


if __name__ == "__main__":
    serving.run()
