// SPDX-License-Identifier: Apache-2.0
#include "worker/detector.h"

#include <array>
#include <utility>

#include "base/checked_math.h"
#include "worker/timed_rows.h"
#include "yolo/heads.h"

namespace bulkhead::worker {
namespace {

// Metadata may name any input size, and the tensor is allocated from it: 1 GiB holds 64 pictures at
// 1024 x 1024 or one at 9400 x 9400, and keeps a lie in a file from taking the machine's memory.
constexpr std::size_t kTensorBytesMax = std::size_t{1} << 30;

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

// The bytes of a vector as elements. operator new aligns for any fundamental type.
template <typename T>
std::span<T> Elements(std::vector<std::byte>& bytes, std::size_t count) {
  return {reinterpret_cast<T*>(bytes.data()), count};
}

}  // namespace

base::Result<Detector> Detector::Open(std::unique_ptr<engine::Engine> engine,
                                      const DetectorOptions& options) {
  BH_ASSIGN(yolo::ModelSpec spec, yolo::ReadModelSpec(engine->Describe(), options.overrides));
  return Detector(std::move(engine), std::move(spec), options.limits);
}

Detector::Detector(std::unique_ptr<engine::Engine> engine, yolo::ModelSpec spec,
                   image::DecodeLimits limits)
    : engine_(std::move(engine)), spec_(std::move(spec)), limits_(limits) {}

base::Result<base::TensorView> Detector::FillTensor(image::Rows& picture,
                                                    const yolo::Letterbox& letterbox) {
  // A static batch larger than one is filled with the picture first and zeros after it.
  const std::array<int64_t, 4> dims{spec_.input.batch.value_or(1), 3, letterbox.input_height,
                                    letterbox.input_width};
  const bool half = spec_.input.type == base::ElementType::kFloat16;
  const auto count = base::ElementCount(dims);
  const auto bytes = count ? base::CheckedMul(*count, half ? sizeof(uint16_t) : sizeof(float))
                           : std::optional<std::size_t>();
  if (!count || !bytes || *bytes > kTensorBytesMax) {
    return base::PublicError(base::Code::kExhausted,
                             "the model's input of " + base::FormatDims(dims) +
                                 " is over the limit of 1 GiB; give a smaller --imgsz");
  }
  tensor_.resize(*bytes);
  const std::size_t picture_elements = *count / static_cast<std::size_t>(dims[0]);
  if (half) {
    BH_TRY(yolo::FillInputHalf(picture, letterbox, spec_,
                               Elements<uint16_t>(tensor_, picture_elements)));
  } else {
    BH_TRY(yolo::FillInput(picture, letterbox, spec_, Elements<float>(tensor_, picture_elements)));
  }
  return base::TensorView{spec_.input.type, {dims.begin(), dims.end()}, tensor_};
}

base::Result<yolo::ImageResult> Detector::Detect(std::span<const std::byte> encoded,
                                                 const yolo::DetectOptions& options) {
  Stopwatch watch;
  BH_ASSIGN(const std::unique_ptr<image::Rows> picture,
            image::OpenRows(encoded, limits_, picture_));
  times_.decode = watch.Lap();
  TimedRows rows(*picture);
  const yolo::Letterbox letterbox = yolo::PlanLetterbox(rows.width(), rows.height(), spec_);
  BH_ASSIGN(const base::TensorView input, FillTensor(rows, letterbox));
  times_.decode += rows.time();
  times_.letterbox = watch.Lap() - rows.time();
  BH_ASSIGN(const std::span<const base::TensorView> outputs, engine_->Run(input));
  times_.infer = watch.Lap();
  BH_ASSIGN(yolo::ImageResult result, yolo::DecodeOutputs(spec_, outputs, 0, letterbox,
                                                          rows.width(), rows.height(), options));
  times_.heads = watch.Lap();
  return result;
}

}  // namespace bulkhead::worker
