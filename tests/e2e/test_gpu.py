"""What a user of `bulkhead gpu` relies on.

Runs the program named by $BULKHEAD on simulated GPUs, and on the published configurations of
mig-parted in tests/data/mig_parted.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "tests/data/mig_parted/config-default.yaml"
INVENTORY = ROOT / "tests/fuzz/corpus/gpu_inventory/a100"
CONFIG = """version: v1
mig-configs:
  one:
  - devices: [0]
    mig-enabled: true
    mig-devices: {{{counts}}}
"""
MODEL = ROOT / "models/line-inspection/line-inspection.onnx"


def gpu(*arguments):
    """Runs the program; returns its exit status, standard output and standard error."""
    done = subprocess.run([os.environ["BULKHEAD"], "gpu", *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


class List(unittest.TestCase):
    def test_says_simulated_wherever_a_gpu_is(self):
        status, out, _ = gpu("list", "--sim", "a100x2,t4")
        self.assertEqual(status, 0)
        titles = [line for line in out.splitlines() if line.startswith("GPU")]
        self.assertEqual(len(titles), 3)
        for title in titles:
            self.assertTrue(title.endswith("simulated"), title)

    def test_gives_the_same_as_json_and_svg(self):
        with tempfile.TemporaryDirectory() as folder:
            svg = pathlib.Path(folder) / "gpus.svg"
            status, out, _ = gpu("list", "--sim", "h100", "--json", "--svg", svg)
            self.assertEqual(status, 0)
            one, = json.loads(out)
            self.assertTrue(one["simulated"])
            self.assertEqual(one["free_starts"]["3g.40gb"], [0, 4])
            self.assertIn("simulated", svg.read_text())

    def test_of_a_machine_without_a_gpu_fails_and_says_what_to_do(self):
        if pathlib.Path("/proc/driver/nvidia").exists():
            self.skipTest("this machine has an NVIDIA driver")
        status, out, error = gpu("list")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(len(error.splitlines()), 1)
        self.assertIn("--sim", error)

    def test_refuses_gpus_that_nobody_knows(self):
        status, out, error = gpu("list", "--sim", "voodoo2x2")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("a100", error)


class Plan(unittest.TestCase):
    def test_places_what_there_is_room_for(self):
        status, out, _ = gpu("plan", "--sim", "a100", "--want", "3g.20gb", "--want", "1g.5gb:3",
                             "--json")
        self.assertEqual(status, 0)
        added = json.loads(out)["added"]
        self.assertEqual(sorted(one["profile"] for one in added),
                         ["1g.5gb", "1g.5gb", "1g.5gb", "3g.20gb"])

    def test_sizes_a_model_for_each_gpu(self):
        status, out, _ = gpu("plan", "--sim", "a100,t4", "--want", f"{MODEL}:2", "--json")
        self.assertEqual(status, 0)
        for one in json.loads(out)["added"]:
            self.assertEqual(one["profile"], "1g.5gb" if one["gpu"] == 0 else "gpu")

    def test_fails_when_something_finds_no_room_and_shows_the_rest(self):
        status, out, _ = gpu("plan", "--sim", "a30", "--want", "2g.12gb:3")
        self.assertEqual(status, 1)
        self.assertEqual(sum(line.startswith("+ ") for line in out.splitlines()), 2)
        self.assertEqual(sum(line.startswith("! 2g.12gb: ") for line in out.splitlines()), 1)

    def test_wants_to_know_what(self):
        self.assertEqual(gpu("plan", "--sim", "a30")[0], 2)
        self.assertEqual(gpu("plan", "--sim", "a30", "--want", "2g.12gb:many")[0], 2)
        self.assertEqual(gpu("plan", "--sim", "a30", "--want", "absent.onnx")[0], 1)


class Apply(unittest.TestCase):
    """On the simulated GPUs of a file, which keeps what is changed."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "gpus.json"
        captured = json.loads(INVENTORY.read_text())
        captured["gpus"][0]["instances"] = [{"id": 5, "profile_id": 14, "start": 4, "compute": [
            {"id": 0, "slices": 2, "uuid": "MIG-of-others"}]}]
        self.file.write_text(json.dumps(captured))

    def there(self):
        status, out, _ = gpu("list", "--sim", f"file={self.file}", "--json")
        self.assertEqual(status, 0)
        return [(one["profile"], one["start"], one["owner"]["kind"])
                for listed in json.loads(out) for one in listed["instances"]]

    def apply(self, *arguments):
        return gpu("apply", "--sim", f"file={self.file}", *arguments)

    def test_is_shown_first_and_then_done_and_stays_ours(self):
        foreign = self.there()
        status, out, _ = self.apply("--want", "1g.5gb:2")
        self.assertEqual(status, 0)
        self.assertIn("--yes makes these 2 changes", out)
        self.assertEqual(self.there(), foreign)
        status, out, _ = self.apply("--want", "1g.5gb:2", "--yes")
        self.assertEqual(status, 0)
        self.assertIn("2 of 2 changes are made", out)
        self.assertEqual(sorted(kind for _, _, kind in self.there()),
                         sorted(["idle", "idle"] + [kind for _, _, kind in foreign]))

    def test_gives_up_what_is_ours_and_never_what_others_made(self):
        foreign = self.there()
        self.assertEqual([kind for _, _, kind in foreign], ["foreign"])
        self.assertEqual(self.apply("--want", "1g.5gb", "--yes")[0], 0)
        config = self.folder / "config.yaml"
        config.write_text(CONFIG.format(counts='"2g.10gb": 1'))
        status, out, _ = self.apply(config, "--yes")
        self.assertEqual(status, 0, out)
        self.assertEqual(self.there(), foreign)
        config.write_text(CONFIG.format(counts='"3g.20gb": 2'))
        status, out, _ = self.apply(config, "--yes")
        self.assertEqual(status, 1)
        self.assertIn("(foreign) is not in the configuration and stays", out)
        self.assertEqual(self.there(), foreign)

    def test_a_plan_is_applied_as_it_was_written(self):
        status, out, _ = gpu("plan", "--sim", f"file={self.file}", "--want", "3g.20gb", "--json")
        self.assertEqual(status, 0)
        plan = self.folder / "plan.json"
        plan.write_text(out)
        added, = json.loads(out)["added"]
        self.assertEqual(self.apply(plan, "--yes")[0], 0)
        self.assertIn((added["profile"], added["start"], "idle"), self.there())
        # Its place is taken now.
        status, out, _ = self.apply(plan, "--yes")
        self.assertEqual(status, 1)
        self.assertIn("does not fit beside", out)

    def test_wants_to_know_what(self):
        self.assertEqual(self.apply()[0], 2)
        self.assertEqual(self.apply("--want", "9g.1gb")[0], 1)


class MigParted(unittest.TestCase):
    def test_a_published_configuration_gets_places(self):
        status, out, _ = gpu("import", PUBLISHED, "--config", "all-balanced", "--sim", "a100")
        self.assertEqual(status, 0)
        added = sorted(line for line in out.splitlines() if line.startswith("+ "))
        self.assertEqual(len(added), 4)
        self.assertIn("+ 3g.20gb at 4", added)

    def test_one_that_does_not_fit_is_refused_in_one_line(self):
        status, out, error = gpu("import", PUBLISHED, "--config", "all-1g.10gb", "--sim", "t4")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(len(error.splitlines()), 1)

    def test_what_is_exported_can_be_imported(self):
        status, out, _ = gpu("export", "--sim", "a100x2", "--name", "now")
        self.assertEqual(status, 0)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "now.yaml"
            path.write_text(out)
            status, out, _ = gpu("import", path, "--sim", "a100x2", "--json")
        self.assertEqual(status, 0)
        self.assertEqual([one["added"] for one in json.loads(out)["gpus"]], [[], []])


if __name__ == "__main__":
    unittest.main()
