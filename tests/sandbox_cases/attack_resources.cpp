// SPDX-License-Identifier: Apache-2.0
// To take more than its share.
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

long Number(const Order& order) {
  long number = 0;
  std::from_chars(order.argument.data(), order.argument.data() + order.argument.size(), number);
  return number;
}

void* WaitForever(void*) {
  for (;;) ::poll(nullptr, 0, 1000);
  return nullptr;
}

// The argument says how many (threads, processes, descriptors, MiB) are more than its share.
Loot Threads(const Order& order) {
  pthread_attr_t small;
  ::pthread_attr_init(&small);
  ::pthread_attr_setstacksize(&small, std::size_t{64} << 10);
  for (long count = 0; count < Number(order); ++count) {
    pthread_t thread = 0;
    errno = ::pthread_create(&thread, &small, WaitForever, nullptr);
    if (errno != 0) return Refused(fmt::format("thread {}", count));
  }
  return Got(order.argument + " threads");
}

Loot Processes(const Order& order) {
  for (long count = 0; count < Number(order); ++count) {
    const long child = ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0);
    if (child == 0) WaitForever(nullptr);
    if (child < 0) return Refused(fmt::format("process {}", count));
  }
  return Got(order.argument + " processes");
}

Loot Memory(const Order& order) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  for (long count = 0; count < Number(order); ++count) {
    void* memory =
        ::mmap(nullptr, kMiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Refused(fmt::format("MiB {}", count));
    auto* bytes = static_cast<volatile char*>(memory);
    for (std::size_t at = 0; at < kMiB; at += 4096) bytes[at] = 1;
  }
  return Got(order.argument + " MiB");
}

// As many MiB as the argument says, again and again: all that it may have, and never more.
Loot RefillMemory(const Order& order) {
  const auto bytes = static_cast<std::size_t>(Number(order)) << 20;
  Tell("refilling");
  for (;;) {
    void* memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Refused("mmap");
    std::memset(memory, 1, bytes);
    ::munmap(memory, bytes);
  }
}

Loot AddressSpace(const Order& order) {
  const auto bytes = static_cast<std::size_t>(Number(order)) << 20;
  if (::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
             -1, 0) == MAP_FAILED) {
    return Refused("mmap");
  }
  return Got(order.argument + " MiB of addresses");
}

Loot Descriptors(const Order& order) {
  for (long count = 0; count < Number(order); ++count) {
    if (::fcntl(0, F_DUPFD_CLOEXEC, 0) < 0) return Refused(fmt::format("descriptor {}", count));
  }
  return Got(order.argument + " descriptors");
}

// A file of memory that it was given (its descriptor is the argument): more than it was given.
Loot GrowFile(const Order& order) {
  const auto file = static_cast<int>(Number(order));
  const std::vector<char> bytes(std::size_t{1} << 20);
  for (int count = 0; count < 64; ++count) {
    if (::write(file, bytes.data(), bytes.size()) < 0) return Refused("write to its file");
  }
  return Got("64 MiB in a file");
}

Loot RaiseLimit(const Order&) {
  const rlimit more{4096, 4096};
  if (::setrlimit(RLIMIT_NOFILE, &more) != 0) return Refused("setrlimit");
  return Got("a higher limit");
}

Loot LockMemory(const Order& order) {
  const auto bytes = static_cast<std::size_t>(Number(order)) << 20;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return Refused("mmap");
  if (::mlock(memory, bytes) != 0) return Refused("mlock");
  return Got(order.argument + " MiB locked");
}

// The argument is a core that is not its own.
Loot OtherCore(const Order& order) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(Number(order)), &cores);
  if (::sched_setaffinity(0, sizeof cores, &cores) != 0) return Refused("sched_setaffinity");
  cpu_set_t taken;
  if (::sched_getaffinity(0, sizeof taken, &taken) != 0) return Refused("sched_getaffinity");
  if (!CPU_ISSET(static_cast<std::size_t>(Number(order)), &taken)) return Nothing("its own cores");
  return Got("core " + order.argument);
}

Loot RealTime(const Order&) {
  sched_param highest{};
  highest.sched_priority = 99;
  if (::sched_setscheduler(0, SCHED_FIFO, &highest) != 0) return Refused("sched_setscheduler");
  return Got("real time");
}

// Every core it can have, until somebody ends it.
Loot BurnCores(const Order&) {
  Tell("burning");
  for (unsigned long count = 0;; ++count) asm volatile("" : : "r"(count));
}

Loot FloodLog(const Order&) {
  const std::string line(4000, 'x');
  for (;;) Tell(line);
}

constexpr Attack kAttacks[] = {{"threads", Threads},
                               {"processes", Processes},
                               {"memory", Memory},
                               {"address-space", AddressSpace},
                               {"descriptors", Descriptors},
                               {"grow-file", GrowFile},
                               {"raise-limit", RaiseLimit},
                               {"lock-memory", LockMemory},
                               {"other-core", OtherCore},
                               {"real-time", RealTime},
                               {"burn-cores", BurnCores},
                               {"flood-log", FloodLog},
                               {"refill-memory", RefillMemory}};

}  // namespace

std::span<const Attack> ResourceAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
