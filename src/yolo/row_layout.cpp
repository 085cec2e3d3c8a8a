// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/check.h"
#include "yolo/head_rows.h"

namespace bulkhead::yolo {
namespace {

using base::Code;

// A float names every class up to here exactly.
constexpr std::size_t kClassesMax = std::size_t{1} << 24U;
// More than any exporter writes; keeps products of these counts far from overflow.
constexpr int kExtrasMax = 1 << 20;

bool IsCombined(Task task, HeadLayout head) {
  switch (head) {
    case HeadLayout::kClassScores:
      return task == Task::kClassify;
    case HeadLayout::kAnchorBased:
      return task == Task::kDetect || task == Task::kSegment;
    case HeadLayout::kAnchorFree:
    case HeadLayout::kEndToEnd:
      return task != Task::kClassify;
  }
  BH_CHECK(false);
}

base::Result<std::size_t> ExtrasOf(const ModelSpec& spec) {
  switch (spec.task) {
    case Task::kDetect:
    case Task::kClassify:
      return std::size_t{0};
    case Task::kObb:
      return std::size_t{1};
    case Task::kSegment:
      if (spec.mask_coefficients < 1 || spec.mask_coefficients > kExtrasMax) break;
      return static_cast<std::size_t>(spec.mask_coefficients);
    case Task::kPose:
      if (spec.keypoints.dims != 2 && spec.keypoints.dims != 3) break;
      if (spec.keypoints.count < 1 || spec.keypoints.count > kExtrasMax) break;
      return static_cast<std::size_t>(spec.keypoints.count) *
             static_cast<std::size_t>(spec.keypoints.dims);
  }
  return base::PublicError(Code::kInvalid,
                           "the model's keypoints or mask coefficients cannot be: " +
                               std::to_string(spec.keypoints.count) + "x" +
                               std::to_string(spec.keypoints.dims) + " keypoints, " +
                               std::to_string(spec.mask_coefficients) + " coefficients");
}

}  // namespace

base::Result<RowLayout> LayoutOf(const ModelSpec& spec) {
  if (!IsCombined(spec.task, spec.head)) {
    return base::PublicError(Code::kUnsupported,
                             "this task is not decoded from this kind of output");
  }
  if (spec.class_names.empty() || spec.class_names.size() > kClassesMax) {
    return base::PublicError(Code::kInvalid, "the model has no classes, or too many");
  }
  BH_ASSIGN(const std::size_t extras, ExtrasOf(spec));
  return RowLayout{.task = spec.task, .classes = spec.class_names.size(), .extras = extras};
}

}  // namespace bulkhead::yolo
