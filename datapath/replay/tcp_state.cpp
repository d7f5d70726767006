// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/tcp_state.hpp"

#include "engine/wire.hpp"

namespace nflua::replay {
namespace {

using enum TcpState;

constexpr TcpStep to(TcpState state) { return {TcpEffect::moves, state}; }
constexpr TcpStep kIgnored{TcpEffect::ignored, none};
constexpr TcpStep kInvalid{TcpEffect::invalid, none};
constexpr TcpStep kReopens{TcpEffect::reopens, none};

TcpStep on_syn(TcpState state, Direction direction) {
  bool is_original = direction == Direction::original;
  switch (state) {
    case none:
      return to(syn_sent);
    case syn_sent:
      return to(is_original ? syn_sent : syn_sent_by_both);
    case syn_sent_by_both:
      return to(syn_sent_by_both);
    case time_wait:
    case closed:
      return kReopens;
    default:
      return is_original ? kIgnored : kInvalid;
  }
}

TcpStep on_syn_ack(TcpState state, Direction direction) {
  bool is_original = direction == Direction::original;
  switch (state) {
    case syn_sent:
      return is_original ? kInvalid : to(syn_received);
    case syn_sent_by_both:
      return to(syn_received);
    case syn_received:
      return is_original ? to(syn_received) : kIgnored;
    default:
      return is_original || state == none ? kInvalid : kIgnored;
  }
}

TcpStep on_fin(TcpState state) {
  switch (state) {
    case none:
    case syn_sent:
    case syn_sent_by_both:
      return kInvalid;
    case syn_received:
    case established:
      return to(fin_wait);
    case fin_wait:
    case close_wait:
      return to(last_ack);
    default:
      return to(state);
  }
}

TcpStep on_ack(TcpState state, Direction direction) {
  switch (state) {
    case none:
      return to(established);
    case syn_sent:
    case syn_sent_by_both:
      return direction == Direction::original ? kInvalid : kIgnored;
    case syn_received:
      return to(direction == Direction::original ? established : syn_received);
    case fin_wait:
      return to(close_wait);
    case last_ack:
      return to(time_wait);
    default:
      return to(state);
  }
}

}  // namespace

TcpEvent tcp_event(uint8_t flags) {
  constexpr uint8_t kFin = uint8_t(TcpFlag::fin);
  constexpr uint8_t kSyn = uint8_t(TcpFlag::syn);
  constexpr uint8_t kRst = uint8_t(TcpFlag::rst);
  constexpr uint8_t kAck = uint8_t(TcpFlag::ack);
  switch (flags & (kFin | kSyn | kRst | kAck)) {
    case kSyn:
      return TcpEvent::syn;
    case kSyn | kAck:
      return TcpEvent::syn_ack;
    case kFin | kAck:
      return TcpEvent::fin;
    case kAck:
      return TcpEvent::ack;
    case kRst:
    case kRst | kAck:
      return TcpEvent::rst;
    default:
      return TcpEvent::invalid;
  }
}

TcpStep tcp_step(TcpState state, Direction direction, TcpEvent event) {
  switch (event) {
    case TcpEvent::syn:
      return on_syn(state, direction);
    case TcpEvent::syn_ack:
      return on_syn_ack(state, direction);
    case TcpEvent::fin:
      return on_fin(state);
    case TcpEvent::ack:
      return on_ack(state, direction);
    case TcpEvent::rst:
      return state == none ? kInvalid : to(closed);
    case TcpEvent::invalid:
      break;
  }
  return kInvalid;
}

}  // namespace nflua::replay
