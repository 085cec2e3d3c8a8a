// SPDX-License-Identifier: Apache-2.0
#include "softhsm.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>
#include <vector>

#include "base/capture_output.h"

namespace bulkhead::keys {

SoftHsm::SoftHsm() {
  std::string name = (std::filesystem::temp_directory_path() / "softhsm-XXXXXX").string();
  folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  std::filesystem::create_directory(tokens());
  std::ofstream(folder_ / "conf") << "directories.tokendir = " << tokens().string()
                                  << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  ::setenv("SOFTHSM2_CONF", (folder_ / "conf").c_str(), 1);
}

SoftHsm::~SoftHsm() { std::filesystem::remove_all(folder_); }

std::filesystem::path SoftHsm::Module() {
  const std::filesystem::path module = "/usr/lib/softhsm/libsofthsm2.so";
  return std::filesystem::exists(module) ? module : "";
}

bool SoftHsm::MakeToken(const std::string& label) {
  const auto made = base::CaptureOutput(
      {"/usr/bin/softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin",
       "so-pin-4321", "--pin", std::string(kPin)},
      {"SOFTHSM2_CONF=" + (folder_ / "conf").string()}, 4096, std::chrono::seconds(60));
  if (!made.ok()) std::cerr << made.error().detail << '\n';
  return made.ok();
}

Pkcs11Place SoftHsm::Place(std::string_view pin) const {
  Pkcs11Place place;
  place.module = Module();
  place.token = "bulkhead";
  place.pin = base::SecretBytes::Allocate(pin.size()).value();
  std::ranges::copy(std::as_bytes(std::span(pin)), place.pin.bytes().begin());
  return place;
}

}  // namespace bulkhead::keys
