// SPDX-License-Identifier: Apache-2.0
#include "yolo/head_layout.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "yolo/model_metadata.h"

namespace bulkhead::yolo {
namespace {

constexpr int64_t kBoxColumns = 4;
constexpr int64_t kObjectnessColumn = 1;
constexpr int64_t kEndToEndColumns = 6;
constexpr int64_t kAnchorsPerCell = 3;

// The dimension that holds the columns of one row, and the one that counts the rows.
int64_t Columns(HeadLayout head, const std::vector<int64_t>& dims) {
  return head == HeadLayout::kAnchorFree ? dims[1] : dims[2];
}
int64_t Rows(HeadLayout head, const std::vector<int64_t>& dims) {
  return head == HeadLayout::kAnchorFree ? dims[2] : dims[1];
}

// Columns of one row besides its classes.
int64_t OtherColumns(HeadLayout head, int64_t extra) {
  if (head == HeadLayout::kEndToEnd) return kEndToEndColumns + extra;
  return kBoxColumns + extra + (head == HeadLayout::kAnchorBased ? kObjectnessColumn : 0);
}

bool Fits(HeadLayout head, const HeadQuestion& question) {
  if (head == HeadLayout::kClassScores) return false;
  if (head == HeadLayout::kAnchorBased &&
      (question.task == Task::kPose || question.task == Task::kObb)) {
    return false;
  }
  const int64_t columns = Columns(head, question.dims);
  if (columns < 0) return true;
  const int64_t others = OtherColumns(head, question.extra);
  if (head == HeadLayout::kEndToEnd) return columns == others;
  if (question.classes) return columns == others + *question.classes;
  return columns > others && columns - others <= static_cast<int64_t>(kClassesMax);
}

// Whether `rows` cells of two or more consecutive strides tile the input:
// 8400 = 80*80 + 40*40 + 20*20.
bool IsCellCount(int64_t rows, int height, int width) {
  for (int first = 2; first <= 64; first *= 2) {
    int64_t cells = 0;
    for (int stride = first; stride <= 128; stride *= 2) {
      const int64_t high = (height + stride - 1) / stride;
      const int64_t wide = (width + stride - 1) / stride;
      cells += high * wide;
      if (cells == rows && stride > first) return true;
    }
  }
  return false;
}

bool RowsFitInput(HeadLayout head, const HeadQuestion& question) {
  const int64_t rows = Rows(head, question.dims);
  if (!question.height || !question.width || rows < 0) return true;
  const int height = *question.height;
  const int width = *question.width;
  const bool anchor_based =
      rows % kAnchorsPerCell == 0 && IsCellCount(rows / kAnchorsPerCell, height, width);
  if (head == HeadLayout::kAnchorBased) return anchor_based;
  if (head == HeadLayout::kAnchorFree) return IsCellCount(rows, height, width);
  return !anchor_based;
}

bool RowsAreTheLongerAxis(HeadLayout head, const HeadQuestion& question) {
  return Rows(head, question.dims) < 0 || Rows(head, question.dims) > Columns(head, question.dims);
}

// Keeps the candidates that pass, unless none does.
template <typename Test>
void Prefer(std::vector<HeadLayout>& candidates, const HeadQuestion& question, Test test) {
  std::vector<HeadLayout> kept;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(kept),
               [&](HeadLayout head) { return test(head, question); });
  if (!kept.empty()) candidates = std::move(kept);
}

base::Error Contradiction(std::string_view claim, const HeadQuestion& question) {
  return base::PublicError(base::Code::kInvalid, std::string(claim) + " but output0 is " +
                                                     base::FormatDims(question.dims));
}

base::Error FitsNothing(const HeadQuestion& question) {
  std::string text = "output0 is " + base::FormatDims(question.dims) + ", which no " +
                     std::string(TaskName(question.task)) + " layout has";
  if (question.classes) {
    const std::string classes = std::to_string(*question.classes);
    text += " with " + classes + (*question.classes == 1 ? " class" : " classes");
  }
  return base::PublicError(base::Code::kInvalid, std::move(text));
}

base::Result<HeadLayout> DecideByShape(const HeadQuestion& question) {
  using enum HeadLayout;
  const auto order = question.exporter_names_task
                         ? std::array{kAnchorFree, kEndToEnd, kAnchorBased}
                         : std::array{kAnchorBased, kAnchorFree, kEndToEnd};
  std::vector<HeadLayout> candidates;
  std::copy_if(order.begin(), order.end(), std::back_inserter(candidates),
               [&](HeadLayout head) { return Fits(head, question); });
  if (candidates.empty()) return FitsNothing(question);
  Prefer(candidates, question, RowsFitInput);
  Prefer(candidates, question, RowsAreTheLongerAxis);
  return candidates.front();
}

}  // namespace

base::Result<HeadLayout> DecideHeadLayout(const HeadQuestion& question) {
  BH_CHECK(question.dims.size() == 3);
  if (question.override_with) {
    if (Fits(*question.override_with, question)) return *question.override_with;
    return Contradiction(
        "the head was given as " + std::string(HeadLayoutName(*question.override_with)), question);
  }
  const bool end_to_end_fits = Fits(HeadLayout::kEndToEnd, question);
  if (question.nms || question.end_to_end.value_or(false)) {
    if (end_to_end_fits) return HeadLayout::kEndToEnd;
    return Contradiction(question.nms ? "metadata says nms True" : "metadata says end2end True",
                         question);
  }
  if (question.end_to_end.has_value()) {
    if (Fits(HeadLayout::kAnchorFree, question)) return HeadLayout::kAnchorFree;
    if (end_to_end_fits) return Contradiction("metadata says end2end False", question);
    return FitsNothing(question);
  }
  if (question.yolov10 && end_to_end_fits) return HeadLayout::kEndToEnd;
  return DecideByShape(question);
}

std::optional<int64_t> ClassesInShape(HeadLayout head, const std::vector<int64_t>& dims,
                                      int64_t extra) {
  if (head == HeadLayout::kEndToEnd) return std::nullopt;
  if (head == HeadLayout::kClassScores) {
    return dims[1] > 0 ? std::optional(dims[1]) : std::nullopt;
  }
  const int64_t columns = Columns(head, dims);
  if (columns < 0) return std::nullopt;
  return columns - OtherColumns(head, extra);
}

}  // namespace bulkhead::yolo
