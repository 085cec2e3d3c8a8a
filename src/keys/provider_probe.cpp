// SPDX-License-Identifier: Apache-2.0
#include "keys/provider_probe.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "keys/https_client.h"
#include "keys/open_provider.h"
#include "keys/provider_url.h"

namespace bulkhead::keys {
namespace {

using base::Code;

// Where Debian's packages say which modules they bring.
constexpr const char* kModules = "/usr/share/p11-kit/modules";

std::string Modules() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kModules, error)) {
    // Those of p11-kit itself hold certificates.
    const std::filesystem::path file = entry.path();
    if (file.extension() == ".module" && !file.stem().string().starts_with("p11-kit")) {
      names.push_back(file.stem());
    }
  }
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

ProviderFinding ProbeFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return {"file", true, "the keyring is there"};
  const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(above, error)) {
    return {"file", false, "there is no folder " + above.string()};
  }
  return {"file", true, "the keyring is made when it is first needed"};
}

}  // namespace

std::vector<ProviderFinding> ProbeProviders() {
  std::vector<ProviderFinding> findings;
  findings.push_back({"file", true, "a keyring in a file"});
  const std::string modules = Modules();
  findings.push_back({"pkcs11", !modules.empty(),
                      modules.empty() ? "no PKCS #11 module is registered here (Debian: softhsm2, "
                                        "or what comes with an HSM)"
                                      : "modules: " + modules});
  const auto client = HttpsClient::Make({"https://localhost", {}});
  findings.push_back(
      {"transit", client.ok(),
       client.ok() ? "libcurl is here; the server is asked with --keys" : client.error().detail});
  return findings;
}

base::Result<ProviderFinding> ProbeProvider(std::string_view text) {
  BH_ASSIGN(const ProviderUrl url, ParseProviderUrl(text));
  if (const auto* const file = std::get_if<FileUrl>(&url)) return ProbeFile(file->path);
  ProviderFinding finding{std::string(text.substr(0, text.find(':'))), false, ""};
  const auto opened = OpenProvider(text, std::nullopt);
  if (!opened.ok()) {
    finding.text = opened.error().detail;
    return finding;
  }
  const auto key = opened.value()->Describe("bulkhead-doctor");
  finding.works = key.ok() || key.error().code == Code::kNotFound;
  finding.text = finding.works ? "it answers" : key.error().detail;
  return finding;
}

}  // namespace bulkhead::keys
