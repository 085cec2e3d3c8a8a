// SPDX-License-Identifier: Apache-2.0
// OTLP's JSON form of spans (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "telemetry/otlp_options.h"
#include "telemetry/span.h"

namespace bulkhead::telemetry {

// An ExportTraceServiceRequest of one resource and one scope. Ids are hexadecimal, 64-bit integers
// are decimal strings, enums are numbers. Text that is no UTF-8 gets replacement characters.
std::string OtlpJson(std::span<const Span> spans, const OtlpOptions& options);

// How many spans a receiver says that it threw away, in the body of its 200
// (ExportTraceServiceResponse); 0 when it says nothing that can be read.
uint64_t RejectedSpans(std::string_view body);

}  // namespace bulkhead::telemetry
