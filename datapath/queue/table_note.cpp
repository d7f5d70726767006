// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/table_note.hpp"

#include <cstdio>  // libnftnl uses FILE without it

#include <fmt/format.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <memory>

#include "datapath/parse_number.hpp"
#include "datapath/queue/netlink_socket.hpp"

namespace nflua::queue {

namespace {

constexpr std::string_view kNotePrefix = "queues ";

struct TableDeleter {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
};

/// What the dump goes through.
struct Search {
  std::string except;
  std::vector<QueueRange> found;
};

int read_comment(const nftnl_udata* attribute, void* comment) {
  if (nftnl_udata_type(attribute) == NFTNL_UDATA_TABLE_COMMENT)
    *static_cast<std::string_view*>(comment) = {
        static_cast<const char*>(nftnl_udata_get(attribute)), nftnl_udata_len(attribute)};
  return MNL_CB_OK;
}

int read_table(const nlmsghdr* message, void* search) {
  auto& [except, found] = *static_cast<Search*>(search);
  const std::unique_ptr<nftnl_table, TableDeleter> table(nftnl_table_alloc());
  if (!table || nftnl_table_nlmsg_parse(message, table.get()) != 0) return MNL_CB_OK;
  const std::string name = nftnl_table_get_str(table.get(), NFTNL_TABLE_NAME);
  if (!name.starts_with(kTablePrefix) || name == except) return MNL_CB_OK;
  uint32_t size = 0;
  const void* data = nftnl_table_get_data(table.get(), NFTNL_TABLE_USERDATA, &size);
  std::string_view comment;
  if (data) nftnl_udata_parse(data, size, read_comment, &comment);
  // It ends in a zero.
  const std::string_view note = comment.substr(0, comment.find('\0'));
  if (const std::optional<QueueRange> queues = parse_table_note(note)) found.push_back(*queues);
  return MNL_CB_OK;
}

}  // namespace

std::string table_note(const QueueRange& queues) {
  return fmt::format("{}{}-{}", kNotePrefix, queues.first, queues.first + queues.count - 1);
}

std::optional<QueueRange> parse_table_note(std::string_view note) {
  if (!note.starts_with(kNotePrefix)) return {};
  note.remove_prefix(kNotePrefix.size());
  const size_t dash = note.find('-');
  if (dash == note.npos) return {};
  const std::optional<uint16_t> first = parse_number<uint16_t>(note.substr(0, dash));
  const std::optional<uint16_t> last = parse_number<uint16_t>(note.substr(dash + 1));
  if (!first || !last || *last < *first) return {};
  return QueueRange{*first, uint16_t(*last - *first + 1)};
}

Outcome<std::vector<QueueRange>> queues_of_tables_except(const std::string& table) {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return socket.failure();
  NetfilterMessage request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, NLM_F_DUMP, NFPROTO_UNSPEC,
                           0);
  if (const int error = socket->send(request.bytes()))
    return Failure(fmt::format("nft: can't list the tables: {}", errno_text(error)));
  Search search{table, {}};
  for (int state = MNL_CB_OK; state == MNL_CB_OK;) {
    alignas(nlmsghdr) uint8_t buffer[kNetlinkMessageBytes];
    const Bytes received = socket->receive({buffer, sizeof buffer});
    state = received.empty() ? MNL_CB_ERROR
                             : mnl_cb_run(received.data(), received.size(), 0, socket->port(),
                                          read_table, &search);
    if (state == MNL_CB_ERROR)
      return Failure(
          fmt::format("nft: can't list the tables: {}; expected root or CAP_NET_ADMIN "
                      "in this network namespace, and a kernel with nf_tables",
                      errno_text(errno)));
  }
  return search.found;
}

}  // namespace nflua::queue
