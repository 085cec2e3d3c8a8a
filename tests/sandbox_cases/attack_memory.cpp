// SPDX-License-Identifier: Apache-2.0
// Memory: what others left in it, and code of its own making.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "channel/inheritance.h"
#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kFreshBytes = std::size_t{64} << 20;

void* MapPrivate(std::size_t bytes, int protection) {
  return ::mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// The marker travels as its complement, so that the order does not contain what is looked for.
std::string Marker(const Order& order) {
  std::string marker = order.argument;
  for (char& c : marker) c = static_cast<char>(c ^ 0x1f);
  return marker;
}

bool Contains(const char* bytes, std::size_t size, const std::string& marker) {
  return ::memmem(bytes, size, marker.data(), marker.size()) != nullptr;
}

// Pages that were somebody's before.
Loot SearchFreshMemory(const Order& order) {
  void* memory = MapPrivate(kFreshBytes, PROT_READ | PROT_WRITE);
  if (memory == MAP_FAILED) return Refused("mmap");
  const auto* bytes = static_cast<const char*>(memory);
  const bool marked = Contains(bytes, kFreshBytes, Marker(order));
  const bool used = std::any_of(bytes, bytes + kFreshBytes, [](char c) { return c != 0; });
  ::munmap(memory, kFreshBytes);
  if (marked) return Got("the other's weights in fresh memory");
  return used ? Got("what others left in fresh memory") : Nothing("64 MiB of zeros");
}

Loot SearchHeap(const Order& order) {
  std::vector<std::vector<char>> blocks;
  for (std::size_t size = 64; size <= (std::size_t{1} << 22); size *= 2) {
    for (int i = 0; i < 4; ++i) {
      // As the allocator gives it, without the constructor's zeros.
      const std::unique_ptr<char[]> block(new char[size]);
      if (Contains(block.get(), size, Marker(order))) return Got("the other's weights in the heap");
    }
  }
  return Nothing("a heap without it");
}

Loot SearchDescriptors(const Order& order) {
  const std::string marker = Marker(order);
  for (int number = 0; number < 1024; ++number) {
    if (number == channel::kFramesFd) continue;  // a read would wait
    struct stat status{};
    if (::syscall(SYS_fstat, number, &status) != 0 || !S_ISREG(status.st_mode)) continue;
    std::vector<char> bytes(std::size_t{1} << 20);
    const ssize_t count = ::pread(number, bytes.data(), bytes.size(), 0);
    if (count > 0 && Contains(bytes.data(), static_cast<std::size_t>(count), marker)) {
      return Got(fmt::format("the other's weights on descriptor {}", number));
    }
  }
  return Nothing("descriptors without it");
}

// Its own model file, after it was loaded.
Loot ReadWeightsAgain(const Order&) {
  struct stat status{};
  if (::syscall(SYS_fstat, channel::kWeightsFd, &status) != 0) return Refused("fstat");
  // The number may be used again by then.
  return S_ISREG(status.st_mode) ? Got("the weights' file") : Nothing("another descriptor");
}

Loot MapWritableCode(const Order&) {
  if (MapPrivate(kPage, PROT_READ | PROT_WRITE | PROT_EXEC) == MAP_FAILED) return Refused("mmap");
  return Got("memory to write code into");
}

Loot MakeCode(const Order&) {
  void* page = MapPrivate(kPage, PROT_READ | PROT_WRITE);
  if (page == MAP_FAILED) return Refused("mmap");
  if (::mprotect(page, kPage, PROT_READ | PROT_EXEC) != 0) return Refused("mprotect");
  return Got("code of its own making");
}

// Bytes that it wrote to a file of its own (the argument is its descriptor), as code.
Loot MapFileAsCode(const Order& order) {
  const int file = std::stoi(order.argument);
  // A write would meet the limit of files.
  void* bytes = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (bytes == MAP_FAILED) return Refused("mmap of bytes");
  *static_cast<volatile unsigned char*>(bytes) = 0xc3;
  void* code = ::mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  if (code == MAP_FAILED) return Refused("mmap");
  return Got("code of its own making, through a file");
}

// A file that nobody can write: whoever maps it writable shares it with everyone.
Loot WriteProgramFile(const Order& order) {
  const int file = ::open(order.argument.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return Refused("open " + order.argument);
  return Got("a program's file to write to");
}

Loot HugePages(const Order&) {
  void* memory = ::mmap(nullptr, std::size_t{2} << 20, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (memory == MAP_FAILED) return Refused("mmap of huge pages");
  return Got("huge pages, which no group's limit counts");
}

Loot MemoryFile(const Order&) {
  const long file = ::syscall(SYS_memfd_create, "x", 0U);
  if (file < 0) return Refused("memfd_create");
  return Got("a file in memory");
}

constexpr Attack kAttacks[] = {{"search-fresh-memory", SearchFreshMemory},
                               {"search-heap", SearchHeap},
                               {"search-descriptors", SearchDescriptors},
                               {"read-weights-again", ReadWeightsAgain},
                               {"map-writable-code", MapWritableCode},
                               {"make-code", MakeCode},
                               {"map-file-as-code", MapFileAsCode},
                               {"write-program-file", WriteProgramFile},
                               {"huge-pages", HugePages},
                               {"memory-file", MemoryFile}};

}  // namespace

std::span<const Attack> MemoryAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
