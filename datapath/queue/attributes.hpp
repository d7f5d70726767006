// SPDX-License-Identifier: GPL-2.0-or-later
// Netlink attributes, read with their bounds checked. (libmnl's own loops are C that C++ refuses.)
#pragma once

#include <libmnl/libmnl.h>

#include "engine/bytes.hpp"

namespace nflua::queue {

/// Shows type and payload of each attribute in `attributes`, which need not be well-formed: what
/// lies about its length, and all behind it, is not shown.
template <class Show>
void for_each_attribute(Bytes attributes, Show show) {
  auto* attribute = reinterpret_cast<const nlattr*>(attributes.data());
  int left = int(attributes.size());
  while (mnl_attr_ok(attribute, left)) {
    show(mnl_attr_get_type(attribute),
         Bytes(static_cast<const uint8_t*>(mnl_attr_get_payload(attribute)),
               mnl_attr_get_payload_len(attribute)));
    left -= int(MNL_ALIGN(attribute->nla_len));
    attribute = mnl_attr_next(attribute);
  }
}

/// The attributes of a netfilter message. Requires: mnl_nlmsg_ok().
inline Bytes attributes_of(const nlmsghdr& message, size_t header_bytes) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&message);
  return Bytes(bytes, message.nlmsg_len).sub(MNL_NLMSG_HDRLEN + MNL_ALIGN(header_bytes));
}

}  // namespace nflua::queue
