// SPDX-License-Identifier: Apache-2.0
#include "image/jpeg_library.h"

#include <jerror.h>

namespace bulkhead::image {
namespace {

JpegFailure& FailureOf(j_common_ptr codec) { return *reinterpret_cast<JpegFailure*>(codec->err); }

[[noreturn]] void GiveUp(j_common_ptr codec) {
  JpegFailure& failure = FailureOf(codec);
  failure.manager.format_message(codec, failure.text);
  std::longjmp(failure.exit, 1);
}

// Warnings after which every pixel is still what the encoder meant. All others are lost data.
bool IsHarmless(int code) {
  switch (code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_BOGUS_PROGRESSION:
      return true;
    default:
      return false;
  }
}

void OnMessage(j_common_ptr codec, int level) {
  constexpr int kWarning = -1;
  if (level == kWarning && !IsHarmless(codec->err->msg_code)) GiveUp(codec);
}

void PrintNothing(j_common_ptr /*codec*/) {}

}  // namespace

jpeg_error_mgr* ReportTo(JpegFailure& failure) {
  jpeg_error_mgr* manager = jpeg_std_error(&failure.manager);
  manager->error_exit = GiveUp;
  manager->emit_message = OnMessage;
  manager->output_message = PrintNothing;
  return manager;
}

void GiveUpForMemory(j_common_ptr codec) {
  codec->err->msg_code = JERR_OUT_OF_MEMORY;
  codec->err->msg_parm.i[0] = 0;
  GiveUp(codec);
}

JpegFault Classify(const JpegFailure& failure) {
  if (failure.too_many_scans) return JpegFault::kExhausted;
  switch (failure.manager.msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:  // over max_memory_to_use
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW:
      return JpegFault::kExhausted;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
      return JpegFault::kUnsupported;
    default:
      return JpegFault::kDamaged;
  }
}

}  // namespace bulkhead::image
