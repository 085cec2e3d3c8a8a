// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime_library.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include <dlfcn.h>

#include "base/errno_error.h"

namespace bulkhead::engine {

std::vector<std::filesystem::path> OnnxRuntimeCandidates() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once at start, nobody calls setenv
  if (const char* file = std::getenv(kOnnxRuntimeFileVariable)) return {file};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once at start, nobody calls setenv
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
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before the library's own threads exist
  ::setenv(kNoTelemetryVariable, "1", 1);
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

base::Result<std::filesystem::path> FindOnnxRuntime() {
  BH_ASSIGN(void* function, LoadOnnxRuntime(OnnxRuntimeCandidates()));
  Dl_info place{};
  if (::dladdr(function, &place) == 0 || place.dli_fname == nullptr) {
    return base::OperatorError(base::Code::kInternal, "the loader does not say where it is");
  }
  std::error_code failed;
  std::filesystem::path file = std::filesystem::canonical(place.dli_fname, failed);
  if (failed) return base::ErrnoError(failed.value());
  return file;
}

}  // namespace bulkhead::engine
