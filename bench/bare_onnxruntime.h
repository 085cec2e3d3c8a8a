// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime with nothing around it: what the product's numbers are held against.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bulkhead::bench {

// A session over a 1x3x640x640 float32 network, one thread, and the loop's own input. Throws when
// the library refuses.
class BareOnnxRuntime {
 public:
  explicit BareOnnxRuntime(std::span<const std::byte> model);
  BareOnnxRuntime(const BareOnnxRuntime&) = delete;
  BareOnnxRuntime& operator=(const BareOnnxRuntime&) = delete;
  ~BareOnnxRuntime();

  void Run();

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

// A whole program: loads the model from its file, runs it once, and returns the exit status.
int RunBareProgram(const std::string& model_path);

}  // namespace bulkhead::bench
