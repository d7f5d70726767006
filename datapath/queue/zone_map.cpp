// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/zone_map.hpp"

#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/time.h>

#include <memory>
#include <new>

namespace nflua::queue {

namespace {

/// Connections of other zones than 0 whose packets came within the timeout. Of more, packets are
/// untracked for the script.
constexpr uint32_t kMaxConnections = 1 << 18;
/// As long as a packet may wait in a queue. Units: milliseconds.
constexpr uint64_t kTimeoutMs = 60'000;

/// A look-up that the kernel does not answer must not stop the packets. Units: seconds.
constexpr time_t kAnswerTimeoutS = 1;

// What nft writes beside a set, to know how to list it.
// Source: expr_typeof_build in nft's src/mnl.c, enum expr_types and enum byteorder.
constexpr uint32_t kNftMetaExpression = 9;
constexpr uint32_t kNftConnectionExpression = 12;
constexpr uint32_t kNftHostOrder = 1;
constexpr uint32_t kNftNetworkOrder = 2;
constexpr uint8_t kKeyOfExpression = 0;
constexpr uint8_t kDirectionOfExpression = 1;
constexpr uint32_t kNoDirection = UINT32_MAX;
constexpr uint32_t kNftIntegerType = 4;
constexpr uint32_t kNftPriorityType = 17;

struct SetDeleter {
  void operator()(nftnl_set* set) const { nftnl_set_free(set); }
};
using Set = std::unique_ptr<nftnl_set, SetDeleter>;

Set make_set() {
  Set set(nftnl_set_alloc());
  if (!set) throw std::bad_alloc();
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, kZoneMap);
  return set;
}

void put_expression(nftnl_udata_buf* data, uint8_t type, uint32_t expression, uint32_t key,
                    bool has_direction) {
  nftnl_udata* whole = nftnl_udata_nest_start(data, type);
  nftnl_udata_put_u32(data, NFTNL_UDATA_SET_TYPEOF_EXPR, expression);
  nftnl_udata* part = nftnl_udata_nest_start(data, NFTNL_UDATA_SET_TYPEOF_DATA);
  nftnl_udata_put_u32(data, kKeyOfExpression, key);
  if (has_direction) nftnl_udata_put_u32(data, kDirectionOfExpression, kNoDirection);
  nftnl_udata_nest_end(data, part);
  nftnl_udata_nest_end(data, whole);
}

// "typeof ct id : meta priority"
void set_types(nftnl_set* set) {
  struct BufferDeleter {
    void operator()(nftnl_udata_buf* data) const { nftnl_udata_buf_free(data); }
  };
  const std::unique_ptr<nftnl_udata_buf, BufferDeleter> owner(
      nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
  nftnl_udata_buf* data = owner.get();
  if (!data) throw std::bad_alloc();
  nftnl_udata_put_u32(data, NFTNL_UDATA_SET_KEYBYTEORDER, kNftNetworkOrder);
  nftnl_udata_put_u32(data, NFTNL_UDATA_SET_DATABYTEORDER, kNftHostOrder);
  put_expression(data, NFTNL_UDATA_SET_KEY_TYPEOF, kNftConnectionExpression, NFT_CT_ID, true);
  put_expression(data, NFTNL_UDATA_SET_DATA_TYPEOF, kNftMetaExpression, NFT_META_PRIORITY, false);
  nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(data),
                     nftnl_udata_buf_len(data));
}

Zone zone_in(const nftnl_set* set) {
  nftnl_set_elems_iter* at = nftnl_set_elems_iter_create(set);
  nftnl_set_elem* element = at ? nftnl_set_elems_iter_next(at) : nullptr;
  Zone zone;
  uint32_t bytes = 0;
  const void* data = element ? nftnl_set_elem_get(element, NFTNL_SET_ELEM_DATA, &bytes) : nullptr;
  uint32_t word = 0;
  if (data && bytes == sizeof word) {
    memcpy(&word, data, sizeof word);
    zone = zone_of_word(word).value_or(zone);
  }
  if (at) nftnl_set_elems_iter_destroy(at);
  return zone;
}

}  // namespace

void add_zone_map(NftBatch& batch) {
  const Set set = make_set();
  nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, NFT_SET_MAP | NFT_SET_TIMEOUT | NFT_SET_EVAL);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, kNftIntegerType);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, sizeof(uint32_t));
  nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE, kNftPriorityType);
  nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_LEN, sizeof(uint32_t));
  nftnl_set_set_u32(set.get(), NFTNL_SET_DESC_SIZE, kMaxConnections);
  nftnl_set_set_u64(set.get(), NFTNL_SET_TIMEOUT, kTimeoutMs);
  set_types(set.get());
  batch.add_set(set.get());
}

Outcome<ZoneMap> ZoneMap::open(const std::string& table, uint8_t family) {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return socket.failure();
  const timeval timeout{kAnswerTimeoutS, 0};
  setsockopt(socket->fd(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  return ZoneMap(std::move(*socket), table, family);
}

Zone ZoneMap::find(uint32_t id) {
  const Set set = make_set();
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table_.c_str());
  nftnl_set_elem* element = nftnl_set_elem_alloc();
  if (!element) throw std::bad_alloc();
  nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &id, sizeof id);
  nftnl_set_elem_add(set.get(), element);
  alignas(nlmsghdr) char buffer[kNetlinkMessageBytes];
  nlmsghdr* message = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETSETELEM, family_, 0, ++sequence_);
  nftnl_set_elems_nlmsg_build_payload(message, set.get());
  if (socket_.send({reinterpret_cast<const uint8_t*>(message), message->nlmsg_len}) != 0) return {};
  for (;;) {
    const Bytes received = socket_.receive({reinterpret_cast<uint8_t*>(buffer), sizeof buffer});
    message = reinterpret_cast<nlmsghdr*>(buffer);
    if (!mnl_nlmsg_ok(message, int(received.size()))) return {};
    if (message->nlmsg_seq == sequence_) break;
  }
  const Set answer(nftnl_set_alloc());
  if (!answer || message->nlmsg_type == NLMSG_ERROR ||
      nftnl_set_elems_nlmsg_parse(message, answer.get()) < 0)
    return {};
  return zone_in(answer.get());
}

}  // namespace nflua::queue
