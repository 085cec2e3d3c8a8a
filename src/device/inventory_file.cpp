// SPDX-License-Identifier: Apache-2.0
#include "device/inventory_file.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "device/known_model.h"
#include "mig/layout.h"

namespace bulkhead::device {
namespace {

using base::Code;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kFormat = "bulkhead-gpu-inventory";
constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
constexpr int64_t kNumberMax = 1'000'000;
constexpr int64_t kMebibytesMax = 1'000'000'000;
constexpr int kUnitsMax = 31;  // one bit of a word each, with room for the shift
constexpr std::size_t kListMax = 1024;
constexpr std::size_t kTextBytesMax = 96;  // what NVIDIA's library holds of a name

constexpr std::array<std::string_view, 3> kModes{"absent", "off", "on"};
constexpr std::array<std::string_view, 4> kMedia{"usual", "added", "all", "none"};

// The fields of one object; the first that is missing or out of bounds makes it not ok.
class Fields {
 public:
  Fields(const json& object, std::string& problem) : object_(object), problem_(problem) {}

  const json& At(const char* name) {
    static const json nothing;
    const auto found = object_.is_object() ? object_.find(name) : object_.end();
    if (found != object_.end()) return *found;
    Complain(name);
    return nothing;
  }
  int64_t Number(const char* name, int64_t max = kNumberMax) {
    const json& value = At(name);
    if (value.is_number_unsigned() && value.get<uint64_t>() <= static_cast<uint64_t>(max)) {
      return value.get<int64_t>();
    }
    Complain(name);
    return 0;
  }
  int Int(const char* name) { return static_cast<int>(Number(name)); }
  bool Flag(const char* name) {
    const json& value = At(name);
    if (value.is_boolean()) return value.get<bool>();
    Complain(name);
    return false;
  }
  std::string Text(const char* name) {
    const json& value = At(name);
    if (value.is_string() && value.get_ref<const std::string&>().size() <= kTextBytesMax) {
      return value.get<std::string>();
    }
    Complain(name);
    return {};
  }
  template <std::size_t count>
  std::size_t Choice(const char* name, const std::array<std::string_view, count>& words) {
    const std::string text = Text(name);
    const auto* const found = std::ranges::find(words, text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    Complain(name);
    return 0;
  }
  const json& List(const char* name) {
    static const json nothing = json::array();
    const json& value = At(name);
    if (value.is_array() && value.size() <= kListMax) return value;
    Complain(name);
    return nothing;
  }
  void Complain(std::string_view name) {
    if (problem_.empty()) problem_ = fmt::format("\"{}\" is missing or not as it must be", name);
  }

 private:
  const json& object_;
  std::string& problem_;
};

ordered_json ProfileJson(const mig::Profile& profile) {
  return {{"name", profile.name},
          {"id", profile.id},
          {"slices", profile.slices},
          {"units", profile.units},
          {"starts", profile.starts},
          {"count_max", profile.count_max},
          {"media", kMedia[static_cast<std::size_t>(profile.media)]},
          {"graphics", profile.graphics},
          {"memory_mib", profile.memory_mib},
          {"multiprocessors", profile.multiprocessors},
          {"copy_engines", profile.engines.copy},
          {"decoders", profile.engines.decoders},
          {"encoders", profile.engines.encoders},
          {"jpeg_engines", profile.engines.jpeg},
          {"optical_flow_engines", profile.engines.optical_flow},
          {"observed", profile.observed}};
}

ordered_json EnginesJson(const mig::Engines& engines) {
  return {{"copy", engines.copy},
          {"decoders", engines.decoders},
          {"encoders", engines.encoders},
          {"jpeg", engines.jpeg},
          {"optical_flow", engines.optical_flow}};
}

ordered_json InstanceJson(const Gpu& gpu, const GpuInstance& instance) {
  ordered_json compute = ordered_json::array();
  for (const ComputeInstance& one : instance.compute) {
    compute.push_back({{"id", one.id}, {"slices", one.slices}, {"uuid", one.uuid}});
  }
  return {{"id", instance.id},
          {"profile_id", gpu.model.profiles[static_cast<std::size_t>(instance.profile)].id},
          {"start", instance.start},
          {"compute", std::move(compute)}};
}

ordered_json GpuJson(const Gpu& gpu) {
  ordered_json profiles = ordered_json::array();
  for (const mig::Profile& profile : gpu.model.profiles) profiles.push_back(ProfileJson(profile));
  ordered_json instances = ordered_json::array();
  for (const GpuInstance& one : gpu.instances) instances.push_back(InstanceJson(gpu, one));
  const uint32_t pci_id = gpu.model.pci_ids.empty() ? 0 : gpu.model.pci_ids.front();
  return {{"uuid", gpu.uuid},
          {"minor", gpu.minor},
          {"driver_version", gpu.driver_version},
          {"product", gpu.model.product},
          {"pci_id", pci_id},
          {"memory_mib", gpu.model.memory_mib},
          {"multiprocessors", gpu.model.multiprocessors},
          {"engines", EnginesJson(gpu.model.engines)},
          {"mig", kModes[static_cast<std::size_t>(gpu.mig)]},
          {"ecc", gpu.ecc ? ordered_json(*gpu.ecc) : ordered_json(nullptr)},
          {"exclusive", gpu.exclusive},
          {"profiles", std::move(profiles)},
          {"instances", std::move(instances)}};
}

mig::Profile ParseProfile(const json& object, std::string& problem) {
  Fields fields(object, problem);
  mig::Profile profile;
  profile.name = fields.Text("name");
  profile.id = fields.Int("id");
  profile.slices = fields.Int("slices");
  profile.units = fields.Int("units");
  for (const json& start : fields.List("starts")) {
    const bool fits = start.is_number_unsigned() && start.get<uint64_t>() < kUnitsMax;
    if (!fits) fields.Complain("starts");
    profile.starts.push_back(fits ? start.get<int>() : 0);
  }
  profile.count_max = fields.Int("count_max");
  profile.media = static_cast<mig::Media>(fields.Choice("media", kMedia));
  profile.graphics = fields.Flag("graphics");
  profile.memory_mib = static_cast<uint64_t>(fields.Number("memory_mib", kMebibytesMax));
  profile.multiprocessors = fields.Int("multiprocessors");
  profile.engines = {fields.Int("copy_engines"), fields.Int("decoders"), fields.Int("encoders"),
                     fields.Int("jpeg_engines"), fields.Int("optical_flow_engines")};
  // Files of earlier captures lack it: they had all been seen.
  if (object.is_object() && object.contains("observed")) profile.observed = fields.Flag("observed");
  if (profile.units < 1 || profile.units > kUnitsMax) fields.Complain("units");
  if (!std::ranges::is_sorted(profile.starts)) fields.Complain("starts");
  return profile;
}

void ParseInstances(const json& list, Gpu& gpu, std::string& problem) {
  std::set<int> ids;
  std::vector<mig::Instance> layout;
  for (const json& object : list) {
    Fields fields(object, problem);
    GpuInstance instance;
    instance.id = fields.Int("id");
    instance.start = fields.Int("start");
    const auto profile =
        std::ranges::find(gpu.model.profiles, fields.Int("profile_id"), &mig::Profile::id);
    if (profile == gpu.model.profiles.end()) return fields.Complain("profile_id");
    instance.profile = static_cast<int>(profile - gpu.model.profiles.begin());
    for (const json& one : fields.List("compute")) {
      Fields compute(one, problem);
      instance.compute.push_back({compute.Int("id"), compute.Int("slices"), compute.Text("uuid")});
    }
    if (!ids.insert(instance.id).second) return fields.Complain("id");
    layout.push_back({instance.profile, instance.start});
    gpu.instances.push_back(std::move(instance));
  }
  if (problem.empty() && !mig::IsLegal(gpu.model, layout)) problem = "instances overlap";
  std::ranges::sort(gpu.instances, {}, &GpuInstance::start);
}

Gpu ParseGpu(const json& object, std::string& problem) {
  Fields fields(object, problem);
  Gpu gpu;
  gpu.uuid = fields.Text("uuid");
  gpu.minor = fields.Int("minor");
  gpu.driver_version = fields.Text("driver_version");
  NameModel(fields.Text("product"), static_cast<uint32_t>(fields.Number("pci_id", UINT32_MAX)),
            gpu.model);
  if (object.is_object() && object.contains("engines")) {
    Fields engines(object["engines"], problem);
    gpu.model.engines = {engines.Int("copy"), engines.Int("decoders"), engines.Int("encoders"),
                         engines.Int("jpeg"), engines.Int("optical_flow")};
  }
  gpu.model.memory_mib = static_cast<uint64_t>(fields.Number("memory_mib", kMebibytesMax));
  gpu.model.multiprocessors = fields.Int("multiprocessors");
  gpu.mig = static_cast<MigMode>(fields.Choice("mig", kModes));
  const json& ecc = fields.At("ecc");
  if (ecc.is_boolean()) gpu.ecc = ecc.get<bool>();
  gpu.exclusive = fields.Flag("exclusive");
  std::set<int> ids;
  for (const json& one : fields.List("profiles")) {
    gpu.model.profiles.push_back(ParseProfile(one, problem));
    const mig::Profile& profile = gpu.model.profiles.back();
    if (!ids.insert(profile.id).second) fields.Complain("profiles");
    for (const int start : profile.starts) {
      gpu.model.units = std::max(gpu.model.units, start + profile.units);
    }
  }
  gpu.model.observed = std::ranges::all_of(gpu.model.profiles, &mig::Profile::observed);
  if (gpu.uuid.empty()) fields.Complain("uuid");
  if (gpu.model.units > kUnitsMax) fields.Complain("starts");
  if (problem.empty()) ParseInstances(fields.List("instances"), gpu, problem);
  return gpu;
}

}  // namespace

std::string FormatInventory(std::span<const Gpu> gpus) {
  ordered_json list = ordered_json::array();
  for (const Gpu& gpu : gpus) list.push_back(GpuJson(gpu));
  const ordered_json document = {{"format", kFormat}, {"version", 1}, {"gpus", std::move(list)}};
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

base::Result<std::vector<Gpu>> ParseInventory(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  std::string problem;
  Fields fields(document, problem);
  if (fields.Text("format") != kFormat) fields.Complain("format");
  if (fields.Int("version") != 1) fields.Complain("version");
  std::vector<Gpu> gpus;
  std::set<std::string> uuids;
  for (const json& object : fields.List("gpus")) {
    if (!problem.empty()) break;
    gpus.push_back(ParseGpu(object, problem));
    if (!uuids.insert(gpus.back().uuid).second) fields.Complain("uuid");
    if (!problem.empty()) problem = fmt::format("GPU {}: {}", gpus.size() - 1, problem);
  }
  if (problem.empty()) return gpus;
  return base::OperatorError(Code::kCorrupt, "not an inventory of GPUs: " + problem);
}

base::Result<std::vector<Gpu>> ReadInventory(const std::filesystem::path& path) {
  auto bytes = base::ReadFile(path, kFileBytesMax);
  if (!bytes.ok()) return WithContext(std::move(bytes).error(), path.string());
  auto gpus = ParseInventory(
      std::string_view(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size()));
  if (!gpus.ok()) return WithContext(std::move(gpus).error(), path.string());
  return gpus;
}

}  // namespace bulkhead::device
