// SPDX-License-Identifier: Apache-2.0
#include "isolation/program_files.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <elf.h>
#include <unistd.h>

#include "base/capture_output.h"
#include "isolation/loader_list.h"

namespace bulkhead::isolation {
namespace {

constexpr std::size_t kListBytesMax = std::size_t{256} << 10;
constexpr std::chrono::seconds kListTimeout{10};
constexpr std::size_t kProgramHeadersMax = 64;
constexpr std::size_t kInterpreterBytesMax = 4096;

base::Error Refuse(const std::filesystem::path& file, std::string_view why) {
  return base::OperatorError(base::Code::kInvalid, file.string() + ": " + std::string(why));
}

// The loader that a program names in PT_INTERP; empty for a shared library, which names none.
// Source: System V ABI, chapter 5, "Program Interpreter".
base::Result<std::string> Interpreter(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Elf64_Ehdr header{};
  stream.read(reinterpret_cast<char*>(&header), sizeof(header));
  if (!stream) return Refuse(file, "cannot be read as a program");
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kProgramHeadersMax) {
    return Refuse(file, "is not a 64-bit ELF file");
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  stream.seekg(static_cast<std::streamoff>(header.e_phoff));
  stream.read(reinterpret_cast<char*>(segments.data()),
              static_cast<std::streamsize>(segments.size() * sizeof(Elf64_Phdr)));
  if (!stream) return Refuse(file, "is a damaged ELF file");
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_filesz > kInterpreterBytesMax) return Refuse(file, "is a damaged ELF file");
    std::string path(segment.p_filesz, '\0');
    stream.seekg(static_cast<std::streamoff>(segment.p_offset));
    stream.read(path.data(), static_cast<std::streamsize>(path.size()));
    if (!stream) return Refuse(file, "is a damaged ELF file");
    return path.substr(0, path.find('\0'));
  }
  return std::string();
}

class Closure {
 public:
  void Add(const std::filesystem::path& path) {
    if (seen_.insert(path).second) binds_.push_back({path, path});
  }

  base::Status AddDependencies(const std::string& loader, const std::filesystem::path& file) {
    std::vector<std::string> environment;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody calls setenv
    if (const char* folders = std::getenv("LD_LIBRARY_PATH")) {
      environment.push_back(std::string("LD_LIBRARY_PATH=") + folders);
    }
    BH_ASSIGN(const base::CommandOutput listed,
              base::CaptureOutput({loader, "--list", file.string()}, environment, kListBytesMax,
                                  kListTimeout));
    BH_ASSIGN(const std::vector<std::filesystem::path> libraries, ParseLoaderList(listed.out));
    for (const auto& library : libraries) Add(library);
    return base::Ok();
  }

  std::vector<FileBind> Take() { return std::move(binds_); }

 private:
  std::set<std::filesystem::path> seen_;
  std::vector<FileBind> binds_;
};

}  // namespace

base::Result<std::vector<FileBind>> ProgramFiles(const std::vector<std::filesystem::path>& files) {
  Closure closure;
  std::string loader;
  for (const auto& file : files) {
    BH_ASSIGN(const std::string named, Interpreter(file));
    if (!named.empty()) loader = named;
    if (loader.empty()) return Refuse(file, "is statically linked, or a library before a program");
    closure.Add(file);
    closure.Add(loader);
    BH_TRY(closure.AddDependencies(loader, file));
  }
  return closure.Take();
}

}  // namespace bulkhead::isolation
