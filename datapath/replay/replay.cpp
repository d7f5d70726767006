// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay.hpp"

#include <algorithm>

#include "datapath/made_packet.hpp"
#include "datapath/replay/capture_format.hpp"

namespace nflua::replay {

namespace {

/// Records between two calls of on_progress: a look at the clock each time would cost.
constexpr uint64_t kProgressInterval = 4096;

bool passes(VerdictKind kind) {
  return kind == VerdictKind::proceed || kind == VerdictKind::accept || kind == VerdictKind::stop;
}

}  // namespace

Replay::Replay(const ReplayParts& parts, State& state, std::vector<Rule>& rules)
    : parts_(parts), state_(state), rules_(rules), packet_(*this, parts.conntrack) {
  for (Rule& rule : rules_) rule.state = &state_;
}

Failure Replay::run(const Record* first, const std::atomic<bool>& stop,
                    const std::function<void()>& on_progress) {
  if (first) summary_.first_ns = first->timestamp_ns;
  Failure failure = run_records(first, stop, on_progress);
  summary_.blocks_left_out = parts_.reader.blocks_left_out();
  if (parts_.writer) summary_.options_left_out = parts_.writer->options_left_out();
  return failure;
}

Failure Replay::run_records(const Record* first, const std::atomic<bool>& stop,
                            const std::function<void()>& on_progress) {
  for (const Record* record = first; record; record = parts_.reader.next()) {
    if (Failure failure = handle(*record)) return failure;
    if (stop) {
      summary_.timers_left = state_.armed_timers();
      return {};
    }
    if (summary_.records % kProgressInterval == 0) on_progress();
  }
  deliver_until(INT64_MAX);
  summary_.timers_left = parts_.clock.drain();
  return parts_.reader.failure() ? parts_.reader.failure() : unreadable();
}

// Looking it up costs a division each time; nearly all records come from where the last one came.
Failure Replay::use_interface(uint32_t id) {
  if (interface_ && interface_id_ == id) return {};
  interface_ = &parts_.reader.interfaces()[id];
  interface_id_ = id;
  // A pcap file has one link type: what can't be read now, never can.
  if (parts_.reader.format() == CaptureFormat::pcapng || reads_link_type(interface_->link_type))
    return {};
  return Failure(
      no_readable_link_type(parts_.reader.input().name(), link_type_name(interface_->link_type)));
}

// Nobody wants a run in which no rule could see anything.
Failure Replay::unreadable() const {
  uint64_t unknown = 0;
  std::string names;
  for (const auto& [link_type, records] : summary_.unknown_link_types) {
    unknown += records;
    names += (names.empty() ? "" : ", ") + link_type_name(link_type);
  }
  if (unknown == 0 || unknown != summary_.records) return {};
  return Failure(no_readable_link_type(parts_.reader.input().name(), names));
}

Failure Replay::handle(const Record& record) {
  if (Failure failure = use_interface(record.interface_id)) return failure;
  ++summary_.records;
  summary_.bytes += record.original_length;
  if (summary_.records > 1 && record.timestamp_ns < summary_.last_ns) ++summary_.out_of_order;
  summary_.last_ns = std::max(summary_.last_ns, record.timestamp_ns);
  if (record.captured.size() < record.original_length) ++summary_.truncated;
  advance(record.timestamp_ns);

  const SplitFrame frame = split_frame(interface_->link_type, record.captured);
  if (frame.kind != FrameKind::ip)
    pass_what_is_not_ip(record, frame.kind);
  else if (is_outside_filter(record, frame))
    pass_unseen(record, summary_.outside_filter);
  else
    reassemble(record, frame);
  return parts_.writer ? parts_.writer->failure() : Failure();
}

bool Replay::is_outside_filter(const Record& record, const SplitFrame& frame) const {
  if (!parts_.filter) return false;
  const Bytes ip = ip_packet(frame.packet);
  const uint32_t missing = record.original_length - uint32_t(record.captured.size());
  return !parts_.filter->matches(ip, uint32_t(ip.size()) + missing);
}

void Replay::pass_what_is_not_ip(const Record& record, FrameKind kind) {
  if (kind == FrameKind::encrypted) ++summary_.encrypted;
  if (kind == FrameKind::unknown) ++summary_.unknown_link_types[interface_->link_type];
  pass_unseen(record, summary_.not_ip);
}

void Replay::pass_unseen(const Record& record, uint64_t& fate) {
  ++fate;
  pass(record);
}

PacketFacts Replay::facts_of(const Record& record, const SplitFrame& frame) const {
  PacketFacts facts;
  facts.record = &record;
  facts.number = summary_.records;
  facts.link_type = interface_->link_type;
  facts.interface = record.interface_id;
  if (!interface_->name.empty()) facts.interface_name = interface_->name.c_str();
  facts.missing_bytes = record.original_length - uint32_t(record.captured.size());
  facts.length = frame.length;
  return facts;
}

void Replay::reassemble(const Record& record, const SplitFrame& frame) {
  Defrag* defrag = parts_.defrag;
  const DefragEffect effect = defrag ? defrag->add(ip_packet(frame.packet), parts_.clock.now_ns())
                                     : DefragEffect::not_a_fragment;
  switch (effect) {
    case DefragEffect::not_a_fragment:
      if (frame.has_more_packets) ++summary_.aggregates;
      return judge(facts_of(record, frame), frame.header, ip_packet(frame.packet),
                   {frame.packet.data(), frame.packet.size() + frame.trailer.size()});
    case DefragEffect::complete: {
      PacketFacts facts = facts_of(record, frame);
      facts.record = nullptr;
      facts.missing_bytes = 0;
      const Bytes ip = defrag->packet();
      return judge(facts, frame.header, ip, fit(facts.length, frame.header, ip, joined_));
    }
    case DefragEffect::waits:
    case DefragEffect::refused:
      ++summary_.absorbed_fragments;
  }
}

void Replay::judge(const PacketFacts& facts, MutableBytes frame, Bytes ip, Bytes padded) {
  const int64_t now_ns = parts_.clock.now_ns();
  const ConnHandle connection =
      parts_.track ? parts_.conntrack.look_up({ip, ip.size() + facts.missing_bytes}, now_ns)
                   : ConnHandle();
  packet_.offer(facts, frame, ip, padded, connection);
  if (!packet_.connection()) ++summary_.untracked;
  const bool tells = parts_.tell_packets;
  if (tells)
    parts_.events.packet(facts.number, facts.record ? facts.record->timestamp_ns : now_ns, ip,
                         uint32_t(ip.size()) + facts.missing_bytes);
  carry_out(run_rules(rules_.data(), rules_.size(), packet_, tells ? this : nullptr));
}

void Replay::carry_out(const Decision& decision) {
  const VerdictKind kind = decision.verdict.kind;
  ++summary_.verdicts[size_t(kind)];
  if (decision.repeated_too_often) ++summary_.repeated_too_often;
  const PacketFacts& facts = packet_.facts();
  if (parts_.tell_packets)
    parts_.events.verdict(facts.number, parts_.clock.now_ns(), decision, packet_.mark());
  if (passes(kind)) {
    parts_.conntrack.confirm(packet_.connection(), parts_.clock.now_ns());
    if (facts.record)
      pass(*facts.record);
    else
      write(made(facts, {}, packet_.frame_bytes(), packet_.padded()));
  } else if (kind != VerdictKind::stolen) {
    parts_.conntrack.forget(packet_.connection());
  }
}

void Replay::rule_ran(const Rule& rule, Verdict verdict) {
  parts_.events.rule(packet_.facts().number, rule, verdict);
}

Bytes Replay::fit(const LengthField& length, MutableBytes header, Bytes ip,
                  std::vector<uint8_t>& room) {
  set_length(length, header, ip.size());
  if (!length.pads_packet) return ip;
  room.assign(ip.begin(), ip.end());
  room.resize(padded(ip.size()));
  return {room.data(), room.size()};
}

void Replay::pass(const Record& record) {
  ++summary_.written;
  if (parts_.writer) parts_.writer->copy(record);  // a failure ends the run
}

void Replay::write(const OutputRecord& record) {
  ++summary_.written;
  if (parts_.writer) parts_.writer->write(record);  // a failure ends the run
}

// Borrows: `frame`, `ip`, and frame_check_ until the next one is made.
OutputRecord Replay::made(const PacketFacts& facts, Bytes options, Bytes frame, Bytes ip) {
  const FrameCheck check =
      find_frame_check(parts_.reader.interfaces()[facts.interface], options, frame);
  make_frame_check(frame.sub(check.starts_at), ip, check.bytes, frame_check_);
  return {.timestamp_ns = parts_.clock.now_ns(),
          .link_header = frame,
          .ip = ip,
          .trailer = {frame_check_, check.bytes},
          .interface_id = facts.interface,
          .is_changed = true};
}

void Replay::send_reply(const ReplayPacket& to, const Reply& reply) {
  const Bytes frame = to.frame_bytes();
  std::vector<uint8_t> copy(frame.begin(), frame.end());
  const MutableBytes header(copy.data(), copy.size());
  reverse_header(to.facts().link_type, header);
  for (size_t i = 0; i < reply.packets(); ++i) {
    const Bytes ip = make_reply_packet(reply, i, scratch_);
    ++summary_.replies;
    if (parts_.tell_packets) parts_.events.reply(to.facts().number, parts_.clock.now_ns(), ip);
    write(made(to.facts(), {}, header, fit(to.facts().length, header, ip, padded_)));
  }
}

Error Replay::send_held(std::unique_ptr<ReplayPacket> packet, const Bytes* payload) {
  const Result<Bytes> ip =
      payload ? make_replaced_packet({packet->ip(), packet->whole_bytes()}, *payload, scratch_)
              : packet->ip();
  if (!ip) {
    end_held(*packet, HeldEnd::failed, {});
    return ip.error();
  }
  parts_.conntrack.confirm(packet->connection(), parts_.clock.now_ns());
  const PacketFacts& facts = packet->facts();
  const MutableBytes header = packet->frame_bytes();
  OutputRecord record;
  if (payload) {
    record = made(facts, packet->options(), header, fit(facts.length, header, *ip, padded_));
  } else {
    record.timestamp_ns = parts_.clock.now_ns();
    record.link_header = header;
    record.ip = packet->padded();
    record.original_length = uint32_t(record.captured()) + facts.missing_bytes;
    record.interface_id = facts.interface;
  }
  record.options = packet->options();
  write(record);
  end_held(*packet, HeldEnd::sent, *ip);
  return {};
}

void Replay::drop_held(std::unique_ptr<ReplayPacket> packet) {
  end_held(*packet, HeldEnd::closed, {});
}

void Replay::end_held(const ReplayPacket& packet, HeldEnd end, Bytes ip) {
  ++summary_.held_ends[size_t(end)];
  if (end != HeldEnd::sent) parts_.conntrack.forget(packet.connection());
  if (parts_.tell_packets)
    parts_.events.held_end(packet.facts().number, parts_.clock.now_ns(), end, ip);
}

// At the same time the message comes first: it was there before.
void Replay::advance(int64_t time_ns) {
  deliver_until(time_ns);
  parts_.clock.advance(time_ns);
}

void Replay::deliver_until(int64_t time_ns) {
  DataFeed* data = parts_.data;
  if (!data) return;
  while (!data->is_empty() && next_message_ns() <= time_ns) {
    parts_.clock.advance(next_message_ns(), Ties::wait);
    deliver(data->next());
  }
}

int64_t Replay::next_message_ns() const {
  return later(summary_.first_ns, parts_.data->next_offset_ns());
}

void Replay::deliver(Message message) {
  ++summary_.messages;
  // The state has reported a failure.
  (void)state_.receive(message.port, {message.bytes.data(), message.bytes.size()});
}

}  // namespace nflua::replay
