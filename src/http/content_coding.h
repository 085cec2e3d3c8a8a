// SPDX-License-Identifier: Apache-2.0
// Content-Encoding: gzip (RFC 1952) and deflate, which in HTTP means zlib's format (RFC 1950).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace bulkhead::http {

enum class ContentCoding : uint8_t { kIdentity, kGzip, kDeflate };

// "gzip", "deflate"; empty for the identity.
[[nodiscard]] std::string_view CodingName(ContentCoding coding);

// How a request's body is coded; nullopt for an unknown coding and for more than one.
[[nodiscard]] std::optional<ContentCoding> CodingOfBody(const Headers& headers);

// The coding that Accept-Encoding ranks highest; gzip before deflate, and a coding before the
// identity when they rank the same. A malformed rank counts as zero.
[[nodiscard]] ContentCoding AcceptedCoding(const Headers& headers);

struct ZlibStream;

// Decodes in steps, so that one body does not hold up the thread.
class Inflater {
 public:
  // kExhausted: no memory. `coding` is not the identity.
  static base::Result<Inflater> Open(ContentCoding coding);
  Inflater(Inflater&&) noexcept;
  ~Inflater();

  // Appends at most `step_bytes` to `out` and takes what it read off `in`, which is all of the rest
  // of the body. kInvalid: damaged, cut short, or followed by something else.
  base::Status Step(std::span<const std::byte>& in, std::size_t step_bytes,
                    std::vector<std::byte>& out);

  [[nodiscard]] bool finished() const { return finished_; }

 private:
  explicit Inflater(std::unique_ptr<ZlibStream> stream);

  std::unique_ptr<ZlibStream> stream_;
  bool finished_ = false;
};

// Encodes at the fastest level: it spares the network, not the disk.
class Deflater {
 public:
  // kExhausted: no memory. `coding` is not the identity.
  static base::Result<Deflater> Open(ContentCoding coding);
  Deflater(Deflater&&) noexcept;
  ~Deflater();

  // Appends the coded form of `in` to `out`; after `last`, the end.
  void Step(std::span<const std::byte> in, bool last, std::vector<std::byte>& out);

 private:
  explicit Deflater(std::unique_ptr<ZlibStream> stream);

  std::unique_ptr<ZlibStream> stream_;
};

}  // namespace bulkhead::http
