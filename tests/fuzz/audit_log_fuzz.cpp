// SPDX-License-Identifier: Apache-2.0
// A log whose files are hostile: Verify never takes what was changed, and opens what Open opens.
// The first byte chooses the file and where it is changed; the rest is put there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "audit/test_log.h"
#include "audit/verify.h"
#include "base/check.h"

namespace {

namespace audit = bulkhead::audit;

// Six signed records, made once.
struct Made {
  Made() {
    {
      const auto log = audit::OpenTestLog(folder);
      audit::AppendMany(*log, 4);
    }
    kept.emplace(folder);
  }
  audit::TestFolder folder;
  std::optional<audit::Kept> kept;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  static const Made made;
  if (size < 2) return 0;
  constexpr const char* kFiles[] = {"records/0000000000.jsonl", "checkpoint", "tile/0/000.p/6",
                                    "verifier-key"};
  const auto path = made.folder.log() / kFiles[bytes[0] % 4];
  const std::string before = audit::ContentOf(path);
  const std::string_view put(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  std::string changed = before.substr(0, before.size() * bytes[1] / 255);
  changed += put;
  if (bytes[0] & 4) changed += before.substr(std::min(before.size(), changed.size()));
  audit::PutContent(path, changed);
  const auto report = audit::Verify(made.folder.log(), audit::TestSigner().key);
  BH_CHECK(report.ok());
  const bool only_more = changed.starts_with(before);
  const bool is_key = bytes[0] % 4 == 3;
  if (changed != before && !is_key && !only_more) BH_CHECK(!report.value().sound());
  (void)audit::OwnVerifierKey(made.folder.log());
  const auto opened = audit::Reopened(made.folder);
  // Tiles are made anew from the records; everything else must be as it was.
  const bool is_tile = bytes[0] % 4 == 2;
  BH_CHECK(is_tile || is_key || opened.ok() == report.value().sound());
  made.kept->Restore();
  return 0;
}
