// SPDX-License-Identifier: Apache-2.0
#include "base/errno_error.h"

#include <cerrno>
#include <system_error>

namespace bulkhead::base {

Error ErrnoError(int error_number) {
  std::string detail = std::generic_category().message(error_number);
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return OperatorError(Code::kNotFound, std::move(detail));
    case EACCES:
    case EPERM:
    case EROFS:
      return OperatorError(Code::kDenied, std::move(detail));
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      return OperatorError(Code::kExhausted, std::move(detail));
    default:
      return OperatorError(Code::kUnavailable, std::move(detail));
  }
}

}  // namespace bulkhead::base
