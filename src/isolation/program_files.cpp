// SPDX-License-Identifier: Apache-2.0
#include "isolation/program_files.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <elf.h>

#include "base/capture_output.h"
#include "isolation/loader_list.h"

namespace bulkhead::isolation {
namespace {

using std::filesystem::path;

constexpr std::size_t kListBytesMax = std::size_t{256} << 10;
constexpr std::chrono::seconds kListTimeMax{10};
constexpr std::size_t kSegmentsMax = 64;
constexpr std::size_t kLoaderPathBytesMax = 4096;
constexpr std::string_view kLibc = "libc.so.6";

#ifdef __x86_64__
constexpr auto kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr auto kMachine = EM_AARCH64;
#else
#error "no ELF machine for this architecture"
#endif

base::Error Refuse(const path& file, std::string_view why) {
  return base::OperatorError(base::Code::kInvalid, file.string() + ": " + std::string(why));
}

bool IsOurs(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_machine == kMachine;
}

template <typename T>
bool ReadAt(std::ifstream& stream, uint64_t offset, T* first, std::size_t count) {
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(reinterpret_cast<char*>(first), static_cast<std::streamsize>(count * sizeof(T)));
  return static_cast<bool>(stream);
}

// The loader that a program names in PT_INTERP; "" for a shared library, which names none. Source:
// System V ABI, chapter 5, "Program Interpreter".
base::Result<std::string> LoaderOf(const path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return base::OperatorError(base::Code::kUnavailable, file.string() + ": cannot be opened");
  }
  Elf64_Ehdr header = {};
  if (!ReadAt(stream, 0, &header, 1) || !IsOurs(header)) {
    return Refuse(file, "is no ELF file of this machine (a script needs its interpreter named)");
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kSegmentsMax) {
    return Refuse(file, "is a damaged ELF file");
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!ReadAt(stream, header.e_phoff, segments.data(), segments.size())) {
    return Refuse(file, "is a damaged ELF file");
  }
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_INTERP) continue;
    std::string loader(std::min<uint64_t>(segment.p_filesz, kLoaderPathBytesMax), '\0');
    if (!ReadAt(stream, segment.p_offset, loader.data(), loader.size())) {
      return Refuse(file, "is a damaged ELF file");
    }
    return loader.substr(0, loader.find('\0'));
  }
  if (header.e_type != ET_DYN) return Refuse(file, "is statically linked and needs no other file");
  return std::string();
}

// To the loader's own process, /proc/self/exe is the loader.
std::string AsOthersNameIt(const path& file) {
  if (!file.native().starts_with("/proc/")) return file;
  std::error_code error;
  const path target = std::filesystem::read_symlink(file, error);
  return error ? file : target;
}

base::Result<std::vector<LoadedLibrary>> AskLoader(const std::vector<std::string>& command) {
  BH_ASSIGN(const base::CommandOutput listed,
            base::CaptureOutput(command, {}, kListBytesMax, kListTimeMax));
  return ParseLoaderList(listed.out);
}

class Closure {
 public:
  void Add(const path& source, const path& destination) {
    const path plain = destination.lexically_normal();
    if (seen_.insert(plain).second) binds_.push_back({source, plain});
  }

  base::Status AddLibraries(const std::string& loader, const path& file) {
    const std::string asked = AsOthersNameIt(file);
    auto found = AskLoader({loader, "--inhibit-cache", "--list", asked});
    const bool by_cache = !found.ok();
    if (by_cache) found = AskLoader({loader, "--list", asked});
    if (!found.ok()) return base::WithContext(std::move(found).error(), file.string());
    for (const LoadedLibrary& library : found.value()) {
      Add(library.path, library.path);
      if (library.name == kLibc) libc_folder_ = library.path.parent_path();
    }
    for (const LoadedLibrary& library : found.value()) {
      const bool by_name = !library.name.empty() && !library.name.starts_with('/');
      if (by_cache && by_name && !libc_folder_.empty()) {
        Add(library.path, libc_folder_ / library.name);
      }
    }
    return base::Ok();
  }

  std::vector<FileBind> Take() { return std::move(binds_); }

 private:
  std::set<path> seen_;
  std::vector<FileBind> binds_;
  path libc_folder_;
};

}  // namespace

base::Result<std::vector<FileBind>> ProgramFiles(const std::vector<path>& programs_and_libraries) {
  Closure closure;
  std::string loader;
  for (const path& file : programs_and_libraries) {
    BH_ASSIGN(const std::string named, LoaderOf(file));
    if (!named.empty()) loader = named;
    if (loader.empty()) return Refuse(file, "names no loader; a program must come first");
    closure.Add(file, file);
    closure.Add(loader, loader);
    BH_TRY(closure.AddLibraries(loader, file));
  }
  return closure.Take();
}

}  // namespace bulkhead::isolation
