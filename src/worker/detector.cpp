// SPDX-License-Identifier: Apache-2.0
#include "worker/detector.h"

#include <optional>
#include <utility>

#include "worker/timed_rows.h"
#include "yolo/heads.h"

namespace bulkhead::worker {
namespace {

// Measures consecutive steps.
class Stopwatch {
 public:
  // Time since the last call, or since construction.
  std::chrono::nanoseconds Lap() {
    const auto now = std::chrono::steady_clock::now();
    return now - std::exchange(last_, now);
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

base::Result<Detector> Detector::Open(std::unique_ptr<engine::Engine> engine,
                                      const DetectorOptions& options) {
  BH_ASSIGN(yolo::ModelSpec spec, yolo::ReadModelSpec(engine->Describe(), options.overrides));
  return Detector(std::move(engine), std::move(spec), options.limits);
}

Detector::Detector(std::unique_ptr<engine::Engine> engine, yolo::ModelSpec spec,
                   image::DecodeLimits limits)
    : engine_(std::move(engine)), spec_(std::move(spec)), limits_(limits) {}

base::Result<yolo::ImageResult> Detector::Detect(std::span<const std::byte> encoded,
                                                 const yolo::DetectOptions& options) {
  const BatchPicture picture{encoded, &options};
  std::optional<BatchOutcome> told;
  DetectBatch({&picture, 1},
              [&told](std::size_t, BatchOutcome outcome) { told.emplace(std::move(outcome)); });
  times_ = told->times;
  return std::move(told->result);
}

void Detector::DetectBatch(std::span<const BatchPicture> pictures, const OnOutcome& on_outcome) {
  for (std::size_t index = 0; index < pictures.size(); ++index) {
    base::Status placed = Place(index, pictures, on_outcome);
    if (!placed.ok()) on_outcome(index, {std::move(placed).error(), {}, 1});
    if (placed_.size() == tensor_.capacity()) RunPlaced(pictures, on_outcome);
  }
  RunPlaced(pictures, on_outcome);
}

// Decodes the picture into the next place of the tensor; runs what is there before when it has
// another size.
base::Status Detector::Place(std::size_t index, std::span<const BatchPicture> pictures,
                             const OnOutcome& on_outcome) {
  Stopwatch watch;
  StepTimes times;
  BH_ASSIGN(const std::unique_ptr<image::Rows> picture,
            image::OpenRows(pictures[index].encoded, limits_, picture_));
  times.decode = watch.Lap();
  TimedRows rows(*picture);
  const yolo::Letterbox letterbox = yolo::PlanLetterbox(rows.width(), rows.height(), spec_);
  if (!placed_.empty() && !tensor_.Fits(letterbox)) {
    RunPlaced(pictures, on_outcome);
    watch.Lap();
  }
  if (placed_.empty()) BH_TRY(tensor_.Reshape(spec_, letterbox, pictures.size() - index));
  BH_TRY(tensor_.Fill(placed_.size(), rows, letterbox, spec_));
  times.decode += rows.time();
  times.letterbox = watch.Lap() - rows.time();
  placed_.push_back({index, letterbox, rows.width(), rows.height(), times});
  return base::Ok();
}

void Detector::RunPlaced(std::span<const BatchPicture> pictures, const OnOutcome& on_outcome) {
  if (placed_.empty()) return;
  const int batch = static_cast<int>(placed_.size());
  Stopwatch watch;
  const auto outputs = engine_->Run(tensor_.View(placed_.size()));
  const std::chrono::nanoseconds infer = watch.Lap();
  for (std::size_t place = 0; place < placed_.size(); ++place) {
    Placed& placed = placed_[place];
    placed.times.infer = infer;
    if (!outputs.ok()) {
      on_outcome(placed.index, {outputs.error(), placed.times, batch});
      continue;
    }
    watch.Lap();
    auto result = yolo::DecodeOutputs(spec_, outputs.value(), place, placed.letterbox, placed.width,
                                      placed.height, *pictures[placed.index].options);
    placed.times.heads = watch.Lap();
    on_outcome(placed.index, {std::move(result), placed.times, batch});
  }
  placed_.clear();
}

}  // namespace bulkhead::worker
