// SPDX-License-Identifier: Apache-2.0
#include "audit/log.h"

#include <algorithm>
#include <cerrno>
#include <future>
#include <utility>

#include <sys/stat.h>

#include "audit/checkpoint.h"
#include "audit/committer.h"
#include "audit/log_folder.h"
#include "audit/recovery.h"
#include "base/disk.h"
#include "base/read_file.h"
#include "base/write_file.h"

namespace bulkhead::audit {
namespace {

// A signed size of 0 comes before the first record, so that a missing checkpoint is no empty log.
base::Status BeginLog(const std::filesystem::path& folder, const Signer& signer) {
  if (::mkdir((folder / kRecordsFolder).c_str(), 0700) != 0 && errno != EEXIST) {
    return base::DiskError(errno, "make the folder of records");
  }
  const std::string key = FormatVerifierKey(signer.key) + "\n";
  BH_TRY(base::WriteFile(folder / kVerifierKeyFile, std::as_bytes(std::span(key)),
                         base::Durable::kNow));
  BH_ASSIGN(const std::string note, SignCheckpoint(0, Tree().Root(), signer));
  return base::WriteFile(folder / kCheckpointFile, std::as_bytes(std::span(note)),
                         base::Durable::kNow);
}

// Until `append` was answered.
template <typename Append>
base::Result<uint64_t> Answer(const Append& append) {
  std::promise<base::Result<uint64_t>> promise;
  auto answer = promise.get_future();
  append([&promise](base::Result<uint64_t> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

}  // namespace

base::Result<std::unique_ptr<Log>> Log::Open(const std::filesystem::path& folder,
                                             LogOptions options) {
  BH_TRY(CheckOrigin(options.signer.key.name));
  auto lock = base::LockFolder(folder);
  if (!lock.ok()) return base::WithContext(std::move(lock).error(), "the audit log's folder");
  BH_ASSIGN(LogState state, Recover(folder, options.signer.key));
  if (state.is_new) BH_TRY(BeginLog(folder, options.signer));
  Event start{.kind = EventKind::kLogStart};
  if (state.cut_bytes > 0) {
    start.annotations[Annotation::kCutBytes] = std::to_string(state.cut_bytes);
  }
  std::unique_ptr<Log> log(new Log(std::make_unique<Committer>(
      std::move(lock).value(), folder, std::move(options), std::move(state))));
  BH_TRY(Answer(
      [&](Done done) { log->committer_->Add(start, Committer::Then::kSign, std::move(done)); }));
  return log;
}

Log::Log(std::unique_ptr<Committer> committer) : committer_(std::move(committer)) {}
Log::~Log() = default;

void Log::Append(const Event& event, Done done) {
  committer_->Add(event, Committer::Then::kNothing, std::move(done));
}

base::Result<uint64_t> Log::AppendAndWait(const Event& event) {
  return Answer([&](Done done) { Append(event, std::move(done)); });
}

void Log::Checkpoint(Done done) {
  committer_->Add({.kind = EventKind::kLogCheckpoint}, Committer::Then::kSignAndSend,
                  std::move(done));
}

const LogRecovery& Log::recovery() const { return committer_->recovery(); }
uint64_t Log::signed_size() const { return committer_->signed_size(); }

SecondPlace CheckpointFolder(const std::filesystem::path& folder) {
  return [folder](const std::string& note, uint64_t size) -> base::Status {
    std::string digits = std::to_string(size);
    digits.insert(0, 20 - std::min<std::size_t>(20, digits.size()), '0');
    const std::filesystem::path path = folder / ("checkpoint-" + digits);
    const auto bytes = std::as_bytes(std::span(note));
    const auto there = base::ReadFile(path, kNoteBytesMax);
    if (!there.ok() && there.error().code == base::Code::kNotFound) {
      return base::WriteFile(path, bytes, base::Durable::kNow);
    }
    BH_TRY(there);
    if (std::ranges::equal(there.value(), bytes)) return base::Ok();
    return base::OperatorError(base::Code::kConflict,
                               path.string() + " is there with another content");
  };
}

}  // namespace bulkhead::audit
