// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/nft_rule.hpp"

#include <arpa/inet.h>
#include <libnftnl/udata.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

namespace nflua::queue {

namespace {

constexpr uint32_t kRegister = NFT_REG_1;
constexpr uint32_t kSecondRegister = NFT_REG_2;

uint32_t compared_by(Comparison comparison) {
  switch (comparison) {
    case Comparison::equal:
      return NFT_CMP_EQ;
    case Comparison::not_equal:
      return NFT_CMP_NEQ;
    case Comparison::at_least:
      return NFT_CMP_GTE;
    case Comparison::at_most:
      return NFT_CMP_LTE;
    default:
      return NFT_CMP_EQ;
  }
}

}  // namespace

uint32_t in_register(const Field& field, uint32_t value) {
  return htonl(value << (8 * (sizeof value - field.bytes)));
}

NftRule::NftRule() : rule_(nftnl_rule_alloc()) {
  if (!rule_) throw std::bad_alloc();
}

nftnl_expr* NftRule::add(const char* name) {
  nftnl_expr* expression = nftnl_expr_alloc(name);
  if (!expression) throw std::bad_alloc();
  nftnl_rule_add_expr(rule_.get(), expression);
  return expression;
}

void NftRule::meta_into(uint32_t key) {
  nftnl_expr* meta = add("meta");
  nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
  nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, kRegister);
}

void NftRule::meta_from(uint32_t key) {
  nftnl_expr* meta = add("meta");
  nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
  nftnl_expr_set_u32(meta, NFTNL_EXPR_META_SREG, kRegister);
}

void NftRule::connection_into(uint32_t key) {
  nftnl_expr* connection = add("ct");
  nftnl_expr_set_u32(connection, NFTNL_EXPR_CT_KEY, key);
  nftnl_expr_set_u32(connection, NFTNL_EXPR_CT_DREG, kRegister);
}

void NftRule::payload_into(const Field& field) {
  const bool is_network = field.base == FieldBase::network_header;
  nftnl_expr* payload = add("payload");
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE,
                     is_network ? NFT_PAYLOAD_NETWORK_HEADER : NFT_PAYLOAD_TRANSPORT_HEADER);
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, field.offset);
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, field.bytes);
  nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, kRegister);
}

void NftRule::keep_bits(uint32_t mask, uint32_t flip, uint32_t bytes) {
  nftnl_expr* bitwise = add("bitwise");
  nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, kRegister);
  nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, kRegister);
  nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, bytes);
  nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_MASK, &mask, bytes);
  nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_XOR, &flip, bytes);
}

void NftRule::to_network_order() {
  nftnl_expr* order = add("byteorder");
  nftnl_expr_set_u32(order, NFTNL_EXPR_BYTEORDER_SREG, kRegister);
  nftnl_expr_set_u32(order, NFTNL_EXPR_BYTEORDER_DREG, kRegister);
  nftnl_expr_set_u32(order, NFTNL_EXPR_BYTEORDER_OP, NFT_BYTEORDER_HTON);
  nftnl_expr_set_u32(order, NFTNL_EXPR_BYTEORDER_LEN, sizeof(uint32_t));
  nftnl_expr_set_u32(order, NFTNL_EXPR_BYTEORDER_SIZE, sizeof(uint32_t));
}

void NftRule::has_bits(uint32_t bits, bool wanted) {
  constexpr uint32_t kNone = 0;
  keep_bits(bits, kNone);
  compare(&kNone, sizeof kNone, wanted ? NFT_CMP_NEQ : NFT_CMP_EQ);
}

void NftRule::compare(const void* value, size_t bytes, uint32_t how) {
  nftnl_expr* compare = add("cmp");
  nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_SREG, kRegister);
  nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_OP, how);
  nftnl_expr_set(compare, NFTNL_EXPR_CMP_DATA, value, uint32_t(bytes));
}

NftRule& NftRule::mark_is(uint32_t value) {
  meta_into(NFT_META_MARK);
  compare(&value, sizeof value);
  return *this;
}

void NftRule::device_is(uint32_t key, const std::string& name) {
  const bool is_prefix = name.ends_with('*') || name.ends_with('+');
  if (name.size() <= size_t(is_prefix)) return;  // any; nothing is no prefix for the kernel
  meta_into(key);
  char padded[IFNAMSIZ] = {};
  name.copy(padded, sizeof padded - 1);
  compare(padded, is_prefix ? name.size() - 1 : sizeof padded);
}

NftRule& NftRule::in_device_is(const std::string& name) {
  device_is(NFT_META_IIFNAME, name);
  return *this;
}

NftRule& NftRule::out_device_is(const std::string& name) {
  device_is(NFT_META_OIFNAME, name);
  return *this;
}

NftRule& NftRule::in_device_kind_is(const char* kind) {
  char padded[IFNAMSIZ] = {};
  std::string(kind).copy(padded, sizeof padded - 1);
  meta_into(NFT_META_IIFKIND);
  compare(padded, sizeof padded);
  return *this;
}

NftRule& NftRule::family_is(uint8_t family) {
  meta_into(NFT_META_NFPROTO);
  compare(&family, sizeof family);
  return *this;
}

NftRule& NftRule::came_for_many() {
  constexpr uint8_t kHost = PACKET_HOST;
  meta_into(NFT_META_PKTTYPE);
  compare(&kHost, sizeof kHost, NFT_CMP_NEQ);
  return *this;
}

NftRule& NftRule::destination_is(uint32_t type) {
  nftnl_expr* fib = add("fib");
  nftnl_expr_set_u32(fib, NFTNL_EXPR_FIB_DREG, kRegister);
  nftnl_expr_set_u32(fib, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
  nftnl_expr_set_u32(fib, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
  compare(&type, sizeof type);
  return *this;
}

NftRule& NftRule::begins_connection() {
  connection_into(NFT_CT_STATUS);
  has_bits(IPS_CONFIRMED, false);
  return *this;
}

void NftRule::look_up(uint32_t set, bool wanted) {
  nftnl_expr* lookup = add("lookup");
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, kRegister);
  nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, kUnnamedSet);
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SET_ID, set);
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_FLAGS, wanted ? 0 : NFT_LOOKUP_F_INV);
}

// The kernel compares bytes from the first on. Its length is in the host's order, and nft wants it
// turned round only for what is compared by size.
NftRule& NftRule::passes(const FilterTest& test, uint32_t set) {
  const Field& field = test.field;
  const Comparison comparison = test.comparison;
  const bool is_by_size = comparison == Comparison::at_least || comparison == Comparison::at_most;
  const bool is_length = field.base == FieldBase::packet_length;
  const auto ordered = [&](uint32_t value) {
    return is_length && !is_by_size ? value : in_register(field, value);
  };
  if (is_length)
    meta_into(NFT_META_LEN);
  else
    payload_into(field);
  if (is_length && is_by_size) to_network_order();
  if (field.mask != whole_mask(field.bytes)) keep_bits(ordered(field.mask), 0, field.bytes);
  if (test.needs_set()) {
    look_up(set, comparison == Comparison::any_of);
  } else {
    const uint32_t value = ordered(test.values.front());
    compare(&value, field.bytes, compared_by(comparison));
  }
  return *this;
}

NftRule& NftRule::count() {
  add("counter");
  return *this;
}

NftRule& NftRule::comment(const char* text) {
  struct DataDeleter {
    void operator()(nftnl_udata_buf* data) const { nftnl_udata_buf_free(data); }
  };
  const std::unique_ptr<nftnl_udata_buf, DataDeleter> data(
      nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
  if (!data) throw std::bad_alloc();
  nftnl_udata_put_strz(data.get(), NFTNL_UDATA_RULE_COMMENT, text);
  nftnl_rule_set_data(rule_.get(), NFTNL_RULE_USERDATA, nftnl_udata_buf_data(data.get()),
                      nftnl_udata_buf_len(data.get()));
  return *this;
}

void NftRule::add_xt(const char* expression, uint16_t name_attribute, const char* name,
                     uint32_t revision, Bytes info) {
  // Of both kinds the three attributes stand in this order.
  static_assert(NFTNL_EXPR_MT_REV == NFTNL_EXPR_MT_NAME + 1);
  static_assert(NFTNL_EXPR_MT_INFO == NFTNL_EXPR_MT_NAME + 2);
  static_assert(NFTNL_EXPR_TG_REV == NFTNL_EXPR_TG_NAME + 1);
  static_assert(NFTNL_EXPR_TG_INFO == NFTNL_EXPR_TG_NAME + 2);
  nftnl_expr* xt = add(expression);
  // The expression frees it.
  void* copy = std::malloc(info.size());
  if (!copy) throw std::bad_alloc();
  memcpy(copy, info.data(), info.size());
  nftnl_expr_set_str(xt, name_attribute, name);
  nftnl_expr_set_u32(xt, uint16_t(name_attribute + 1), revision);
  nftnl_expr_set(xt, uint16_t(name_attribute + 2), copy, uint32_t(info.size()));
}  // NOLINT(clang-analyzer-unix.Malloc): the expression has it

NftRule& NftRule::xt_match(const char* name, uint32_t revision, Bytes info) {
  add_xt("match", NFTNL_EXPR_MT_NAME, name, revision, info);
  return *this;
}

NftRule& NftRule::xt_target(const char* name, uint32_t revision, Bytes info) {
  add_xt("target", NFTNL_EXPR_TG_NAME, name, revision, info);
  return *this;
}

NftRule& NftRule::set_priority(uint32_t value) {
  nftnl_expr* immediate = add("immediate");
  nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_DREG, kRegister);
  nftnl_expr_set(immediate, NFTNL_EXPR_IMM_DATA, &value, sizeof value);
  meta_from(NFT_META_PRIORITY);
  return *this;
}

NftRule& NftRule::set_priority_to_connection_id() {
  connection_into(NFT_CT_ID);
  meta_from(NFT_META_PRIORITY);
  return *this;
}

NftRule& NftRule::track_connections() {
  constexpr uint32_t kAnyState = NF_CT_STATE_INVALID_BIT | NF_CT_STATE_UNTRACKED_BIT |
                                 NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
                                 NF_CT_STATE_BIT(IP_CT_RELATED) | NF_CT_STATE_BIT(IP_CT_NEW);
  connection_into(NFT_CT_STATE);
  has_bits(kAnyState, true);
  return *this;
}

NftRule& NftRule::is_in_zone() {
  constexpr uint16_t kNone = 0;
  connection_into(NFT_CT_ZONE);
  compare(&kNone, sizeof kNone, NFT_CMP_NEQ);
  return *this;
}

void NftRule::zone_is_0(uint8_t direction, bool wanted) {
  constexpr uint16_t kNone = 0;
  nftnl_expr* connection = add("ct");
  nftnl_expr_set_u32(connection, NFTNL_EXPR_CT_KEY, NFT_CT_ZONE);
  nftnl_expr_set_u32(connection, NFTNL_EXPR_CT_DREG, kRegister);
  nftnl_expr_set_u8(connection, NFTNL_EXPR_CT_DIR, direction);
  compare(&kNone, sizeof kNone, wanted ? NFT_CMP_EQ : NFT_CMP_NEQ);
}

NftRule& NftRule::zone_side_is(ZoneSide side) {
  zone_is_0(IP_CT_DIR_ORIGINAL, side == ZoneSide::reply);
  zone_is_0(IP_CT_DIR_REPLY, side == ZoneSide::original);
  return *this;
}

NftRule& NftRule::set_priority_to_zone(uint32_t tag) {
  connection_into(NFT_CT_ZONE);
  meta_from(NFT_META_PRIORITY);
  meta_into(NFT_META_PRIORITY);
  keep_bits(~tag, tag);
  meta_from(NFT_META_PRIORITY);
  return *this;
}

NftRule& NftRule::priority_bits_are(uint32_t mask, uint32_t value) {
  meta_into(NFT_META_PRIORITY);
  keep_bits(mask, 0);
  compare(&value, sizeof value);
  return *this;
}

NftRule& NftRule::map_connection_id_to_priority(const char* map) {
  connection_into(NFT_CT_ID);
  nftnl_expr* meta = add("meta");
  nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_PRIORITY);
  nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, kSecondRegister);
  nftnl_expr* update = add("dynset");
  nftnl_expr_set_str(update, NFTNL_EXPR_DYNSET_SET_NAME, map);
  nftnl_expr_set_u32(update, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
  nftnl_expr_set_u32(update, NFTNL_EXPR_DYNSET_SREG_KEY, kRegister);
  nftnl_expr_set_u32(update, NFTNL_EXPR_DYNSET_SREG_DATA, kSecondRegister);
  return *this;
}

NftRule& NftRule::notrack() {
  add("notrack");
  return *this;
}

void NftRule::decide(uint32_t verdict, const char* chain) {
  nftnl_expr* immediate = add("immediate");
  nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
  nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_VERDICT, verdict);
  if (chain) nftnl_expr_set_str(immediate, NFTNL_EXPR_IMM_CHAIN, chain);
}

NftRule& NftRule::leave_chain() {
  decide(uint32_t(NFT_RETURN), nullptr);
  return *this;
}

NftRule& NftRule::accept() {
  decide(NF_ACCEPT, nullptr);
  return *this;
}

NftRule& NftRule::jump(const char* chain) {
  decide(uint32_t(NFT_JUMP), chain);
  return *this;
}

NftRule& NftRule::go_to(const char* chain) {
  decide(uint32_t(NFT_GOTO), chain);
  return *this;
}

NftRule& NftRule::queue(uint16_t first, uint16_t count, uint16_t flags) {
  nftnl_expr* queue = add("queue");
  nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_NUM, first);
  nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_TOTAL, count);
  nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_FLAGS, flags);
  return *this;
}

}  // namespace nflua::queue
