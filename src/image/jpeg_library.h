// SPDX-License-Identifier: Apache-2.0
// libjpeg-turbo, and how its errors become values. Private to the JPEG adapters.
//
// libjpeg gives up by calling error_exit, which must not return: we longjmp. Jumping over an object
// with a destructor is undefined, so all calls into libjpeg are made in "steps": functions that own
// nothing, run by RunStep. What must be released is owned by the callers of RunStep.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>
// jpeglib.h needs size_t and FILE declared before it.
#include <cstdio>

#include <jpeglib.h>

namespace bulkhead::image {

// Why libjpeg gave up. `manager` comes first: libjpeg hands us a pointer to it, which is then also
// a pointer to the whole.
struct JpegFailure {
  jpeg_error_mgr manager;
  std::jmp_buf exit;
  bool too_many_scans;
  char text[JMSG_LENGTH_MAX];
};

// Makes `failure` what libjpeg reports to. Nothing is printed. A warning that means lost image data
// is as final as an error.
jpeg_error_mgr* ReportTo(JpegFailure& failure);

// Gives up in a step because memory of ours could not be had.
[[noreturn]] void GiveUpForMemory(j_common_ptr codec);

// What happened, in the terms of image::Decode.
enum class JpegFault : uint8_t { kDamaged, kUnsupported, kExhausted };
JpegFault Classify(const JpegFailure& failure);

// False when libjpeg gave up inside the step; `failure` then says why. The step must own nothing.
template <typename Session>
[[nodiscard]] bool RunStep(Session& session, void (*step)(Session&)) {
  // NOLINTNEXTLINE(cert-err52-cpp): libjpeg reports errors by longjmp only
  if (setjmp(session.failure.exit) != 0) return false;
  step(session);
  return true;
}

}  // namespace bulkhead::image
