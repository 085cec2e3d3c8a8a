// SPDX-License-Identifier: Apache-2.0
// Names of profiles as NVIDIA's tools and Kubernetes spell them:
// [Cc.]Gg.MgbA with an optional number of compute slices C of the instance's G, memory M in GB and
// an optional attribute A of +me, +me.all, +gfx and -me. As a resource of Kubernetes a + becomes a
// dot (k8s-device-plugin, internal/rm): nvidia.com/mig-1g.5gb.me.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "mig/profile.h"

namespace bulkhead::mig {

struct ProfileName {
  int compute_slices = 0;  // of a compute instance that is a part of its GPU instance; 0: all
  int slices = 0;
  int gigabytes = 0;
  Media media = Media::kUsual;
  bool graphics = false;  // then media is kUsual
  friend bool operator==(const ProfileName&, const ProfileName&) = default;
};

// "1g.5gb", "1c.3g.20gb", "1g.24gb+me.all". Only what FormatProfileName writes is accepted, so that
// two different texts never mean the same; otherwise kInvalid, one public sentence. Slices go up to
// 16 and gigabytes to 4096.
base::Result<ProfileName> ParseProfileName(std::string_view text);
std::string FormatProfileName(const ProfileName& name);

// "nvidia.com/mig-1g.5gb.me"; errors as above.
base::Result<ProfileName> ParseResourceName(std::string_view text);
std::string FormatResourceName(const ProfileName& name);

}  // namespace bulkhead::mig
