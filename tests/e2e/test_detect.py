"""What a user of `bulkhead detect` and `bulkhead model inspect` relies on.

Runs the program named by $BULKHEAD on the small networks of tests/data/onnx, which answer the same
two detections whatever they see, and on pictures of tests/data/image and models/line-inspection.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

import machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
NETWORKS = ROOT / "tests/data/onnx"
LINE = ROOT / "models/line-inspection"
PICTURE = LINE / "samples/part-01.jpg"


def setUpModule():
    """Nearly every test runs a model in a compartment."""
    machine.require_sandbox()


def bulkhead(*arguments):
    """Runs the program; returns its exit status, standard output and standard error."""
    done = subprocess.run([os.environ["BULKHEAD"], *map(str, arguments)], capture_output=True,
                          text=True, timeout=240, check=False)
    return done.returncode, done.stdout, done.stderr


def png(width, height):
    """A PNG that claims width x height and holds one short row."""
    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b""))


class TempFolder(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, content):
        """Writes a file into the folder and returns its path."""
        path = self.folder / name
        path.write_bytes(content)
        return path


class Privacy(TempFolder):
    """What a user's model and machine are nobody else's business for."""

    def test_the_runtime_leaves_nothing_in_the_home_or_temporary_folder(self):
        places = {"HOME": self.folder / "home", "TMPDIR": self.folder / "tmp"}
        for place in places.values():
            place.mkdir()
        for sandbox in ([], ["--no-sandbox"]):
            with self.subTest(sandbox):
                done = subprocess.run(
                    [os.environ["BULKHEAD"], "detect", NETWORKS / "two_bolts.onnx", PICTURE,
                     *sandbox], env={**os.environ, **places}, capture_output=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(sorted(self.folder.rglob("*")), sorted(places.values()))


class Compartment(TempFolder):
    """Where the model runs, and what a caller sees of that."""

    def detect(self, *options, **environment):
        """The document of one detection, and what was written to standard error."""
        done = subprocess.run([os.environ["BULKHEAD"], "detect", NETWORKS / "two_bolts.onnx",
                               PICTURE, "--json", *options], env={**os.environ, **environment},
                              capture_output=True, text=True, timeout=240, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_is_behind_every_layer_that_the_doctor_finds(self):
        out = bulkhead("doctor", "--json")[1]
        works = [layer["name"] for layer in json.loads(out)["layers"] if layer["works"]]
        status, out, err = self.detect()
        self.assertEqual((status, err), (0, ""))
        compartment = json.loads(out)["compartment"]
        self.assertTrue(compartment["sandbox"])
        self.assertEqual(sorted(compartment["layers"]), sorted(works))
        self.assertIn("syscall-filter", works)

    def test_can_be_left_only_with_a_warning(self):
        status, out, err = self.detect("--no-sandbox")
        self.assertEqual(status, 0, err)
        self.assertEqual(json.loads(out)["compartment"]["sandbox"], False)
        self.assertIn("warning: --no-sandbox", err)
        self.assertEqual(len(json.loads(out)["images"][0]["detections"]), 2)

    def test_a_missing_worker_is_named(self):
        status, _, err = self.detect(BULKHEAD_WORKER="/nowhere/bulkhead-worker")
        self.assertEqual(status, 1)
        self.assertIn("/nowhere/bulkhead-worker", err)
        self.assertEqual(err.count("\n"), 1)

    def test_a_worker_that_ends_is_reported_with_its_end(self):
        if "cgroup-memory" not in json.loads(self.detect()[1])["compartment"]["layers"]:
            self.skipTest("this machine gives no memory cgroup")
        status, _, err = self.detect("--memory", "4")
        self.assertEqual(status, 1)
        self.assertEqual(err.count("\n"), 1)
        self.assertIn("out of memory", err)

    def test_an_unknown_layer_is_wrong_usage(self):
        status, _, err = self.detect("--optional-layers", "moat")
        self.assertEqual(status, 2)
        self.assertIn("moat", err)


class Detections(TempFolder):
    """Good input."""

    def test_boxes_come_back_in_pixels_of_the_original_picture(self):
        status, out, err = bulkhead("detect", NETWORKS / "two_bolts.onnx", PICTURE, "--json")
        self.assertEqual((status, err), (0, ""))
        image = json.loads(out)["images"][0]
        self.assertEqual((image["width"], image["height"]), (1920, 1080))
        bolt, nut = image["detections"]
        self.assertEqual((bolt["name"], nut["name"]), ("bolt", "nut"))
        # 1920x1080 lies in the 64x64 input at a thirtieth, 14 pixels from the top.
        self.assertEqual((bolt["box"]["x1"], bolt["box"]["x2"]), (240, 720))
        self.assertAlmostEqual(bolt["score"], 0.9, 6)
        self.assertAlmostEqual(nut["score"], 0.8, 6)

    def test_options_change_what_is_reported(self):
        def names(*options):
            out = bulkhead("detect", NETWORKS / "two_bolts.onnx", PICTURE, "--json", *options)[1]
            return [d["name"] for d in json.loads(out)["images"][0]["detections"]]
        self.assertEqual(names("--conf", "0.85"), ["bolt"])
        self.assertEqual(names("--classes", "nut"), ["nut"])
        self.assertEqual(names("--classes", "0"), ["bolt"])
        self.assertEqual(names("--max-det", "1"), ["bolt"])

    def test_half_dynamic_and_larger_batches_give_the_same_detections(self):
        for network in ("half", "dynamic_batch", "static_batch_2"):
            with self.subTest(network):
                status, out, err = bulkhead("detect", NETWORKS / f"{network}.onnx", PICTURE,
                                            "--json")
                self.assertEqual((status, err), (0, ""))
                found = json.loads(out)["images"][0]["detections"]
                self.assertEqual([d["name"] for d in found], ["bolt", "nut"])
                self.assertAlmostEqual(found[0]["score"], 0.9, 3)

    def test_our_own_model_finds_the_defects_of_a_sample(self):
        truth = json.loads((LINE / "samples/truth.json").read_text())
        self.assertTrue(truth)
        status, out, _ = bulkhead("detect", LINE / "line-inspection.onnx", PICTURE, "--json")
        self.assertEqual(status, 0)
        found = {d["name"] for d in json.loads(out)["images"][0]["detections"]}
        self.assertLessEqual({"dent", "stain", "missing_screw", "hole", "scratch"}, found)

    def test_a_folder_is_annotated_picture_by_picture(self):
        for name in ("a.jpg", "b.jpg"):
            shutil.copy(PICTURE, self.folder / name)
        marked = self.folder / "marked"
        status, out, err = bulkhead("detect", NETWORKS / "two_bolts.onnx", self.folder,
                                    "--annotate", marked)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("2 images, 4 detections", out)
        self.assertEqual(sorted(p.name for p in marked.iterdir()), ["a.jpg", "b.jpg"])
        self.assertNotEqual((marked / "a.jpg").read_bytes(), PICTURE.read_bytes())

    def test_inspect_reads_the_card_of_our_own_model(self):
        status, out, err = bulkhead("model", "inspect", LINE / "line-inspection.onnx", "--json")
        self.assertEqual((status, err), (0, ""))
        card = json.loads(out)
        self.assertEqual(card["task"], "detect")
        self.assertAlmostEqual(card["parameters"] / 1e6, 1.32, 2)


class BadInput(TempFolder):
    """Each gets one clear line, exit status 1 and no output file."""

    def refuse(self, *arguments, saying):
        """Runs the program, expects one line with `saying`, and returns standard output."""
        status, out, err = bulkhead(*arguments)
        self.assertEqual(status, 1, err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertIn(saying, err)
        return out

    def refuse_picture(self, name, content, saying):
        """Refuses one picture of this content, and leaves no annotated file."""
        path = self.write(name, content)
        marked = self.folder / "marked"
        self.refuse("detect", NETWORKS / "two_bolts.onnx", path, "--annotate", marked,
                    saying=saying)
        self.assertFalse(marked.exists() and list(marked.iterdir()))

    def test_pictures_that_are_none(self):
        self.refuse_picture("empty.jpg", b"", "empty")
        self.refuse_picture("text.png", b"not a picture at all", "not a JPEG, PNG or WebP")

    def test_a_truncated_picture(self):
        self.refuse_picture("cut.jpg", PICTURE.read_bytes()[:60_000], "cut.jpg")

    def test_a_decompression_bomb(self):
        self.refuse_picture("bomb.png", png(60_000, 60_000), "pixels")

    def test_a_bad_picture_among_good_ones_stops_nothing(self):
        bad = self.write("bad.jpg", b"")
        out = self.refuse("detect", NETWORKS / "two_bolts.onnx", PICTURE, bad, PICTURE, "--json",
                          saying="bad.jpg")
        images = json.loads(out)["images"]
        self.assertEqual([len(i.get("detections", [])) for i in images], [2, 0, 2])
        self.assertIn("error", images[1])

    def test_a_missing_picture_and_a_folder_without_pictures(self):
        network = NETWORKS / "two_bolts.onnx"
        self.refuse("detect", network, self.folder / "none.jpg", saying="none.jpg")
        self.refuse("detect", network, self.folder, saying="no .jpg")

    def test_files_that_are_no_model(self):
        for name, content in (("empty.onnx", b""), ("noise.onnx", bytes(range(256)) * 8)):
            path = self.write(name, content)
            self.refuse("detect", path, PICTURE, saying=name)
            self.refuse("model", "inspect", path, saying=name)

    def test_a_network_that_is_no_yolo(self):
        for command in (("detect", NETWORKS / "not_yolo.onnx", PICTURE),
                        ("model", "inspect", NETWORKS / "not_yolo.onnx")):
            self.refuse(*command, saying="not_yolo.onnx")

    def test_metadata_that_contradicts_the_graph(self):
        for name, why in (("lying_names.onnx", "output0"), ("lying_task.onnx", "segment")):
            self.refuse("detect", NETWORKS / name, PICTURE, saying=why)
            self.refuse("model", "inspect", NETWORKS / name, saying=why)

    def test_missing_metadata_says_which_option_helps(self):
        self.refuse("detect", NETWORKS / "no_metadata.onnx", PICTURE, saying="--task")

    def test_nan_outputs(self):
        self.refuse("detect", NETWORKS / "nan_scores.onnx", PICTURE, saying="not a finite number")

    def test_an_absent_provider_is_never_replaced(self):
        self.refuse("detect", NETWORKS / "two_bolts.onnx", PICTURE, "--provider", "cuda",
                    saying="--no-sandbox")

    def test_a_class_that_the_model_does_not_have(self):
        self.refuse("detect", NETWORKS / "two_bolts.onnx", PICTURE, "--classes", "washer",
                    saying="washer")

    def test_a_folder_for_annotations_that_cannot_be_made(self):
        blocked = self.write("file", b"") / "inside"
        self.refuse("detect", NETWORKS / "two_bolts.onnx", PICTURE, "--annotate", blocked,
                    saying="inside")


class CommandLine(unittest.TestCase):
    """Help and usage."""

    def test_a_wrong_command_line_is_exit_status_2(self):
        for arguments in ((), ("detect",), ("detect", "m.onnx", "i.jpg", "--conf", "1.5"),
                          ("detect", "m.onnx", "i.jpg", "--nonsense"), ("nonsense",)):
            status, out, err = bulkhead(*arguments)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1), err)

    def test_help_explains_every_command(self):
        for arguments in ((), ("detect",), ("model", "inspect")):
            status, out, err = bulkhead(*arguments, "--help")
            self.assertEqual((status, err), (0, ""))
            self.assertIn("bulkhead", out)


if __name__ == "__main__":
    unittest.main()
