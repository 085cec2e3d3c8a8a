// SPDX-License-Identifier: Apache-2.0
#include "bare_onnxruntime.h"

#define ORT_API_MANUAL_INIT
#include <array>
#include <cstdint>
#include <stdexcept>

#include <onnxruntime_cxx_api.h>

#include "engine/onnxruntime_library.h"

namespace bulkhead::bench {
namespace {

constexpr std::array<int64_t, 4> kDims{1, 3, 640, 640};

void InitialiseApi() {
  const auto function = engine::LoadOnnxRuntime(engine::OnnxRuntimeCandidates());
  if (!function.ok()) throw std::runtime_error(function.error().detail);
  const auto* api_base = reinterpret_cast<const OrtApiBase* (*)()>(function.value())();
  Ort::InitApi(api_base->GetApi(ORT_API_VERSION));
}

Ort::SessionOptions Options(int threads) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(threads);
  options.SetInterOpNumThreads(1);
  return options;
}

void RunOnce(Ort::Session& session, const Ort::MemoryInfo& memory, std::vector<float>& input) {
  const Ort::Value value = Ort::Value::CreateTensor<float>(memory, input.data(), input.size(),
                                                           kDims.data(), kDims.size());
  const char* input_name = "images";
  const char* output_name = "output0";
  session.Run(Ort::RunOptions{nullptr}, &input_name, &value, 1, &output_name, 1);
}

}  // namespace

struct BareOnnxRuntime::Session {
  explicit Session(std::span<const std::byte> model)
      : session(environment, model.data(), model.size(), Options(1)),
        input(std::size_t{3} * 640 * 640) {}

  Ort::Env environment;
  Ort::Session session;
  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::vector<float> input;
};

BareOnnxRuntime::BareOnnxRuntime(std::span<const std::byte> model) {
  InitialiseApi();
  session_ = std::make_unique<Session>(model);
}

BareOnnxRuntime::~BareOnnxRuntime() = default;

void BareOnnxRuntime::Run() { RunOnce(session_->session, session_->memory, session_->input); }

int RunBareProgram(const std::string& model_path) {
  InitialiseApi();
  const Ort::Env environment;
  // The same two threads as `bulkhead detect --threads 2`, whose memory this is compared with.
  Ort::Session session(environment, model_path.c_str(), Options(2));
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::vector<float> input(std::size_t{3} * 640 * 640);
  RunOnce(session, memory, input);
  return 0;
}

}  // namespace bulkhead::bench
