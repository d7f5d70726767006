// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/mss_table.hpp"

#include <string_view>

namespace nflua::queue {

size_t MssTable::Hash::operator()(const Tuple& tuple) const {
  const auto hash = [](const Address& address) {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(address.bytes), address.size()});
  };
  constexpr size_t kMix = 0x9e37'79b9'7f4a'7c15;
  const size_t ports = size_t{tuple.source_port} << 16 | tuple.destination_port;
  return (hash(tuple.source) * kMix ^ hash(tuple.destination)) * kMix ^ ports;
}

void MssTable::learn(Bytes packet) {
  const Result<IpHeader> ip = parse_ip(packet);
  if (!ip || ip->protocol != IpProto::tcp || ip->is_later_fragment()) return;
  const Bytes segment = packet.sub(ip->header_bytes);
  const Result<TcpHeader> tcp = parse_tcp(segment);
  if (!tcp || !tcp->has(TcpFlag::syn)) return;
  const size_t mss = tcp_mss(segment.first(tcp->header_bytes));
  const Result<Tuple> tuple = parse_tuple(packet);
  if (mss == 0 || !tuple) return;
  if (entries_.insert_or_assign(*tuple, uint16_t(mss)).second) by_age_.push_back(*tuple);
  if (by_age_.size() <= kMaxEntries) return;
  entries_.erase(by_age_.front());
  by_age_.pop_front();
}

size_t MssTable::of_sender(Bytes packet) const {
  const Result<Tuple> tuple = parse_tuple(packet);
  if (!tuple) return 0;
  const auto entry = entries_.find(*tuple);
  return entry == entries_.end() ? 0 : entry->second;
}

}  // namespace nflua::queue
