// SPDX-License-Identifier: GPL-2.0-or-later
// Search for plain bytes, in linear time whatever a hostile script or packet makes of both sides.
#pragma once

#include "engine/bytes.hpp"

namespace nflua {

inline constexpr size_t kNotFound = SIZE_MAX;

/// The offset of the first `needle` in `haystack`, or kNotFound. An empty needle is found at 0.
/// Takes time proportional to the sum of both sizes, and no memory.
size_t find_bytes(Bytes haystack, Bytes needle);

}  // namespace nflua
