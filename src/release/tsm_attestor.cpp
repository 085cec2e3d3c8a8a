// SPDX-License-Identifier: Apache-2.0
#include "release/tsm_attestor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::release {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kUserBytes = 64;
// More than any report: Linux 6.7 itself keeps 32 KiB of one.
constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::size_t kTextBytesMax = 64;

using Bytes = std::vector<std::byte>;

base::Error Failed(const char* name) {
  return base::WithContext(base::ErrnoError(errno), std::string("configfs-tsm: ") + name);
}

class TsmAttestor final : public Attestor {
 public:
  explicit TsmAttestor(TsmPlace place) : place_(std::move(place)) {}

  base::Result<Evidence> Attest(const Nonce& nonce) override;

 private:
  base::Result<base::UniqueFd> OpenFolder();

  TsmPlace place_;
};

base::Result<base::UniqueFd> TsmAttestor::OpenFolder() {
  const std::filesystem::path path = place_.reports / place_.name;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return Failed("mkdir");
  base::UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return Failed("open");
  return folder;
}

base::Result<Bytes> Read(int folder, const char* name, std::size_t bytes_max) {
  const base::UniqueFd file(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return Failed(name);
  Bytes bytes(bytes_max + 1);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    // EFBIG: the report outgrew what the kernel keeps. EBUSY, EWOULDBLOCK: another writes there.
    if (count < 0) return Failed(name);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (done > bytes_max)
    return OperatorError(Code::kUnavailable, "configfs-tsm: a file is too long");
  bytes.resize(done);
  return bytes;
}

base::Result<std::string> ReadText(int folder, const char* name) {
  BH_ASSIGN(const Bytes bytes, Read(folder, name, kTextBytesMax));
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!text.empty() && plain) return text;
  return OperatorError(Code::kUnavailable, std::string("configfs-tsm: no ") + name);
}

base::Status WriteNonce(int folder, const Nonce& nonce) {
  std::array<std::byte, kUserBytes> user{};
  std::ranges::copy(nonce, user.begin());
  const base::UniqueFd file(::openat(folder, "inblob", O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return Failed("inblob");
  // In one piece: the kernel takes no other.
  if (::write(file.get(), user.data(), user.size()) == static_cast<ssize_t>(user.size())) {
    return base::Ok();
  }
  return Failed("inblob");
}

base::Result<Evidence> TsmAttestor::Attest(const Nonce& nonce) {
  BH_ASSIGN(const base::UniqueFd folder, OpenFolder());
  BH_TRY(WriteNonce(folder.get(), nonce));
  BH_ASSIGN(const std::string before, ReadText(folder.get(), "generation"));
  Evidence evidence;
  BH_ASSIGN(evidence.kind, ReadText(folder.get(), "provider"));
  BH_ASSIGN(evidence.statement, Read(folder.get(), "outblob", kFileBytesMax));
  // Not every provider has one.
  auto certificates = Read(folder.get(), "auxblob", kFileBytesMax);
  if (certificates.ok()) evidence.signature = std::move(certificates).value();
  BH_ASSIGN(const std::string after, ReadText(folder.get(), "generation"));
  if (before != after) {
    return OperatorError(Code::kUnavailable,
                         "configfs-tsm: another process asked in between; try again");
  }
  if (!evidence.statement.empty()) return evidence;
  return OperatorError(Code::kUnavailable, "configfs-tsm: an empty report");
}

}  // namespace

std::unique_ptr<Attestor> MakeTsmAttestor(TsmPlace place) {
  return std::make_unique<TsmAttestor>(std::move(place));
}

}  // namespace bulkhead::release
