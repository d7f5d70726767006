// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/table_reader.hpp"

#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

namespace nflua::queue {

namespace {

/// Others may change the ruleset while it is being told: then the kernel says that it did not tell
/// all, and is asked again.
constexpr int kMaxTellings = 8;

struct TableDeleter {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
};

int take_comment(const nftnl_udata* attribute, void* comment) {
  if (nftnl_udata_type(attribute) == NFTNL_UDATA_RULE_COMMENT)
    *static_cast<std::string*>(comment) = static_cast<const char*>(nftnl_udata_get(attribute));
  return MNL_CB_OK;
}

/// It ends in a zero, as nft writes it.
std::string comment_of(const nftnl_rule* rule) {
  uint32_t size = 0;
  const void* data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size);
  std::string comment;
  if (data) nftnl_udata_parse(data, size, take_comment, &comment);
  return comment;
}

int take_counter(nftnl_expr* expression, void* packets) {
  if (std::string_view(nftnl_expr_get_str(expression, NFTNL_EXPR_NAME)) == "counter")
    *static_cast<uint64_t*>(packets) += nftnl_expr_get_u64(expression, NFTNL_EXPR_CTR_PACKETS);
  return MNL_CB_OK;
}

int take_table(const nlmsghdr* message, void* table_found) {
  const std::unique_ptr<nftnl_table, TableDeleter> table(nftnl_table_alloc());
  if (!table || nftnl_table_nlmsg_parse(message, table.get()) != 0) return MNL_CB_ERROR;
  NftHandles& found = static_cast<NftTable*>(table_found)->handles;
  found.table = nftnl_table_get_u64(table.get(), NFTNL_TABLE_HANDLE);
  found.flags = nftnl_table_get_u32(table.get(), NFTNL_TABLE_FLAGS);
  return MNL_CB_STOP;
}

int take_rule(const nlmsghdr* message, void* table_found) {
  const NftRule rule;
  if (nftnl_rule_nlmsg_parse(message, rule.rule()) != 0) return MNL_CB_OK;
  auto& [handles, counted] = *static_cast<NftTable*>(table_found);
  handles.rules.push_back(nftnl_rule_get_u64(rule.rule(), NFTNL_RULE_HANDLE));
  const std::string comment = comment_of(rule.rule());
  if (!comment.empty()) nftnl_expr_foreach(rule.rule(), take_counter, &counted[comment]);
  return MNL_CB_OK;
}

/// Returns 0 or an errno.
int ask(const NetlinkSocket& socket, NetfilterMessage& request, mnl_cb_t take, NftTable& found) {
  if (const int error = socket.send(request.bytes())) return error;
  int error = 0;
  for (;;) {
    alignas(nlmsghdr) uint8_t buffer[kNetlinkMessageBytes];
    const Bytes received = socket.receive({buffer, sizeof buffer});
    if (received.empty()) return error;
    const int state = mnl_cb_run(received.data(), received.size(), 0, socket.port(), take, &found);
    if (state == MNL_CB_ERROR) error = errno;
  }
}

int read_once(const NetlinkSocket& socket, const std::string& table, uint8_t family,
              NftTable& found) {
  NetfilterMessage get_table(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, family, 0);
  mnl_attr_put_strz(get_table.header(), NFTA_TABLE_NAME, table.c_str());
  if (const int error = ask(socket, get_table, take_table, found)) return error;
  NetfilterMessage get_rules(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, NLM_F_DUMP, family, 0);
  mnl_attr_put_strz(get_rules.header(), NFTA_RULE_TABLE, table.c_str());
  return ask(socket, get_rules, take_rule, found);
}

}  // namespace

std::optional<NftTable> read_table(const NetlinkSocket& socket, const std::string& table,
                                   uint8_t family) {
  for (int telling = 0; telling < kMaxTellings; ++telling) {
    NftTable found;
    const int error = read_once(socket, table, family, found);
    if (error == EINTR) continue;
    if (error || found.handles.table == 0) return {};
    std::sort(found.handles.rules.begin(), found.handles.rules.end());
    return found;
  }
  return {};
}

}  // namespace nflua::queue
