// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/verdict_writer.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

namespace nflua::queue {

namespace {

constexpr uint16_t kVerdictMessage = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT;
constexpr uint16_t kBatchMessage = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT_BATCH;

/// Bytes of a message without a packet: headers and three small attributes, padded.
constexpr size_t kMessageBytes = 64;

/// Where the id is, in a message that append() made: its first attribute is the verdict's.
constexpr size_t kIdOffset = MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(nfgenmsg)) + MNL_ATTR_HDRLEN +
                             offsetof(nfqnl_msg_verdict_hdr, id);

}  // namespace

void VerdictWriter::add(uint32_t id, const KernelVerdict& verdict, bool may_join) {
  if (may_join && last_ == verdict) {
    uint8_t* message = out_.data() + last_offset_;
    reinterpret_cast<nlmsghdr*>(message)->nlmsg_type = kBatchMessage;
    store_be32(message + kIdOffset, id);
    return;
  }
  last_offset_ = out_.size();
  append(id, verdict, {});
  last_.reset();
  if (may_join) last_ = verdict;
}

void VerdictWriter::add_changed(uint32_t id, const KernelVerdict& verdict, Bytes packet) {
  append(id, verdict, packet);
  last_.reset();
}

void VerdictWriter::append(uint32_t id, const KernelVerdict& verdict, Bytes packet) {
  const size_t start = out_.size();
  out_.resize(start + kMessageBytes + MNL_ALIGN(packet.size()));
  nlmsghdr* message = mnl_nlmsg_put_header(out_.data() + start);
  message->nlmsg_type = kVerdictMessage;
  message->nlmsg_flags = NLM_F_REQUEST;
  auto* netfilter = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  netfilter->nfgen_family = AF_UNSPEC;
  netfilter->version = NFNETLINK_V0;
  netfilter->res_id = htons(queue_);
  const nfqnl_msg_verdict_hdr header{htonl(verdict.verdict), htonl(id)};
  mnl_attr_put(message, NFQA_VERDICT_HDR, sizeof header, &header);
  if (verdict.mark) mnl_attr_put_u32(message, NFQA_MARK, htonl(*verdict.mark));
  if (verdict.priority) mnl_attr_put_u32(message, NFQA_PRIORITY, htonl(*verdict.priority));
  if (!packet.empty()) mnl_attr_put(message, NFQA_PAYLOAD, packet.size(), packet.data());
  out_.resize(start + message->nlmsg_len);
}

void VerdictWriter::clear() {
  out_.clear();
  last_.reset();
}

}  // namespace nflua::queue
