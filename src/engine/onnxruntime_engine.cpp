// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime_engine.h"

#define ORT_API_MANUAL_INIT
#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <onnxruntime_cxx_api.h>

#include "engine/input_check.h"
#include "engine/onnxruntime_library.h"
#include "engine/usable_cores.h"

namespace bulkhead::engine {
namespace {

using base::Code;

// ONNX Runtime's own log lines would land on stderr; what matters comes back as an error.
void DiscardLog(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

base::Status InitialiseApi() {
  BH_ASSIGN(void* function, LoadOnnxRuntime(OnnxRuntimeCandidates()));
  const OrtApiBase* api_base = reinterpret_cast<const OrtApiBase* (*)()>(function)();
  const OrtApi* api = api_base->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    return base::OperatorError(Code::kUnavailable,
                               std::string("ONNX Runtime ") + api_base->GetVersionString() +
                                   " is too old; 1." + std::to_string(ORT_API_VERSION) +
                                   " or newer is needed");
  }
  Ort::InitApi(api);
  return base::Ok();
}

base::Status EnsureApi() {
  static const base::Status initialised = InitialiseApi();
  return initialised;
}

// The first line of a library's message: enough to know what is wrong, and never a page.
std::string FirstLine(const char* message) {
  std::string text(message);
  return text.substr(0, text.find('\n'));
}

base::Error FromException(const Ort::Exception& exception, std::string_view doing) {
  const std::string detail = std::string(doing) + ": " + FirstLine(exception.what());
  switch (exception.GetOrtErrorCode()) {
    case ORT_INVALID_ARGUMENT:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
    case ORT_NO_SUCHFILE:
    case ORT_NO_MODEL:
      return base::OperatorError(Code::kInvalid, detail);
    case ORT_NOT_IMPLEMENTED:
      return base::OperatorError(Code::kUnsupported, detail);
    default:
      break;
  }
  // The library reports a refused allocation as a general failure, by text only.
  const bool out_of_memory = detail.find("Failed to allocate memory") != std::string::npos ||
                             detail.find("bad_alloc") != std::string::npos;
  return base::OperatorError(out_of_memory ? Code::kExhausted : Code::kInternal, detail);
}

// Runs `body` and turns what the library throws into an error.
template <typename Body>
auto Guard(std::string_view doing, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Ort::Exception& exception) {
    return FromException(exception, doing);
  } catch (const std::bad_alloc&) {
    return base::OperatorError(Code::kExhausted, std::string(doing) + ": out of memory");
  } catch (const std::exception& exception) {
    return base::OperatorError(Code::kInternal,
                               std::string(doing) + ": " + FirstLine(exception.what()));
  }
}

base::ElementType FromOrt(ONNXTensorElementDataType type) {
  using base::ElementType;
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return ElementType::kFloat32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return ElementType::kFloat16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      return ElementType::kFloat64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL:
      return ElementType::kBool;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
      return ElementType::kUint8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8:
      return ElementType::kInt8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16:
      return ElementType::kUint16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16:
      return ElementType::kInt16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32:
      return ElementType::kUint32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return ElementType::kInt32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64:
      return ElementType::kUint64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return ElementType::kInt64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING:
      return ElementType::kString;
    default:
      return ElementType::kOther;
  }
}

std::string_view OrtProviderName(Provider provider) {
  switch (provider) {
    case Provider::kCpu:
      return "CPUExecutionProvider";
    case Provider::kCuda:
      return "CUDAExecutionProvider";
    case Provider::kTensorRt:
      return "TensorrtExecutionProvider";
  }
  BH_CHECK(false);
}

base::Status RequireProvider(Provider provider) {
  const std::vector<std::string> available = Ort::GetAvailableProviders();
  if (std::find(available.begin(), available.end(), OrtProviderName(provider)) != available.end()) {
    return base::Ok();
  }
  return base::OperatorError(
      Code::kUnavailable,
      "this ONNX Runtime has no " + std::string(ProviderName(provider)) +
          " provider; set ONNXRUNTIME_ROOT to a GPU build of ONNX Runtime or use --provider cpu");
}

using ProviderOptions = std::vector<std::pair<const char*, std::string>>;

// Applies key-value options to a provider's option object of the C API.
template <typename Options, typename Update>
void UpdateOptions(Options* target, Update update, const ProviderOptions& values) {
  std::vector<const char*> keys;
  std::vector<const char*> texts;
  for (const auto& [key, text] : values) {
    keys.push_back(key);
    texts.push_back(text.c_str());
  }
  Ort::ThrowOnError(update(target, keys.data(), texts.data(), keys.size()));
}

void AppendCuda(Ort::SessionOptions& session, const EngineOptions& options) {
  const OrtApi& api = Ort::GetApi();
  OrtCUDAProviderOptionsV2* created = nullptr;
  Ort::ThrowOnError(api.CreateCUDAProviderOptions(&created));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, decltype(api.ReleaseCUDAProviderOptions)> cuda(
      created, api.ReleaseCUDAProviderOptions);
  UpdateOptions(cuda.get(), api.UpdateCUDAProviderOptions,
                {{"device_id", std::to_string(options.device_index)}});
  session.AppendExecutionProvider_CUDA_V2(*cuda);
}

void AppendTensorRt(Ort::SessionOptions& session, const EngineOptions& options) {
  const OrtApi& api = Ort::GetApi();
  OrtTensorRTProviderOptionsV2* created = nullptr;
  Ort::ThrowOnError(api.CreateTensorRTProviderOptions(&created));
  const std::unique_ptr<OrtTensorRTProviderOptionsV2, decltype(api.ReleaseTensorRTProviderOptions)>
      tensorrt(created, api.ReleaseTensorRTProviderOptions);
  ProviderOptions values{{"device_id", std::to_string(options.device_index)},
                         {"trt_fp16_enable", options.fp16 ? "1" : "0"},
                         {"trt_int8_enable", options.int8 ? "1" : "0"}};
  if (!options.engine_cache_dir.empty()) {
    values.insert(values.end(), {{"trt_engine_cache_enable", "1"},
                                 {"trt_engine_cache_path", options.engine_cache_dir.string()},
                                 {"trt_timing_cache_enable", "1"},
                                 {"trt_timing_cache_path", options.engine_cache_dir.string()}});
  }
  UpdateOptions(tensorrt.get(), api.UpdateTensorRTProviderOptions, values);
  session.AppendExecutionProvider_TensorRT_V2(*tensorrt);
  // Operators that TensorRT does not build run on the same GPU through CUDA.
  AppendCuda(session, options);
}

base::Result<Ort::SessionOptions> MakeSessionOptions(const EngineOptions& options) {
  BH_TRY(RequireProvider(options.provider));
  Ort::SessionOptions session;
  session.SetExecutionMode(ORT_SEQUENTIAL);
  session.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  session.SetIntraOpNumThreads(options.threads > 0 ? options.threads : UsableCores());
  session.SetInterOpNumThreads(1);
  if (options.provider == Provider::kCuda) AppendCuda(session, options);
  if (options.provider == Provider::kTensorRt) AppendTensorRt(session, options);
  return session;
}

base::TensorSpec ReadSpec(const std::string& name, const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return {name, base::ElementType::kOther, {}};
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  return {name, FromOrt(tensor.GetElementType()), tensor.GetShape()};
}

base::GraphDescription ReadDescription(const Ort::Session& session) {
  Ort::AllocatorWithDefaultOptions allocator;
  base::GraphDescription graph;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    graph.inputs.push_back(
        ReadSpec(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
  }
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    graph.outputs.push_back(
        ReadSpec(session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i)));
  }
  const Ort::ModelMetadata metadata = session.GetModelMetadata();
  for (const auto& key : metadata.GetCustomMetadataMapKeysAllocated(allocator)) {
    graph.metadata[key.get()] =
        metadata.LookupCustomMetadataMapAllocated(key.get(), allocator).get();
  }
  return graph;
}

class OnnxRuntimeEngine final : public Engine {
 public:
  OnnxRuntimeEngine(Ort::Env environment, Ort::Session session)
      : environment_(std::move(environment)),
        session_(std::move(session)),
        graph_(ReadDescription(session_)),
        memory_(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault)) {
    for (const auto& input : graph_.inputs) input_names_.push_back(input.name.c_str());
    for (const auto& output : graph_.outputs) output_names_.push_back(output.name.c_str());
  }

  [[nodiscard]] const base::GraphDescription& Describe() const override { return graph_; }

  [[nodiscard]] base::Result<std::span<const base::TensorView>> Run(
      const base::TensorView& input) override {
    BH_TRY(CheckInput(graph_, input));
    return Guard("inference failed", [&]() -> base::Result<std::span<const base::TensorView>> {
      // The library's signature takes a mutable pointer but never writes to an input.
      const Ort::Value value = Ort::Value::CreateTensor(
          memory_, const_cast<std::byte*>(input.bytes.data()), input.bytes.size(),
          input.dims.data(), input.dims.size(),
          input.type == base::ElementType::kFloat16 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16
                                                    : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
      outputs_ = session_.Run(Ort::RunOptions{nullptr}, input_names_.data(), &value, 1,
                              output_names_.data(), output_names_.size());
      return ViewOutputs();
    });
  }

 private:
  base::Result<std::span<const base::TensorView>> ViewOutputs() {
    views_.clear();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const auto info = outputs_[i].GetTensorTypeAndShapeInfo();
      const base::ElementType type = FromOrt(info.GetElementType());
      const auto element_bytes = base::ElementBytes(type);
      if (!element_bytes) {
        return base::OperatorError(Code::kUnsupported,
                                   "output " + graph_.outputs[i].name + " is not numeric");
      }
      views_.push_back({type,
                        info.GetShape(),
                        {static_cast<const std::byte*>(outputs_[i].GetTensorRawData()),
                         info.GetElementCount() * *element_bytes}});
    }
    return std::span<const base::TensorView>(views_);
  }

  Ort::Env environment_;
  Ort::Session session_;
  base::GraphDescription graph_;
  Ort::MemoryInfo memory_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  std::vector<Ort::Value> outputs_;
  std::vector<base::TensorView> views_;
};

base::Status CheckInputTypes(const base::GraphDescription& graph) {
  for (const auto& input : graph.inputs) {
    if (input.type != base::ElementType::kFloat32 && input.type != base::ElementType::kFloat16) {
      return base::PublicError(Code::kUnsupported,
                               "input " + input.name + " is " +
                                   std::string(base::ElementTypeName(input.type)) +
                                   "; only float32 and float16 networks are run");
    }
  }
  return base::Ok();
}

}  // namespace

base::Result<std::unique_ptr<Engine>> OpenOnnxRuntimeEngine(std::span<const std::byte> model,
                                                            const EngineOptions& options) {
  BH_TRY(EnsureApi());
  return Guard("the model cannot be loaded", [&]() -> base::Result<std::unique_ptr<Engine>> {
    Ort::Env environment(ORT_LOGGING_LEVEL_FATAL, "bulkhead", DiscardLog, nullptr);
    BH_ASSIGN(const Ort::SessionOptions session_options, MakeSessionOptions(options));
    Ort::Session session(environment, model.data(), model.size(), session_options);
    auto engine = std::make_unique<OnnxRuntimeEngine>(std::move(environment), std::move(session));
    BH_TRY(CheckInputTypes(engine->Describe()));
    return std::unique_ptr<Engine>(std::move(engine));
  });
}

}  // namespace bulkhead::engine
