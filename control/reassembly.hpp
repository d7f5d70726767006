// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of many clients put together to commands, and those of a reply to one list or text.
//
// The rules on numbers, for each port of a client (docs/protocol.md, "Numbers"): its first command
// may bear any number, each later one the next; all messages of a command bear its number. What
// breaks a rule is refused once: the remaining messages of a refused command are ignored.
#pragma once

#include <chrono>
#include <map>

#include "control/codec.hpp"

namespace nflua::control {

using Milliseconds = std::chrono::milliseconds;

/// A client that says nothing for so long is forgotten, and what it half sent: no one tells a
/// daemon that a socket was closed. To forget a client does it no harm: its next number is free.
inline constexpr Milliseconds kSilence{10'000};

/// Clients that are remembered; of more, the most silent one is forgotten.
inline constexpr size_t kMaxPorts = 4096;

/// To be answered by nothing at all.
struct Ignored {};
/// To be answered by encode_error().
struct Refused {
  uint32_t sequence = 0;
  /// For people, without a full stop.
  std::string_view reason;
};
/// To be carried out and answered. Borrows: from the datagram and the Reassembler, until its next
/// receive(), forget() or expire().
struct Received {
  uint32_t sequence = 0;
  Command command;
};
using Outcome = std::variant<Ignored, Refused, Received>;

/// The number that an answer to this datagram bears. Nothing: it must not be answered, since it
/// has none, or since it is itself an answer, and two servers would go on for ever.
std::optional<nlmsghdr> read_request_header(ByteView datagram);

/// Of a server. Invariants: at most NFLUA_MAX_HALF_SENT commands, each within the limits, and
/// kMaxPorts ports. Context: one thread; `now` never runs backwards.
class Reassembler {
 public:
  explicit Reassembler(Limits limits) : limits_(limits) {}

  Outcome receive(uint32_t port, ByteView datagram, Milliseconds now);

  /// The client's socket is closed, or can't be sent to.
  void forget(uint32_t port);
  /// Forgets who was silent for too long. To be called now and then: it frees memory.
  void expire(Milliseconds now);

  bool knows(uint32_t port) const { return ports_.contains(port); }
  size_t half_sent() const { return half_sent_.size(); }
  size_t ports() const { return ports_.size(); }

 private:
  struct Port {
    /// The number of the next message. Nothing: any.
    std::optional<uint32_t> expected;
    /// The number of a refused command whose remaining messages may still come.
    std::optional<uint32_t> refused;
    Milliseconds heard{0};
  };
  struct HalfSent {
    uint16_t type = 0;
    std::string name;
    std::string script;
    uint32_t total_bytes = 0;
    uint32_t fragments = 0;
    std::vector<uint8_t> chunk;
  };
  /// A message whose number is right.
  struct Step {
    uint32_t port_id;
    Port& port;
    const nlmsghdr& header;
    ByteView body;
  };

  Port& port_of(uint32_t id, Milliseconds now);
  void make_room(Milliseconds now);
  Outcome take(const Step& step, Milliseconds now);
  Outcome take_single(const Step& step);
  Outcome take_start(const Step& step, Milliseconds now);
  Outcome take_part(const Step& step, HalfSent& half);
  Outcome keep(const Step& step, const ScriptStart& start, Milliseconds now);
  Outcome complete(const Step& step, HalfSent& half);
  Outcome accept(const Step& step, const Command& command);
  Outcome refuse(const Step& step, std::string_view reason);
  Outcome refuse_number(uint32_t port_id, Port& port, const nlmsghdr& header);

  Limits limits_;
  std::map<uint32_t, Port> ports_;
  /// By port.
  std::map<uint32_t, HalfSent> half_sent_;
  /// What the last Received borrows from.
  HalfSent completed_;
};

// Of a client: the parts of one reply, which come in order.

/// How far a reply is.
enum class Progress : uint8_t { more, complete, malformed };

/// Holds the parts of a reply, rows or bytes, against the total that the first one announced.
class PartCount {
 public:
  explicit PartCount(size_t most) : most_(most) {}

  /// `size`: of this part. Requires: it was `more`, or is the first.
  Progress add(std::optional<uint32_t> total, const nflua_fragment& fragment, size_t size,
               bool is_last);

 private:
  size_t most_;
  std::optional<uint32_t> total_;
  size_t have_ = 0;
};

/// Of a reply to LIST.
class ListAssembler {
 public:
  /// Requires: it was `more`, or is the first.
  Progress add(ListPart part);
  const std::vector<ListedState>& states() const { return states_; }

 private:
  PartCount count_{NFLUA_MAX_STATES};
  std::vector<ListedState> states_;
};

/// Of a text.
class TextAssembler {
 public:
  /// Requires: it was `more`, or is the first.
  Progress add(const TextPart& part);
  const std::string& text() const { return text_; }

 private:
  PartCount count_{NFLUA_MAX_TEXT_BYTES};
  std::string text_;
};

}  // namespace nflua::control
