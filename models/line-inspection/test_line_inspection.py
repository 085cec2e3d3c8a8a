"""Fast checks of the renderer, the geometry, the metrics and the delivered files."""

import ast
import json
import sys
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from detect import decode, suppress  # noqa: E402
from letterbox import boxes_to_picture, letterbox, letterbox_geometry, to_tensor  # noqa: E402
from metadata import metadata  # noqa: E402
from metrics import Tally, average_precision, match, pairwise_iou  # noqa: E402
from render import CLASS_NAMES, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, render_frame  # noqa: E402

SEEDS = (1, 11, 16)


class TheRenderer(unittest.TestCase):
    """render_frame, on three seeds that together show all five classes."""

    @classmethod
    def setUpClass(cls):
        cls.frames = {seed: render_frame(seed) for seed in SEEDS}

    def test_draws_the_same_frame_for_the_same_seed(self):
        again = render_frame(SEEDS[0])
        self.assertTrue(np.array_equal(again.image, self.frames[SEEDS[0]].image))
        self.assertTrue(np.array_equal(again.boxes_px, self.frames[SEEDS[0]].boxes_px))
        self.assertTrue(np.array_equal(again.class_ids, self.frames[SEEDS[0]].class_ids))

    def test_draws_another_frame_for_another_seed(self):
        first, second = (self.frames[seed].image for seed in SEEDS[:2])
        self.assertGreater(np.abs(first.astype(int) - second).mean(), 5)

    def test_draws_full_hd_rgb_frames(self):
        for frame in self.frames.values():
            self.assertEqual(frame.image.shape, (FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 3))
            self.assertEqual(frame.image.dtype, np.uint8)

    def test_knows_all_five_classes_in_these_seeds(self):
        seen = {int(i) for frame in self.frames.values() for i in frame.class_ids}
        self.assertEqual(seen, set(range(len(CLASS_NAMES))))

    def test_keeps_every_box_inside_the_frame_and_not_empty(self):
        for frame in self.frames.values():
            self.assertEqual(len(frame.boxes_px), len(frame.class_ids))
            self.assertTrue((frame.boxes_px >= 0).all())
            self.assertTrue((frame.boxes_px[:, [0, 2]] <= FRAME_WIDTH_PX).all())
            self.assertTrue((frame.boxes_px[:, [1, 3]] <= FRAME_HEIGHT_PX).all())
            self.assertTrue((frame.boxes_px[:, 2:] - frame.boxes_px[:, :2] >= 20).all())

    def test_plans_no_defect_for_a_clean_part(self):
        frame = render_frame(SEEDS[1], clean=True)
        self.assertEqual(frame.boxes_px.shape, (0, 4))
        self.assertEqual(frame.class_ids.shape, (0,))


class TheBoxes(unittest.TestCase):
    """Truth against the pixels: the same part with and without its defects."""

    @classmethod
    def setUpClass(cls):
        cls.cases = []
        for seed in SEEDS:
            marred = render_frame(seed, with_noise=False)
            sound = render_frame(seed, with_noise=False, with_defects=False)
            changed = np.abs(marred.image.astype(np.int16) - sound.image).max(axis=2) > 2
            cls.cases.append((marred, changed))

    def test_contain_every_changed_pixel(self):
        for frame, changed in self.cases:
            outside = changed.copy()
            for x0, y0, x1, y1 in frame.boxes_px:
                # The slope filter of the lighting reaches one pixel further.
                rows = slice(max(0, int(y0) - 2), int(np.ceil(y1)) + 2)
                outside[rows, max(0, int(x0) - 2) : int(np.ceil(x1)) + 2] = False
            self.assertEqual(int(outside.sum()), 0)

    def test_each_hold_a_visible_change(self):
        for frame, changed in self.cases:
            for box, class_id in zip(frame.boxes_px, frame.class_ids):
                x0, y0, x1, y1 = (int(v) for v in box)
                share = changed[y0:y1, x0:x1].mean()
                self.assertGreater(share, 0.01, f"{CLASS_NAMES[class_id]} at {box}")

    def test_fit_tightly_around_the_change(self):
        for frame, changed in self.cases:
            for box, class_id in zip(frame.boxes_px, frame.class_ids):
                if CLASS_NAMES[class_id] not in ("hole", "stain", "scratch"):
                    continue
                x0, y0, x1, y1 = (int(v) for v in box)
                inside = changed[y0:y1, x0:x1]
                columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
                spare = max(columns[0], rows[0], x1 - x0 - columns[-1], y1 - y0 - rows[-1])
                self.assertLess(spare, 12, f"{CLASS_NAMES[class_id]} at {box}")


class TheLetterbox(unittest.TestCase):
    """Fitting pictures into the 640 px square and mapping boxes back."""

    def test_centres_a_full_hd_picture_between_two_grey_bars(self):
        self.assertEqual(letterbox_geometry(1920, 1080), (1 / 3, 640, 360, 0, 140))
        square = letterbox(np.full((1080, 1920, 3), 200, np.uint8))
        self.assertEqual(square.shape, (640, 640, 3))
        self.assertTrue((square[:140] == 114).all() and (square[500:] == 114).all())
        self.assertTrue((square[140:500] == 200).all())

    def test_puts_the_smaller_half_of_odd_padding_first(self):
        self.assertEqual(letterbox_geometry(640, 361)[3:], (0, 139))

    def test_maps_boxes_back_to_the_picture(self):
        box = np.float32([[100, 200, 300, 440]])
        square = box / 3 + np.float32([0, 140, 0, 140])
        np.testing.assert_allclose(boxes_to_picture(square, 1920, 1080), box, atol=0.01)

    def test_clips_boxes_to_the_picture(self):
        clipped = boxes_to_picture(np.float32([[-5, 100, 700, 600]]), 1920, 1080)
        np.testing.assert_allclose(clipped, [[0, 0, 1920, 1080]])

    def test_gives_the_network_planar_values_from_zero_to_one(self):
        square = np.zeros((640, 640, 3), np.uint8)
        square[3, 5] = (255, 51, 0)
        tensor = to_tensor(square)
        self.assertEqual((tensor.shape, tensor.dtype), ((1, 3, 640, 640), np.float32))
        np.testing.assert_allclose(tensor[0, :, 3, 5], [1.0, 0.2, 0.0], atol=1e-6)


class Detection(unittest.TestCase):
    """Decoding the output rows and suppressing doubles."""

    def test_reads_centre_and_size_rows_and_the_class_of_the_score(self):
        output = np.zeros((1, 9, 4), np.float32)
        output[0, :4, 2] = (100, 80, 40, 20)
        output[0, 4 + 3, 2] = 0.9
        boxes, scores, ids = decode(output, 0.25, 0.7)
        np.testing.assert_allclose(boxes, [[80, 70, 120, 90]])
        np.testing.assert_allclose(scores, [0.9])
        self.assertEqual(ids.tolist(), [3])

    def test_drops_a_double_of_one_class_but_keeps_another_class(self):
        boxes = np.float32([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 10], [50, 50, 60, 60]])
        scores, ids = np.float32([0.6, 0.9, 0.5, 0.3]), np.array([1, 1, 2, 1])
        self.assertEqual(suppress(boxes, scores, ids, 0.7).tolist(), [1, 2, 3])


class AveragePrecision(unittest.TestCase):
    """The figures of the model card rest on these."""

    def test_measures_overlap_as_shared_area_over_joint_area(self):
        iou = pairwise_iou(np.float32([[0, 0, 10, 10]]), np.float32([[5, 0, 15, 10]]))
        self.assertAlmostEqual(float(iou[0, 0]), 50 / 150, places=6)

    def test_gives_one_for_perfect_detections_and_nothing_for_none(self):
        self.assertAlmostEqual(average_precision(np.array([0.9, 0.8]), np.ones(2, bool), 2), 1.0)
        self.assertEqual(average_precision(np.zeros(0), np.zeros(0, bool), 2), 0.0)

    def test_counts_the_51_recall_points_that_half_of_the_truths_reach(self):
        half = average_precision(np.array([0.9]), np.array([True]), 2)
        self.assertAlmostEqual(half, 51 / 101)

    def test_lowers_precision_for_a_false_alarm_ahead_of_the_hit(self):
        late = average_precision(np.array([0.9, 0.8]), np.array([False, True]), 1)
        self.assertAlmostEqual(late, 0.5)

    def test_lets_each_true_box_be_found_once(self):
        boxes = np.float32([[0, 0, 10, 10], [0, 0, 10, 10]])
        self.assertEqual(match(boxes, boxes[:1])[0].tolist(), [True, False])

    def test_fails_a_loose_box_only_at_the_strict_levels(self):
        tally = Tally(1)
        ids = np.array([0])
        loose, true = np.float32([[0, 0, 10, 8]]), np.float32([[0, 0, 10, 10]])
        tally.add(loose, np.array([0.9]), ids, true, ids)
        table = tally.precision()[0]
        self.assertTrue((table[:6] == 1.0).all() and (table[7:] == 0.0).all())


class TheMetadata(unittest.TestCase):
    """What the file says about itself, in the form that servers parse."""

    def test_is_text_throughout_and_reads_back_as_python_values(self):
        props = metadata("2026-01-31")
        self.assertTrue(all(isinstance(value, str) for value in props.values()))
        self.assertEqual(ast.literal_eval(props["names"]), dict(enumerate(CLASS_NAMES)))
        self.assertEqual(ast.literal_eval(props["imgsz"]), [640, 640])
        self.assertEqual(ast.literal_eval(props["args"])["nms"], False)
        self.assertEqual((props["stride"], props["batch"], props["channels"]), ("32", "1", "3"))
        self.assertEqual((props["task"], props["end2end"]), ("detect", "False"))

    def test_is_in_the_delivered_file_which_stays_below_six_megabytes(self):
        content = (HERE / "line-inspection.onnx").read_bytes()
        self.assertLessEqual(len(content), 6_000_000)
        for key, value in metadata("").items():
            if key != "date":
                self.assertIn(key.encode(), content)
                self.assertIn(value.encode(), content)


class TheSamples(unittest.TestCase):
    """The pictures that a first run shows."""

    @classmethod
    def setUpClass(cls):
        cls.truth = json.loads((HERE / "samples" / "truth.json").read_text())

    def test_are_twelve_full_hd_pictures_below_four_megabytes(self):
        files = sorted((HERE / "samples").glob("*.jpg"))
        self.assertEqual([f.name for f in files], [p["file"] for p in self.truth["pictures"]])
        self.assertEqual(len(files), 12)
        self.assertLess(sum(f.stat().st_size for f in files), 4_000_000)
        for file in files:
            with Image.open(file) as picture:
                self.assertEqual(picture.size, (FRAME_WIDTH_PX, FRAME_HEIGHT_PX))

    def test_show_every_class_and_one_part_without_defects(self):
        classes = {d["class"] for p in self.truth["pictures"] for d in p["defects"]}
        self.assertEqual(classes, set(CLASS_NAMES))
        self.assertEqual(sum(not p["defects"] for p in self.truth["pictures"]), 1)

    def test_still_come_out_of_the_renderer(self):
        entry = self.truth["pictures"][0]
        frame = render_frame(entry["seed"])
        boxes = np.array([d["box_px"] for d in entry["defects"]])
        np.testing.assert_allclose(frame.boxes_px, boxes, atol=0.1)
        with Image.open(HERE / "samples" / entry["file"]) as picture:
            difference = np.abs(np.asarray(picture, np.int16) - frame.image)
        self.assertLess(float(difference.mean()), 4.0)


if __name__ == "__main__":
    unittest.main()
