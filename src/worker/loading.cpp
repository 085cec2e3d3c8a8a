// SPDX-License-Identifier: Apache-2.0
#include "worker/loading.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret_bytes.h"
#include "channel/limits.h"
#include "channel/setup.h"
#include "image/encode.h"
#include "image/image.h"
#include "worker/detector.h"
#include "worker/socket_io.h"

namespace bulkhead::worker {
namespace {

// Where protobuf ends.
constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;

base::Result<channel::Setup> ReadSetup(const base::UniqueFd& fd) {
  BH_ASSIGN(const std::vector<std::byte> bytes, ReadToEnd(fd.get(), channel::kSetupBytesMax));
  return channel::DecodeSetup(bytes);
}

base::Result<engine::Provider> ParseProvider(std::string_view name) {
  for (const auto provider :
       {engine::Provider::kCpu, engine::Provider::kCuda, engine::Provider::kTensorRt}) {
    if (engine::ProviderName(provider) == name) return provider;
  }
  return base::OperatorError(base::Code::kInvalid, "the setup names an unknown provider");
}

base::Result<std::unique_ptr<engine::Engine>> OpenModel(base::UniqueFd weights,
                                                        const channel::Setup& setup,
                                                        const OpenEngine& open) {
  engine::EngineOptions options;
  BH_ASSIGN(options.provider, ParseProvider(setup.provider));
  options.threads = setup.threads;
  options.device_index = setup.device_index;
  options.fp16 = setup.fp16;
  options.int8 = setup.int8;
  // Wiped at the end of this function, whatever comes of it.
  BH_ASSIGN(const base::SecretBytes model,
            base::SecretBytes::AdoptMemfd(std::move(weights), kModelBytesMax));
  return open(model.bytes(), options);
}

// One run for a batch of this many gray pictures, from the encoded form to the reply.
base::Status WarmUp(Detector& detector, std::size_t batch) {
  // Square, so that a network of variable sides takes its largest input.
  image::Image gray;
  gray.Reshape(16, 16);
  std::ranges::fill(gray.pixels(), uint8_t{114});
  BH_ASSIGN(const std::vector<std::byte> encoded, image::EncodeJpeg(gray, 90));
  const yolo::DetectOptions options;
  const std::vector<BatchPicture> pictures(batch, {encoded, &options});
  base::Status status = base::Ok();
  detector.DetectBatch(pictures, [&](std::size_t, const BatchOutcome& outcome) {
    if (!outcome.result.ok()) status = base::WithContext(outcome.result.error(), "warm-up");
  });
  return status;
}

// Any dimension that varies as -1.
std::vector<base::TensorSpec> Declared(std::vector<base::TensorSpec> tensors) {
  for (base::TensorSpec& tensor : tensors) {
    for (int64_t& dim : tensor.dims) dim = std::max<int64_t>(dim, -1);
  }
  return tensors;
}

}  // namespace

base::Result<Loaded> Load(base::UniqueFd setup_fd, base::UniqueFd weights, const Runtime& runtime) {
  BH_ASSIGN(const channel::Setup setup, ReadSetup(setup_fd));
  BH_ASSIGN(auto engine, OpenModel(std::move(weights), setup, runtime.open));
  DetectorOptions options;
  options.overrides = setup.overrides;
  options.limits.pixels_max = setup.picture_pixels_max;
  BH_ASSIGN(Detector detector, Detector::Open(std::move(engine), options));
  const int batch_max = detector.spec().input.batch ? 1 : setup.batch_max;
  BH_TRY(WarmUp(detector, 1));
  if (batch_max > 1) BH_TRY(WarmUp(detector, static_cast<std::size_t>(batch_max)));
  const base::GraphDescription& graph = detector.engine().Describe();
  channel::Hello hello{detector.spec(),
                       runtime.name + " (" + setup.provider + ")",
                       batch_max,
                       setup.frames_in_flight_max,
                       Declared(graph.inputs),
                       Declared(graph.outputs)};
  return Loaded{std::move(detector),
                std::move(hello),
                {static_cast<std::size_t>(batch_max), setup.batch_wait}};
}

}  // namespace bulkhead::worker
