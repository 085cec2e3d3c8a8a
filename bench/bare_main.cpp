// SPDX-License-Identifier: Apache-2.0
// The bare program that detect-memory-mb compares with: loads a model from its file and runs it
// once.
#include <cstdio>
#include <exception>

#include "bare_onnxruntime.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bare-onnxruntime MODEL.onnx\n", stderr);
    return 2;
  }
  try {
    return bulkhead::bench::RunBareProgram(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bare-onnxruntime: %s\n", error.what());
    return 1;
  }
}
