// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/reassembly.hpp"

#include <algorithm>
#include <utility>

namespace nflua::control {

namespace {

constexpr uint16_t kPlaceFlags = NFLUA_INIT | NFLUA_MULTI | NFLUA_DONE;

uint16_t place(const nlmsghdr& header) { return header.nlmsg_flags & kPlaceFlags; }

/// Else it continues what others began.
bool starts_command(const nlmsghdr& header) {
  return (header.nlmsg_flags & NFLUA_INIT) || !(header.nlmsg_flags & NFLUA_MULTI);
}

bool others_follow(const nlmsghdr& header) {
  return (header.nlmsg_flags & NFLUA_MULTI) && !(header.nlmsg_flags & NFLUA_DONE);
}

std::optional<uint32_t> number_if(bool condition, uint32_t number) {
  return condition ? std::optional(number) : std::nullopt;
}

bool is_silent(Milliseconds heard, Milliseconds now) { return now - heard >= kSilence; }

}  // namespace

std::optional<nlmsghdr> read_request_header(ByteView datagram) {
  const auto header = read_header(datagram);
  return header && header->nlmsg_type != NLMSG_ERROR ? header : std::nullopt;
}

Outcome Reassembler::receive(uint32_t port_id, ByteView datagram, Milliseconds now) {
  const auto header = read_request_header(datagram);
  if (!header) return Ignored{};
  Port& port = port_of(port_id, now);
  if (!starts_command(*header) && port.refused == header->nlmsg_seq) {
    port.refused = number_if(others_follow(*header), header->nlmsg_seq);
    return Ignored{};
  }
  if (port.expected && port.expected != header->nlmsg_seq)
    return refuse_number(port_id, port, *header);

  const auto body = body_of(*header, datagram, limits_);
  const Step step = {port_id, port, *header, body.value_or(ByteView())};
  if (!body) return refuse(step, "the length in the header is wrong");
  return take(step, now);
}

void Reassembler::forget(uint32_t port) {
  ports_.erase(port);
  half_sent_.erase(port);
}

void Reassembler::expire(Milliseconds now) {
  std::erase_if(half_sent_,
                [&](const auto& entry) { return is_silent(ports_.at(entry.first).heard, now); });
  std::erase_if(ports_, [&](const auto& entry) { return is_silent(entry.second.heard, now); });
}

Reassembler::Port& Reassembler::port_of(uint32_t id, Milliseconds now) {
  auto found = ports_.find(id);
  if (found != ports_.end() && is_silent(found->second.heard, now)) {
    forget(id);
    found = ports_.end();
  }
  if (found == ports_.end()) {
    make_room(now);
    found = ports_.emplace(id, Port{}).first;
  }
  found->second.heard = now;
  return found->second;
}

void Reassembler::make_room(Milliseconds now) {
  if (ports_.size() < kMaxPorts) return;
  expire(now);
  if (ports_.size() < kMaxPorts) return;
  const auto silent = std::min_element(ports_.begin(), ports_.end(), [](auto& a, auto& b) {
    return a.second.heard < b.second.heard;
  });
  forget(silent->first);
}

Outcome Reassembler::take(const Step& step, Milliseconds now) {
  if (!(step.header.nlmsg_flags & NFLUA_REQUEST)) return refuse(step, "it is no request");
  const auto half = half_sent_.find(step.port_id);
  if (half != half_sent_.end()) return take_part(step, half->second);
  if (is_script_type(step.header.nlmsg_type)) return take_start(step, now);
  return take_single(step);
}

Outcome Reassembler::take_single(const Step& step) {
  if (step.header.nlmsg_flags & NFLUA_MULTI) return refuse(step, "its type has no fragments");
  const auto command = decode_single(step.header.nlmsg_type, step.body);
  if (!command) return refuse(step, "its type is unknown, or its length or a name wrong");
  return accept(step, *command);
}

Outcome Reassembler::take_start(const Step& step, Milliseconds now) {
  const bool is_whole = place(step.header) == (NFLUA_INIT | NFLUA_DONE);
  if (!is_whole && place(step.header) != (NFLUA_INIT | NFLUA_MULTI))
    return refuse(step, "its flags are not those of a first fragment");
  const auto start = decode_script_start(step.body);
  if (!start || start->fragment.seq != 0 || start->fragment.offset != 0)
    return refuse(step, "its length, a name or the fragment's place is wrong");
  if (start->total_bytes > limits_.chunk_bytes()) return refuse(step, "the chunk is too long");
  const bool has_all = start->bytes.size() == start->total_bytes;
  if (start->bytes.size() > start->total_bytes || has_all != is_whole)
    return refuse(step, "the chunk's length is not what was said");
  if (!is_whole) return keep(step, *start, now);
  return accept(step, Script{step.header.nlmsg_type, start->name, start->script, start->bytes});
}

Outcome Reassembler::keep(const Step& step, const ScriptStart& start, Milliseconds now) {
  if (half_sent_.size() >= NFLUA_MAX_HALF_SENT) expire(now);
  if (half_sent_.size() >= NFLUA_MAX_HALF_SENT)
    return refuse(step, "too many commands are half sent");
  HalfSent& half = half_sent_[step.port_id];
  half.type = step.header.nlmsg_type;
  half.name = start.name;
  half.script = start.script;
  half.total_bytes = start.total_bytes;
  half.fragments = 1;
  half.chunk.reserve(start.total_bytes);
  half.chunk.assign(start.bytes.begin(), start.bytes.end());
  step.port.expected = step.header.nlmsg_seq;
  step.port.refused.reset();
  return Ignored{};
}

Outcome Reassembler::take_part(const Step& step, HalfSent& half) {
  if (starts_command(step.header) || step.header.nlmsg_type != half.type)
    return refuse(step, "another command began before this one was complete");
  const auto part = decode_script_part(step.body);
  if (!part || part->fragment.seq != half.fragments || part->fragment.offset != half.chunk.size())
    return refuse(step, "a fragment is missing or out of order");
  if (half.fragments >= limits_.fragments()) return refuse(step, "it has too many fragments");
  const size_t left = half.total_bytes - half.chunk.size();
  const bool has_all = part->bytes.size() == left;
  if (part->bytes.size() > left || has_all == others_follow(step.header))
    return refuse(step, "the chunk's length is not what was said");
  half.chunk.insert(half.chunk.end(), part->bytes.begin(), part->bytes.end());
  ++half.fragments;
  return has_all ? complete(step, half) : Ignored{};
}

Outcome Reassembler::complete(const Step& step, HalfSent& half) {
  completed_ = std::move(half);
  half_sent_.erase(step.port_id);
  return accept(step,
                Script{completed_.type, completed_.name, completed_.script, completed_.chunk});
}

Outcome Reassembler::accept(const Step& step, const Command& command) {
  step.port.expected = step.header.nlmsg_seq + 1;
  step.port.refused.reset();
  return Received{step.header.nlmsg_seq, command};
}

Outcome Reassembler::refuse(const Step& step, std::string_view reason) {
  const uint32_t number = step.header.nlmsg_seq;
  half_sent_.erase(step.port_id);
  // A fragment of what was never begun tells nothing of the client's next number.
  if (starts_command(step.header) || step.port.expected) step.port.expected = number + 1;
  step.port.refused = number_if(others_follow(step.header), number);
  return Refused{number, reason};
}

Outcome Reassembler::refuse_number(uint32_t port_id, Port& port, const nlmsghdr& header) {
  half_sent_.erase(port_id);
  port.expected.reset();
  port.refused = number_if(others_follow(header), header.nlmsg_seq);
  return Refused{header.nlmsg_seq, "its sequence number is not the one after the last command's"};
}

Progress PartCount::add(std::optional<uint32_t> total, const nflua_fragment& fragment, size_t size,
                        bool is_last) {
  if (total_.has_value() == total.has_value()) return Progress::malformed;
  if (total) total_ = total;
  if (*total_ > most_ || (size == 0 && *total_ > 0)) return Progress::malformed;
  // Not its seq: the original module counts wrongly from the third message on.
  if (fragment.offset != have_ || size > *total_ - have_) return Progress::malformed;
  have_ += size;
  const bool has_all = have_ == *total_;
  if (has_all != is_last) return Progress::malformed;
  return has_all ? Progress::complete : Progress::more;
}

Progress ListAssembler::add(ListPart part) {
  const Progress progress =
      count_.add(part.total_rows, part.fragment, part.rows.size(), part.is_last);
  if (progress != Progress::malformed)
    std::move(part.rows.begin(), part.rows.end(), std::back_inserter(states_));
  return progress;
}

Progress TextAssembler::add(const TextPart& part) {
  const Progress progress =
      count_.add(part.total_bytes, part.fragment, part.bytes.size(), part.is_last);
  if (progress != Progress::malformed) text_.append(part.bytes.begin(), part.bytes.end());
  return progress;
}

}  // namespace nflua::control
