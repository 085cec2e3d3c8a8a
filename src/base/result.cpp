// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

namespace bulkhead::base {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kInvalid:
      return "invalid";
    case Code::kNotFound:
      return "not found";
    case Code::kConflict:
      return "conflict";
    case Code::kDenied:
      return "denied";
    case Code::kExhausted:
      return "exhausted";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kDeadline:
      return "deadline";
    case Code::kInternal:
      return "internal";
  }
  BH_CHECK(false);
}

std::string_view DefaultPublicMessage(Code code) {
  switch (code) {
    case Code::kInvalid:
      return "the request is not valid";
    case Code::kNotFound:
      return "not found";
    case Code::kConflict:
      return "the current state does not allow this";
    case Code::kDenied:
      return "not allowed";
    case Code::kExhausted:
      return "a limit was reached";
    case Code::kUnsupported:
      return "not supported";
    case Code::kUnavailable:
      return "not available at the moment";
    case Code::kCorrupt:
      return "the data is damaged";
    case Code::kDeadline:
      return "the deadline passed";
    case Code::kInternal:
      return "internal error";
  }
  BH_CHECK(false);
}

Error PublicError(Code code, std::string message) {
  std::string detail = message;
  return Error{code, std::move(detail), std::move(message)};
}

Error OperatorError(Code code, std::string detail) {
  return Error{code, std::move(detail), std::string(DefaultPublicMessage(code))};
}

Error WithContext(Error error, std::string_view context) {
  error.detail = std::string(context) + ": " + error.detail;
  return error;
}

}  // namespace bulkhead::base
