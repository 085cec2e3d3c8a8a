// SPDX-License-Identifier: Apache-2.0
#include "planner/gpu_kind.h"

#include <array>

namespace bulkhead::planner {
namespace {

// Profiles that share a slice count or a memory size with a better one are left out: 1g with double
// memory (2g has the same memory and more compute), +me and +gfx, and 4g on parts of seven slices
// (3g has the same memory). Where devices and drivers report different sizes, the smallest is here.
constexpr std::array kA100At40 = {Profile{"1g.5gb", 1, 4864}, Profile{"2g.10gb", 2, 9856},
                                  Profile{"3g.20gb", 3, 19968}, Profile{"7g.40gb", 7, 40192}};
constexpr std::array kA100At80 = {Profile{"1g.10gb", 1, 9856}, Profile{"2g.20gb", 2, 19968},
                                  Profile{"3g.40gb", 3, 40192}, Profile{"7g.80gb", 7, 80384}};
constexpr std::array kA30 = {Profile{"1g.6gb", 1, 5836}, Profile{"2g.12gb", 2, 11672},
                             Profile{"4g.24gb", 4, 23344}};
constexpr std::array kH100 = {Profile{"1g.10gb", 1, 9984}, Profile{"2g.20gb", 2, 20090},
                              Profile{"3g.40gb", 3, 40448}, Profile{"7g.80gb", 7, 81152}};
// 3g is twice 2g here; it has not been observed itself.
constexpr std::array kH200 = {Profile{"1g.18gb", 1, 16384}, Profile{"2g.35gb", 2, 33280},
                              Profile{"3g.71gb", 3, 66560}, Profile{"7g.141gb", 7, 143360}};
// Seven eighths of the name in GiB, which every observed profile reaches.
constexpr std::array kB200 = {Profile{"1g.23gb", 1, 20608}, Profile{"2g.45gb", 2, 40320},
                              Profile{"3g.90gb", 3, 80640}, Profile{"7g.180gb", 7, 161280}};
constexpr std::array kRtxPro6000 = {Profile{"1g.24gb", 1, 23674}, Profile{"2g.48gb", 2, 47616},
                                    Profile{"4g.96gb", 4, 95621}};
constexpr std::array kT4 = {Profile{"gpu", 1, 14336}};
constexpr std::array kL4 = {Profile{"gpu", 1, 21504}};

constexpr std::array kKinds = {
    GpuKind{"A100-40GB", true, true, kA100At40},
    GpuKind{"A100-80GB", true, true, kA100At80},
    GpuKind{"A30", true, true, kA30},
    GpuKind{"H100-80GB", true, true, kH100},
    GpuKind{"H200", false, true, kH200},
    GpuKind{"B200", false, true, kB200},
    GpuKind{"RTX PRO 6000", true, true, kRtxPro6000},
    GpuKind{"T4", false, false, kT4},
    GpuKind{"L4", false, false, kL4},
};

}  // namespace

std::span<const GpuKind> GpuKinds() { return kKinds; }

}  // namespace bulkhead::planner
