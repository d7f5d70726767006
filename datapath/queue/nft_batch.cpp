// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/nft_batch.hpp"

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <memory>
#include <new>

namespace nflua::queue {

namespace {

template <class T, void (*Free)(const T*)>
struct FreedBy {
  void operator()(const T* object) const { Free(object); }
};
using Table = std::unique_ptr<nftnl_table, FreedBy<nftnl_table, nftnl_table_free>>;
using Set = std::unique_ptr<nftnl_set, FreedBy<nftnl_set, nftnl_set_free>>;
using Chain = std::unique_ptr<nftnl_chain, FreedBy<nftnl_chain, nftnl_chain_free>>;

using UserData = std::unique_ptr<nftnl_udata_buf, FreedBy<nftnl_udata_buf, nftnl_udata_buf_free>>;

UserData make_user_data() {
  UserData data(nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
  if (!data) throw std::bad_alloc();
  return data;
}

void set_comment(nftnl_table* table, const std::string& comment) {
  const UserData data = make_user_data();
  nftnl_udata_put_strz(data.get(), NFTNL_UDATA_TABLE_COMMENT, comment.c_str());
  nftnl_table_set_data(table, NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(data.get()),
                       nftnl_udata_buf_len(data.get()));
}

// What nft writes beside a set, to know how to list it.
// Source: enum datatypes and enum byteorder in nft's include/datatype.h.
constexpr uint32_t kNftIntegerType = 4;
constexpr uint32_t kNftNetworkOrder = 2;

void set_key_order(nftnl_set* set) {
  const UserData data = make_user_data();
  nftnl_udata_put_u32(data.get(), NFTNL_UDATA_SET_KEYBYTEORDER, kNftNetworkOrder);
  nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(data.get()),
                     nftnl_udata_buf_len(data.get()));
}

/// 0: an acknowledgment.
int refusal_of(const nlmsghdr& message) {
  if (message.nlmsg_type != NLMSG_ERROR) return 0;
  return -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message))->error;
}

void take_handle(const nlmsghdr& message, NftHandles& made) {
  if (message.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE)) {
    const Table table(nftnl_table_alloc());
    if (!table || nftnl_table_nlmsg_parse(&message, table.get()) != 0) return;
    made.table = nftnl_table_get_u64(table.get(), NFTNL_TABLE_HANDLE);
    made.flags = nftnl_table_get_u32(table.get(), NFTNL_TABLE_FLAGS);
  } else if (message.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE)) {
    const NftRule rule;
    if (nftnl_rule_nlmsg_parse(&message, rule.rule()) == 0)
      made.rules.push_back(nftnl_rule_get_u64(rule.rule(), NFTNL_RULE_HANDLE));
  }
}

}  // namespace

NftBatch::NftBatch(const std::string& table, uint8_t family) : table_(table), family_(family) {
  add_marker(NFNL_MSG_BATCH_BEGIN);
}

nlmsghdr* NftBatch::begin(uint16_t type, uint16_t flags) {
  const size_t start = bytes_.size();
  bytes_.resize(start + kNetlinkMessageBytes);
  return nftnl_nlmsg_build_hdr(reinterpret_cast<char*>(bytes_.data() + start), type, family_,
                               uint16_t(flags | NLM_F_ACK), sequence_++);
}

void NftBatch::end(const nlmsghdr* message) {
  const size_t start = size_t(reinterpret_cast<const uint8_t*>(message) - bytes_.data());
  bytes_.resize(start + MNL_ALIGN(message->nlmsg_len));
}

void NftBatch::add_marker(uint16_t type) {
  const size_t start = bytes_.size();
  bytes_.resize(start + kNetlinkMessageBytes);
  char* at = reinterpret_cast<char*>(bytes_.data() + start);
  end(type == NFNL_MSG_BATCH_BEGIN ? nftnl_batch_begin(at, sequence_++)
                                   : nftnl_batch_end(at, sequence_++));
}

void NftBatch::add_table(std::optional<uint32_t> flags, const std::string& comment) {
  const Table table(nftnl_table_alloc());
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, table_.c_str());
  if (flags) nftnl_table_set_u32(table.get(), NFTNL_TABLE_FLAGS, *flags);
  if (!comment.empty()) set_comment(table.get(), comment);
  nlmsghdr* message = begin(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ECHO);
  nftnl_table_nlmsg_build_payload(message, table.get());
  end(message);
}

void NftBatch::delete_table() {
  const Table table(nftnl_table_alloc());
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, table_.c_str());
  nlmsghdr* message = begin(NFT_MSG_DELTABLE, 0);
  nftnl_table_nlmsg_build_payload(message, table.get());
  end(message);
}

void NftBatch::add_chain(const char* name, const std::optional<NftHook>& hook) {
  const Chain chain(nftnl_chain_alloc());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, table_.c_str());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name);
  if (hook) {
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, "filter");
    nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, hook->hook);
    nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, hook->priority);
  }
  nlmsghdr* message = begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  nftnl_chain_nlmsg_build_payload(message, chain.get());
  end(message);
}

void NftBatch::delete_chain(const char* name) {
  const Chain chain(nftnl_chain_alloc());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, table_.c_str());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name);
  nlmsghdr* message = begin(NFT_MSG_DELCHAIN, 0);
  nftnl_chain_nlmsg_build_payload(message, chain.get());
  end(message);
}

void NftBatch::add_rule(const char* chain, NftRule& rule) {
  nftnl_rule* added = rule.rule();
  nftnl_rule_set_str(added, NFTNL_RULE_TABLE, table_.c_str());
  nftnl_rule_set_str(added, NFTNL_RULE_CHAIN, chain);
  nftnl_rule_set_u32(added, NFTNL_RULE_FAMILY, family_);
  nlmsghdr* message = begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ECHO);
  nftnl_rule_nlmsg_build_payload(message, added);
  end(message);
}

uint32_t NftBatch::add_set(nftnl_set* set) {
  nftnl_set_set_str(set, NFTNL_SET_TABLE, table_.c_str());
  nftnl_set_set_u32(set, NFTNL_SET_FAMILY, family_);
  nftnl_set_set_u32(set, NFTNL_SET_ID, ++sets_);
  nlmsghdr* message = begin(NFT_MSG_NEWSET, NLM_F_CREATE);
  nftnl_set_nlmsg_build_payload(message, set);
  end(message);
  return sets_;
}

uint32_t NftBatch::add_values(const FilterTest& test) {
  const Set set(nftnl_set_alloc());
  if (!set) throw std::bad_alloc();
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, kUnnamedSet);
  nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, NFT_SET_ANONYMOUS | NFT_SET_CONSTANT);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, kNftIntegerType);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, test.field.bytes);
  nftnl_set_set_u32(set.get(), NFTNL_SET_DESC_SIZE, uint32_t(test.values.size()));
  set_key_order(set.get());
  const uint32_t number = add_set(set.get());
  for (const uint32_t value : test.values) {
    nftnl_set_elem* element = nftnl_set_elem_alloc();
    if (!element) throw std::bad_alloc();
    const uint32_t key = in_register(test.field, value);
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &key, test.field.bytes);
    nftnl_set_elem_add(set.get(), element);
  }
  nlmsghdr* message = begin(NFT_MSG_NEWSETELEM, NLM_F_CREATE);
  nftnl_set_elems_nlmsg_build_payload(message, set.get());
  end(message);
  return number;
}

void NftBatch::delete_rules(const char* chain) {
  NftRule all;
  nftnl_rule* rule = all.rule();
  nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, table_.c_str());
  nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
  nlmsghdr* message = begin(NFT_MSG_DELRULE, 0);
  nftnl_rule_nlmsg_build_payload(message, rule);
  end(message);
}

// The kernel has answered each part, and told what it made, by the time that send() returns.
int NftBatch::commit(const NetlinkSocket& socket, NftHandles* made) {
  add_marker(NFNL_MSG_BATCH_END);
  NftHandles handles;
  int error = socket.send({bytes_.data(), bytes_.size()});
  alignas(nlmsghdr) uint8_t buffer[kNetlinkMessageBytes];
  for (;;) {
    const Bytes received = socket.receive({buffer, sizeof buffer});
    if (received.empty()) break;
    auto* message = reinterpret_cast<const nlmsghdr*>(received.data());
    int left = int(received.size());
    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (error == 0) error = refusal_of(*message);
      take_handle(*message, handles);
    }
  }
  std::sort(handles.rules.begin(), handles.rules.end());
  if (made && error == 0) *made = std::move(handles);
  return error;
}

}  // namespace nflua::queue
