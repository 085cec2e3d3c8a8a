// SPDX-License-Identifier: Apache-2.0
#include "node/sealed_model.h"

#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked_math.h"
#include "base/errno_error.h"
#include "channel/limits.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

base::Result<std::vector<std::byte>> ReadSetup(int fd) {
  BH_ASSIGN(const std::size_t size, MemfdBytes(fd, channel::kSetupBytesMax));
  std::vector<std::byte> bytes(size);
  const ssize_t count = ::pread(fd, bytes.data(), bytes.size(), 0);
  if (count < 0) return base::ErrnoError(errno);
  if (static_cast<std::size_t>(count) != size) {
    return OperatorError(Code::kCorrupt, "became shorter while it was read");
  }
  return bytes;
}

}  // namespace

base::Result<std::size_t> MemfdBytes(int fd, std::size_t bytes_max) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return base::ErrnoError(errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 0 || ::fcntl(fd, F_GET_SEALS) < 0) {
    return OperatorError(Code::kInvalid, "is not a memfd");
  }
  const auto size = base::CheckedCast<std::size_t>(status.st_size);
  if (!size || *size == 0) return OperatorError(Code::kInvalid, "is empty");
  if (*size > bytes_max) {
    return OperatorError(Code::kExhausted, "has " + std::to_string(*size) + " bytes; at most " +
                                               std::to_string(bytes_max) + " fit");
  }
  return *size;
}

base::Result<SealedModel> TakeSealedModel(seal::SealedName name, base::UniqueFd file,
                                          const base::UniqueFd& setup) {
  auto bytes = ReadSetup(setup.get());
  if (!bytes.ok()) return base::WithContext(std::move(bytes).error(), "the setup");
  return SealedModel{std::move(name), std::make_shared<base::UniqueFd>(std::move(file)),
                     std::move(bytes).value()};
}

}  // namespace bulkhead::node
