// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/explain.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace bulkhead::isolation {
namespace {

using base::Code;

// The first bytes of a small file of /proc; "" where there is none.
std::string ReadShort(const char* path) {
  const base::UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  std::string text(std::size_t{1} << 16, '\0');
  const ssize_t got = fd.valid() ? ::read(fd.get(), text.data(), text.size()) : 0;
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

bool Says(const char* path, char value) { return ReadShort(path).starts_with(value); }

// A root folder that is no mount point of ours is one that chroot made.
bool InChroot() {
  const std::string mounts = ReadShort("/proc/self/mountinfo");
  return !mounts.empty() && mounts.find(" / rw") == std::string::npos &&
         mounts.find(" / ro") == std::string::npos;
}

bool UnderForeignFilter() {
  return ReadShort("/proc/self/status").find("Seccomp:\t2") != std::string::npos;
}

// Why the kernel refuses namespaces or mounts, as far as it can be seen from here.
std::string WhyNoNamespaces(int error) {
  if (Says("/proc/sys/user/max_user_namespaces", '0')) {
    return "user namespaces are switched off: sysctl user.max_user_namespaces is 0";
  }
  if (error == ENOSPC || error == EUSERS) return "the limit of namespaces is reached";
  if (Says("/proc/sys/kernel/unprivileged_userns_clone", '0') && ::geteuid() != 0) {
    return "user namespaces are for root only here: set sysctl kernel.unprivileged_userns_clone=1 "
           "or start as root";
  }
  if (Says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1') && ::geteuid() != 0) {
    return "AppArmor takes the rights of ordinary users' namespaces away: give this program a "
           "profile with \"userns,\", set sysctl kernel.apparmor_restrict_unprivileged_userns=0, "
           "or start as root";
  }
  if (InChroot()) return "this process runs in a chroot, where the kernel refuses them";
  if (UnderForeignFilter()) {
    return "a system call filter of the container forbids it: inside a container use the pod "
           "driver";
  }
  return "start as root, or use the pod driver inside a container";
}

bool IsAboutAFile(Step step) {
  return step == Step::kOpenFile || step == Step::kPlaceFile || step == Step::kReadFile;
}

std::string_view PathOf(const StepFailure& failure, const LaunchSpec& spec) {
  const std::size_t index = failure.index;
  const bool outside = failure.step != Step::kReadFile;
  if (index < spec.files.size()) {
    const FileBind& file = spec.files[index];
    return outside ? file.source.native() : file.destination.native();
  }
  const std::size_t device = index - spec.files.size();
  return device < spec.devices.size() ? std::string_view(spec.devices[device].native()) : "";
}

std::string WayOut(const StepFailure& failure) {
  switch (failure.step) {
    case Step::kClone:
    case Step::kCgroupNamespace:
    case Step::kPrivateMounts:
    case Step::kMakeRoot:
    case Step::kEnterRoot:
      return WhyNoNamespaces(failure.error);
    case Step::kOpenFile:
    case Step::kPlaceFile:
    case Step::kReadFile:
      if (failure.error == EINVAL) return "only regular files and character devices can be used";
      if (failure.error == ENOSYS) return "it needs Linux 5.12 or newer";
      if (failure.error != EACCES || failure.step != Step::kReadFile) return "";
      return "the compartment's own user must be able to read it: let everyone read the file";
    case Step::kWriteIds:
      return "the id is not one that this process may give: choose another range of user ids";
    case Step::kCores:
      return "a core of the share does not exist or is not this process's to use";
    case Step::kExec:
      if (failure.error == ENOENT) return "its loader is not among the files";
      return failure.error == EACCES ? "everyone must be able to execute the file" : "";
    case Step::kAwake:
    case Step::kNone:
      if (failure.error == EINTR) {
        return "something killed the process while it was started: someone, or the kernel for want "
               "of memory";
      }
      return "the process ended or hung while it was started";
    default:
      return "";
  }
}

Code CodeOf(const StepFailure& failure) {
  switch (failure.error) {
    case ENOMEM:
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case EINTR:
    case ESRCH:  // it was killed before its first step
      return Code::kExhausted;
    default:
      break;
  }
  if (!IsAboutAFile(failure.step)) return Code::kUnavailable;
  if (failure.error == ENOENT || failure.error == ENOTDIR) return Code::kNotFound;
  return failure.error == EINVAL ? Code::kInvalid : Code::kUnavailable;
}

}  // namespace

base::Error Explain(const StepFailure& failure, const LaunchSpec& spec) {
  std::string text;
  if (failure.layer.has_value()) text = fmt::format("layer {}: ", LayerName(*failure.layer));
  text += fmt::format("could not {}", StepName(failure.step));
  if (const auto path = PathOf(failure, spec); !path.empty()) {
    const bool about_a_file = failure.step == Step::kOpenFile || failure.step == Step::kPlaceFile ||
                              failure.step == Step::kReadFile;
    if (about_a_file) text += fmt::format(" ({})", path);
  }
  text += fmt::format(": {}", ::strerrordesc_np(failure.error));
  if (!failure.detail.empty()) text += fmt::format(" ({})", failure.detail);
  if (const std::string way_out = WayOut(failure); !way_out.empty()) text += "; " + way_out;
  return base::OperatorError(CodeOf(failure), std::move(text));
}

base::Error LayerMissing(Layer layer, const std::string& reason) {
  return base::OperatorError(
      Code::kUnavailable,
      fmt::format("layer {}: {}; a policy that does without it names it as optional",
                  LayerName(layer), reason));
}

}  // namespace bulkhead::isolation
