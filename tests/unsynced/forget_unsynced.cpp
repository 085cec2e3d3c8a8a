// SPDX-License-Identifier: Apache-2.0
#include "unsynced/forget_unsynced.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "unsynced/book.h"

namespace unsynced {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSectorBytes = 512;

// Bytes that a write put others in the place of.
struct Replaced {
  uint64_t offset = 0;
  std::string bytes;
};

struct Durable {
  std::map<std::string, uint64_t> files;
  std::map<std::string, std::vector<Replaced>> replaced;  // since the last sync, oldest first
  std::map<std::string, std::set<std::string>> folders;
};

uint64_t Below(uint64_t end, std::mt19937_64& chance) {
  return std::uniform_int_distribution<uint64_t>(0, end - 1)(chance);
}

std::string Unhex(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

Durable ReadBook(const fs::path& book) {
  Durable durable;
  std::ifstream lines(book);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("file ")) {
      std::istringstream words(line.substr(5));
      std::string key;
      uint64_t bytes = 0;
      words >> key >> bytes;
      durable.files[key] = bytes;
      durable.replaced.erase(key);
    } else if (line.starts_with("was ")) {
      std::istringstream words(line.substr(4));
      std::string key;
      std::string hex;
      Replaced replaced;
      words >> key >> replaced.offset >> hex;
      replaced.bytes = Unhex(hex);
      durable.replaced[key].push_back(std::move(replaced));
    } else if (line.starts_with("folder ")) {
      std::istringstream names(line.substr(7));
      std::string folder;
      std::getline(names, folder, '\t');
      auto& known = durable.folders[folder];
      known.clear();
      for (std::string name; std::getline(names, name, '\t');) known.insert(name);
    }
  }
  return durable;
}

// Everything below the folder, what lies deeper first.
std::vector<fs::path> PathsBelow(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths, std::greater{});
  return paths;
}

void PutHoles(const fs::path& path, uint64_t from, uint64_t to, std::mt19937_64& chance) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (uint64_t sector = from / kSectorBytes * kSectorBytes; sector < to; sector += kSectorBytes) {
    if (Below(2, chance) == 0) continue;
    const uint64_t begin = std::max(sector, from);
    const std::string zeros(std::min(sector + kSectorBytes, to) - begin, '\0');
    file.seekp(static_cast<std::streamoff>(begin));
    file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
  }
}

// Of each sector that was written over, by chance, what was there at the last sync.
void PutBack(const fs::path& path, const std::vector<Replaced>& replaced, std::mt19937_64& chance) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::map<uint64_t, bool> reached;  // the disk
  for (auto each = replaced.rbegin(); each != replaced.rend(); ++each) {
    const uint64_t end = each->offset + each->bytes.size();
    for (uint64_t at = each->offset; at < end;) {
      const uint64_t sector = at / kSectorBytes;
      const uint64_t stop = std::min(end, (sector + 1) * kSectorBytes);
      const auto known = reached.try_emplace(sector, Below(2, chance) == 0).first;
      if (!known->second) {
        file.seekp(static_cast<std::streamoff>(at));
        file.write(each->bytes.data() + (at - each->offset),
                   static_cast<std::streamsize>(stop - at));
      }
      at = stop;
    }
  }
}

void ForgetWrites(const fs::path& path, const Durable& durable, std::mt19937_64& chance) {
  struct statx status{};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) return;
  const std::string key = KeyOf(status);
  if (const auto found = durable.replaced.find(key); found != durable.replaced.end()) {
    PutBack(path, found->second, chance);
  }
  const auto known = durable.files.find(key);
  const uint64_t synced = known == durable.files.end() ? 0 : known->second;
  const uint64_t bytes = status.stx_size;
  if (bytes <= synced) return;
  switch (Below(4, chance)) {
    case 0:
      return fs::resize_file(path, synced);
    case 1:
      return fs::resize_file(path, synced + Below(bytes - synced + 1, chance));
    case 2:
      return PutHoles(path, synced, bytes, chance);
    default:
      return;
  }
}

bool IsDurableName(const fs::path& path, const Durable& durable) {
  const auto folder = durable.folders.find(path.parent_path().string());
  return folder != durable.folders.end() && folder->second.contains(path.filename().string());
}

}  // namespace

void BeginBook(const fs::path& folder, const fs::path& book) {
  std::ofstream file(book, std::ios::trunc);
  file << LineOf(folder);
  for (const fs::path& path : PathsBelow(folder)) file << LineOf(path);
}

void ForgetUnsynced(const fs::path& folder, const fs::path& book, std::mt19937_64& chance) {
  const Durable durable = ReadBook(book);
  for (const fs::path& path : PathsBelow(folder)) {
    if (!IsDurableName(path, durable) && Below(2, chance) == 0) {
      fs::remove_all(path);
    } else if (fs::is_regular_file(path)) {
      ForgetWrites(path, durable, chance);
    }
  }
  BeginBook(folder, book);
}

}  // namespace unsynced
