// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime_library.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include <dlfcn.h>

namespace bulkhead::engine {

std::vector<std::filesystem::path> OnnxRuntimeCandidates() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once at start
  if (const char* root = std::getenv("ONNXRUNTIME_ROOT"); root != nullptr && *root != '\0') {
    const std::filesystem::path lib = std::filesystem::path(root) / "lib";
    return {lib / "libonnxruntime.so.1", lib / "libonnxruntime.so"};
  }
  std::vector<std::filesystem::path> candidates{BULKHEAD_ONNXRUNTIME_LIBRARY};
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  if (!program.empty()) {
    candidates.push_back(program.parent_path().parent_path() / "lib" / "libonnxruntime.so.1");
  }
  candidates.emplace_back("libonnxruntime.so.1");
  candidates.emplace_back("libonnxruntime.so");
  return candidates;
}

base::Result<void*> LoadOnnxRuntime(const std::vector<std::filesystem::path>& candidates) {
  // Builds of Microsoft report to its servers and keep a database in the user's home, from release
  // 1.29 on, unless this is set before they load (microsoft/onnxruntime pull requests 27379,
  // 29843). NOLINTNEXTLINE(concurrency-mt-unsafe): once at start, and nobody keeps what getenv gave
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  std::string tried;
  for (const auto& candidate : candidates) {
    void* library = ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) {
      if (void* function = ::dlsym(library, "OrtGetApiBase"); function != nullptr) return function;
      ::dlclose(library);
      tried += "; " + candidate.string() + ": has no OrtGetApiBase";
      continue;
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps one message per thread
    const char* reason = ::dlerror();
    tried += std::string("; ") + (reason != nullptr ? reason : "unknown reason");
  }
  return base::OperatorError(
      base::Code::kUnavailable,
      "ONNX Runtime could not be loaded; run `make setup` or set ONNXRUNTIME_ROOT to an unpacked "
      "release" +
          tried);
}

}  // namespace bulkhead::engine
