// SPDX-License-Identifier: Apache-2.0
#include "audit/signing_key.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/hex.h"
#include "base/private_folder.h"
#include "base/random_bytes.h"
#include "base/sha256.h"

namespace bulkhead::audit {
namespace {

using Seed = std::array<std::byte, base::kEd25519KeyBytes>;

// Written beside and linked into place, so that nobody ever reads a half of it.
base::Status Make(const std::filesystem::path& file) {
  const std::string fresh = file.string() + "." + std::to_string(::getpid());
  Seed seed{};
  BH_TRY(base::FillRandom(seed));
  BH_ASSIGN(const base::UniqueFd made, base::MakePrivateFile(AT_FDCWD, fresh));
  base::Status done = base::WriteAt(made.get(), 0, seed);
  ::explicit_bzero(seed.data(), seed.size());
  if (done.ok()) done = base::SyncFd(made.get());
  if (done.ok() && ::link(fresh.c_str(), file.c_str()) != 0) {
    done = base::DiskError(errno, file.string());
  }
  ::unlink(fresh.c_str());
  if (!done.ok()) return done;
  return base::SyncFolder(file.parent_path());
}

base::Result<Signer> Named(std::string_view program, std::span<const std::byte> seed) {
  BH_ASSIGN(const Signer unnamed, MakeSigner(program, seed));
  const base::Sha256Digest digest = base::Sha256Of(unnamed.key.key);
  return MakeSigner(std::string(program) + "/" + base::Hex(std::span(digest).first<8>()), seed);
}

}  // namespace

base::Result<Signer> ReadOrMakeSigner(const std::filesystem::path& file, std::string_view program) {
  auto opened = base::OpenPrivateFile(AT_FDCWD, file.string());
  if (!opened.ok() && opened.error().code == base::Code::kNotFound) {
    BH_TRY(Make(file));
    opened = base::OpenPrivateFile(AT_FDCWD, file.string());
  }
  if (!opened.ok()) return std::move(opened).error();
  std::array<std::byte, base::kEd25519KeyBytes + 1> bytes{};
  const ssize_t count = ::read(opened.value().get(), bytes.data(), bytes.size());
  if (count != static_cast<ssize_t>(base::kEd25519KeyBytes)) {
    return base::OperatorError(base::Code::kCorrupt,
                               file.string() + " is not 32 bytes; put it back from a backup");
  }
  auto signer = Named(program, std::span(bytes).first<base::kEd25519KeyBytes>());
  ::explicit_bzero(bytes.data(), bytes.size());
  return signer;
}

}  // namespace bulkhead::audit
