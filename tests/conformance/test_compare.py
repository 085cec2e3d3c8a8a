# SPDX-License-Identifier: Apache-2.0
"""The comparer must see every kind of difference. Needs numpy only: python3 -m unittest."""

import copy
import math
import pathlib
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import compare  # noqa: E402
import geometry  # noqa: E402
import rle  # noqa: E402


def detection(kind, x, y, score, side=40.0):
    """A detection with everything a task can add."""
    mask = np.zeros((200, 300), bool)
    mask[int(y):int(y + side), int(x):int(x + side)] = True
    return {"class": kind, "name": f"class {kind}", "score": score,
            "box": {"x1": x, "y1": y, "x2": x + side, "y2": y + side},
            "mask": rle.encode(mask),
            "keypoints": [{"x": x + 1, "y": y + 2, "visibility": 0.9},
                          {"x": x + 5, "y": y + 9, "visibility": 0.4}]}


def answer():
    """Two pictures of detections, one of rotated ones, one classified."""
    rotated = [{"class": 0, "name": "class 0", "score": 0.8,
                "box": {"x1": 10.0, "y1": 10.0, "x2": 90.0, "y2": 90.0},
                "rotated": {"cx": 50.0, "cy": 50.0, "width": 80.0, "height": 30.0, "angle": 0.4}}]
    classes = [{"class": i, "name": f"class {i}", "score": s}
               for i, s in ((3, 0.5), (1, 0.3), (0, 0.1), (2, 0.06), (5, 0.03), (4, 0.01))]
    return {"images": [
        {"path": "a/one.png", "width": 300, "height": 200,
         "detections": [detection(0, 10.0, 20.0, 0.9), detection(1, 100.0, 30.0, 0.7),
                        detection(0, 200.0, 120.0, 0.2512)]},
        {"path": "a/none.png", "width": 30, "height": 20, "detections": []},
        {"path": "a/turned.png", "width": 100, "height": 100, "detections": rotated},
        {"path": "a/class.png", "width": 64, "height": 64, "detections": [], "classes": classes},
    ]}


class Comparer(unittest.TestCase):
    """Each test changes one thing in a copy."""

    def setUp(self):
        self.expected = answer()
        self.actual = copy.deepcopy(self.expected)
        self.first = self.actual["images"][0]["detections"][0]

    def outcome(self):
        return compare.compare(self.expected, self.actual)

    def assert_blamed(self, text):
        outcome = self.outcome()
        self.assertFalse(outcome.passed)
        self.assertTrue(any(text in reason for reason in outcome.reasons), outcome.reasons)

    def test_an_answer_equals_itself(self):
        outcome = self.outcome()
        self.assertEqual(outcome.reasons, [])
        self.assertEqual((outcome.pictures, outcome.detections), (4, 9))
        self.assertEqual((outcome.iou, outcome.score, outcome.mask_iou, outcome.keypoint),
                         (1.0, 0.0, 1.0, 0.0))

    def test_order_does_not_matter(self):
        self.actual["images"].reverse()
        for image in self.actual["images"]:
            image["detections"].reverse()
        self.assertTrue(self.outcome().passed)

    def test_a_box_shifted_by_two_percent_is_caught(self):
        for side in ("x1", "x2"):
            self.first["box"][side] += 0.8
        self.assert_blamed("IoU 0.96")

    def test_a_dropped_detection_is_caught(self):
        del self.actual["images"][0]["detections"][1]
        self.assert_blamed("missing: class 1")

    def test_an_extra_detection_is_caught(self):
        self.actual["images"][1]["detections"].append(detection(0, 1.0, 1.0, 0.6, 9.0))
        self.assert_blamed("unexpected: class 0")

    def test_a_detection_at_the_threshold_may_be_missing_but_is_counted(self):
        del self.actual["images"][0]["detections"][2]
        outcome = self.outcome()
        self.assertTrue(outcome.passed)
        self.assertEqual(outcome.borderline, 1)

    def test_a_swapped_class_is_caught(self):
        self.first["class"] = 1
        self.assert_blamed("missing: class 0")

    def test_a_wrong_name_is_caught(self):
        self.first["name"] = "bolt"
        self.assert_blamed("named 'bolt'")

    def test_a_score_off_by_a_hundredth_is_caught(self):
        self.first["score"] += 0.01
        self.assert_blamed("score differs by 0.0100")

    def test_a_score_that_is_no_number_is_caught(self):
        self.first["score"] = math.nan
        self.assert_blamed("score differs by nan")

    def test_a_mask_moved_by_two_columns_is_caught(self):
        self.first["mask"] = detection(0, 12.0, 20.0, 0.9)["mask"]
        self.assert_blamed("mask IoU 0.90")

    def test_a_missing_mask_is_caught(self):
        del self.first["mask"]
        self.assert_blamed("no mask")

    def test_a_mask_of_another_size_is_caught(self):
        self.first["mask"] = rle.encode(np.ones((20, 30), bool))
        self.assert_blamed("mask of (20, 30)")

    def test_runs_that_do_not_fill_the_mask_are_caught(self):
        self.first["mask"] = {"size": [200, 300], "counts": [7, 3]}
        self.assert_blamed("runs of 10 pixels")

    def test_a_keypoint_off_by_more_than_a_pixel_is_caught(self):
        self.first["keypoints"][1]["x"] += 1.5
        self.assert_blamed("keypoint off by 1.50")

    def test_a_changed_visibility_is_caught(self):
        self.first["keypoints"][1]["visibility"] += 0.1
        self.assert_blamed("visibility differs")

    def test_a_missing_keypoint_is_caught(self):
        self.first["keypoints"].pop()
        self.assert_blamed("1 keypoints instead of 2")

    def test_a_turned_box_is_caught_though_its_upright_box_is_the_same(self):
        self.actual["images"][2]["detections"][0]["rotated"]["angle"] += 0.02
        self.assert_blamed("IoU")

    def test_a_rotated_box_is_the_same_by_its_corners(self):
        turned = self.actual["images"][2]["detections"][0]["rotated"]
        turned["width"], turned["height"] = turned["height"], turned["width"]
        turned["angle"] += math.pi / 2
        self.assertTrue(self.outcome().passed)

    def test_a_missing_rotated_box_is_caught(self):
        del self.actual["images"][2]["detections"][0]["rotated"]
        self.assert_blamed("missing")

    def test_a_picture_without_an_answer_is_caught(self):
        del self.actual["images"][1]
        self.assert_blamed("none.png: no answer")

    def test_another_picture_size_is_caught(self):
        self.actual["images"][0]["width"] = 200
        self.assert_blamed("size 200x200")

    def test_swapped_best_classes_are_caught(self):
        classes = self.actual["images"][3]["classes"]
        classes[0], classes[1] = classes[1], classes[0]
        self.assert_blamed("class 1 at rank 1")

    def test_classes_of_nearly_one_score_may_swap(self):
        for answers in (self.expected, self.actual):
            answers["images"][3]["classes"][1]["score"] = 0.1005
        classes = self.actual["images"][3]["classes"]
        classes[1], classes[2] = classes[2], classes[1]
        self.assertTrue(self.outcome().passed)

    def test_a_changed_class_score_is_caught(self):
        self.actual["images"][3]["classes"][1]["score"] += 0.01
        self.assert_blamed("class 1 scores differ")

    def test_missing_class_scores_are_caught(self):
        del self.actual["images"][3]["classes"]
        self.assert_blamed("no class scores")


class Geometry(unittest.TestCase):
    """Overlaps with answers known by hand."""

    def test_half_of_a_square_overlaps_a_third(self):
        square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
        self.assertAlmostEqual(geometry.polygon_iou(square, square + [1.0, 0.0]), 1 / 3)
        self.assertAlmostEqual(geometry.polygon_iou(square, square[::-1] + [1.0, 0.0]), 1 / 3)

    def test_a_diamond_in_a_square_is_half_of_it(self):
        square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        diamond = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
        self.assertAlmostEqual(geometry.polygon_iou(square, diamond), 0.5)

    def test_boxes_clipped_to_nothing_are_equal_only_where_they_lie_together(self):
        sliver = {"x1": 0.0, "y1": 5.0, "x2": 0.001, "y2": 40.0}
        self.assertEqual(geometry.box_iou(sliver, {**sliver, "x2": 0.0}), 1.0)
        self.assertEqual(geometry.box_iou(sliver, {**sliver, "y2": 40.2}), 0.0)

    def test_apart_is_zero(self):
        square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        self.assertEqual(geometry.polygon_iou(square, square + [5.0, 0.0]), 0.0)

    def test_runs_survive_a_round_trip(self):
        for mask in (np.zeros((3, 4), bool), np.ones((3, 4), bool), np.eye(5, 3, dtype=bool)):
            self.assertTrue((rle.decode(rle.encode(mask)) == mask).all())

    def test_runs_go_down_the_columns_and_start_with_zeros(self):
        mask = np.array([[1, 0], [1, 1]], bool)
        self.assertEqual(rle.encode(mask), {"size": [2, 2], "counts": [0, 2, 1, 1]})


if __name__ == "__main__":
    unittest.main()
