// SPDX-License-Identifier: Apache-2.0
#include "seal/sealed_file.h"

#include <cerrno>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::seal {
namespace {

using base::Code;
using base::PublicError;

base::Error CannotRead(int error_number) {
  base::Error error = base::WithContext(base::ErrnoError(error_number), "read a sealed model");
  error.code = Code::kUnavailable;
  return error;
}

}  // namespace

base::Result<std::size_t> ReadAt(int file, uint64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count =
        ::pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotRead(errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

base::Result<DecodedHeader> ReadSealedHeader(int file) {
  std::vector<std::byte> bytes(kSealedHeaderBytesMax);
  BH_ASSIGN(const std::size_t count, ReadAt(file, 0, bytes));
  BH_ASSIGN(DecodedHeader decoded, DecodeSealedHeader(std::span(bytes).first(count)));
  struct stat status{};
  if (::fstat(file, &status) != 0) return CannotRead(errno);
  const uint64_t expected = decoded.bytes + BodyBytes(decoded.header);
  if (static_cast<uint64_t>(status.st_size) != expected) {
    return PublicError(Code::kCorrupt, "the sealed model has " + std::to_string(status.st_size) +
                                           " bytes instead of " + std::to_string(expected));
  }
  return decoded;
}

}  // namespace bulkhead::seal
