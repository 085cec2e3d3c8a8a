// SPDX-License-Identifier: Apache-2.0
#include "device/instance_journal.h"

#include <cerrno>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/read_file.h"
#include "base/write_file.h"

namespace bulkhead::device {
namespace {

using base::Code;
using Kind = JournalEntry::Kind;

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
constexpr uint64_t kRewriteBytes = uint64_t{1} << 20;

base::Error NotWritten(const std::filesystem::path& path, int error_number) {
  return base::OperatorError(Code::kUnavailable,
                             path.string() + ": " + base::ErrnoError(error_number).detail);
}

base::Status WriteAll(int file, std::span<const char> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::ErrnoError(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  if (::fdatasync(file) != 0) return base::ErrnoError(errno);
  return base::Ok();
}

}  // namespace

InstanceJournal InstanceJournal::InMemory() {
  InstanceJournal journal;
  journal.state_.boot_id = "none";
  return journal;
}

base::Result<InstanceJournal> InstanceJournal::Open(const std::filesystem::path& folder,
                                                    const std::string& boot_id) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return WithContext(base::ErrnoError(failed.value()), folder.string());
  InstanceJournal journal;
  journal.path_ = folder / "instances";
  const auto bytes = base::ReadFile(journal.path_, kFileBytesMax);
  if (bytes.ok()) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.value().data()),
                                bytes.value().size());
    auto state = ParseJournal(text);
    if (!state.ok()) {
      return base::OperatorError(
          state.error().code,
          fmt::format("{}: {}; which GPU instances are ours is not known: remove those that nobody "
                      "uses, with nvidia-smi mig -dci and -dgi, and then this file",
                      journal.path_.string(), state.error().detail));
    }
    journal.state_ = std::move(state).value();
  } else if (bytes.error().code != Code::kNotFound) {
    return WithContext(bytes.error(), journal.path_.string());
  }
  if (!CanBeJournaled({Kind::kBegin, 0, boot_id})) {
    return base::OperatorError(Code::kUnavailable, "not the id of a boot: " + boot_id);
  }
  if (journal.state_.boot_id != boot_id) journal.state_.owned.clear();
  journal.state_.boot_id = boot_id;
  BH_TRY(journal.Rewrite());
  return journal;
}

base::Status InstanceJournal::Rewrite() {
  const std::string text = FormatJournal(state_);
  BH_TRY(base::WriteFile(path_, std::as_bytes(std::span(text)), base::Durable::kNow));
  file_ = base::UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file_.valid()) return NotWritten(path_, errno);
  bytes_ = text.size();
  return base::Ok();
}

base::Status InstanceJournal::Append(const JournalEntry& entry) {
  if (!CanBeJournaled(entry)) {
    return base::OperatorError(Code::kUnavailable, "the driver's names or numbers are not usual: " +
                                                       FormatJournalEntry(entry));
  }
  JournalState changed = state_;
  BH_TRY(ApplyJournalEntry(entry, changed));
  if (path_.empty()) {
    state_ = std::move(changed);
    return base::Ok();
  }
  // The file of the last failure may say more than we know; a new one says what we know.
  if (!file_.valid() || bytes_ > kRewriteBytes) BH_TRY(Rewrite());
  const std::string line = FormatJournalEntry(entry);
  const base::Status written = WriteAll(file_.get(), line, bytes_);
  if (!written.ok()) {
    file_ = base::UniqueFd();
    return base::OperatorError(Code::kUnavailable, path_.string() + ": " + written.error().detail);
  }
  bytes_ += line.size();
  state_ = std::move(changed);
  return base::Ok();
}

base::Result<uint64_t> InstanceJournal::Intend(const std::string& gpu, int profile_id, int start) {
  const uint64_t generation = NextGeneration();
  BH_TRY(Append({Kind::kIntend, generation, gpu, profile_id, start}));
  return generation;
}

base::Status InstanceJournal::Made(uint64_t generation, int gpu_instance) {
  return Append({Kind::kMade, generation, {}, gpu_instance});
}

base::Status InstanceJournal::Whole(uint64_t generation, int compute_instance) {
  return Append({Kind::kWhole, generation, {}, compute_instance});
}

base::Status InstanceJournal::Leave(uint64_t generation) {
  return Append({Kind::kLeave, generation});
}

base::Status InstanceJournal::Gone(uint64_t generation) {
  return Append({Kind::kGone, generation});
}

}  // namespace bulkhead::device
