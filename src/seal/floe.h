// SPDX-License-Identifier: Apache-2.0
// FLOE (c2sp.org/FLOE): a long text sealed in segments, each of which can be opened by itself, with
// AES-256-GCM under keys derived by HKDF-Expand-SHA-384.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/aes_gcm.h"
#include "base/result.h"

namespace bulkhead::seal {

inline constexpr std::size_t kFloeHeaderBytes = 74;
// A segment's length, nonce and tag: what it is longer than its plaintext.
inline constexpr std::size_t kFloeSegmentOverhead = 32;

using FloeHeader = std::array<std::byte, kFloeHeaderBytes>;

struct FloeOptions {
  // Of a sealed segment, its overhead included; above kFloeSegmentOverhead, at most 1 GiB.
  uint32_t segment_bytes = 64 * 1024;
  // A key is for 2^rotation_bits segments. 20 is FLOE's own; the published answers have others.
  int rotation_bits = 20;
};

// What both directions derive from a key, the header's bytes and the bound text. The key must be
// random and have no other use.
class FloeKeys {
 public:
  FloeKeys(base::Aes256Key key, const FloeHeader& prefix, std::span<const std::byte> bound,
           int rotation_bits);
  FloeKeys(FloeKeys&&) = default;
  FloeKeys& operator=(FloeKeys&&) = default;
  // Wipes.
  ~FloeKeys();

  [[nodiscard]] std::array<std::byte, 32> HeaderTag() const { return header_tag_; }
  // The cipher of the segment at this position; stays until the next call.
  base::Aes256Gcm& CipherAt(uint64_t position);

 private:
  std::vector<std::byte> prefix_;  // parameters and iv
  std::vector<std::byte> bound_;
  int rotation_bits_;
  std::array<std::byte, 32> header_tag_{};
  std::array<std::byte, 48> message_key_{};
  uint64_t first_ = 0;  // the first position that cipher_ is for
  std::optional<base::Aes256Gcm> cipher_;
};

// Seals one text from its begin to its end. One thread at a time.
class FloeSealer {
 public:
  // Draws the iv; each text gets a sealer of its own. kUnavailable: the kernel gives no chance.
  static base::Result<FloeSealer> Start(base::Aes256Key key, std::span<const std::byte> bound,
                                        const FloeOptions& options);

  // What comes before the first segment.
  [[nodiscard]] const FloeHeader& header() const { return header_; }
  // Of a segment that is not the last.
  [[nodiscard]] std::size_t plain_bytes() const;

  // `plain` has plain_bytes(), and `sealed` kFloeSegmentOverhead more. kUnavailable as Start;
  // kExhausted: FLOE allows no further segment.
  base::Status Seal(std::span<const std::byte> plain, std::span<std::byte> sealed);
  // Ends the text, with at most plain_bytes(); no call may follow. Errors as of Seal.
  base::Status SealLast(std::span<const std::byte> plain, std::span<std::byte> sealed);

 private:
  FloeSealer(FloeKeys keys, FloeHeader header, const FloeOptions& options);
  base::Status SealAt(std::span<const std::byte> plain, bool last, std::span<std::byte> sealed);

  FloeKeys keys_;
  FloeHeader header_;
  FloeOptions options_;
  uint64_t position_ = 0;
  bool closed_ = false;
};

// Opens segments of one text, in any order. That there are as many as there were is the caller's to
// check: by the text's length, or by reading on until the last one. One thread at a time.
class FloeOpener {
 public:
  // kUnsupported: other parameters than these. kCorrupt: another key or bound text than it was
  // sealed with, or a changed header.
  static base::Result<FloeOpener> Start(base::Aes256Key key, std::span<const std::byte> bound,
                                        std::span<const std::byte, kFloeHeaderBytes> header,
                                        const FloeOptions& options);

  // `last` is what the caller knows, not what the segment says. `plain` is kFloeSegmentOverhead
  // shorter than `sealed`; after an error it is zeros. kCorrupt: not the segment that was sealed at
  // this position.
  base::Status Open(std::span<const std::byte> sealed, uint64_t position, bool last,
                    std::span<std::byte> plain);

 private:
  FloeOpener(FloeKeys keys, const FloeOptions& options);

  FloeKeys keys_;
  FloeOptions options_;
};

}  // namespace bulkhead::seal
