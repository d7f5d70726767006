// SPDX-License-Identifier: GPL-2.0-or-later
// One packet, as a datapath hands it to the engine.
//
// Life of a packet:
//   offered (during rule evaluation) ─┬─► over when run_rules() returns, the datapath goes on
//                                     └─► hold() ─► held: owned by the state ─► send() | drop()
// The engine never uses an offered packet after run_rules(), nor a held one after send()/drop().
// Context: all calls come from the thread (softirq) that runs the state; none re-enters the engine.
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"

namespace nflua {

class Reply;

struct Owner {
  uint32_t uid = 0;
  uint32_t gid = 0;
};

class Packet {
 public:
  /// The IP packet from the first byte of its header, link padding cut off.
  /// Borrows: until the packet is over. A kernel may have to linearize for it: no bytes if it
  /// can't.
  virtual Bytes bytes() = 0;

  /// Bytes of the packet on its way, of which bytes() may be only the first ones. Never less than
  /// bytes().size().
  virtual size_t whole_bytes() = 0;

  /// Bytes that each segment or datagram carries, if the packet is a bundle that the stack cuts
  /// when it leaves (GSO), or has put together as it came (GRO). 0: it is none.
  /// Errors: "unknown" and why, where it can't be told.
  virtual Result<size_t> segment_bytes() = 0;

  /// The link-layer header; none: empty. Borrows: until the packet is over.
  virtual MutableBytes frame() = 0;

  /// The id of the conntrack entry. Errors: "untracked".
  virtual Result<int64_t> connection_id() = 0;

  /// Names, zero-terminated, nullptr where unknown. Borrows: until the packet is over.
  virtual const char* in_device() = 0;
  virtual const char* out_device() = 0;
  /// "prerouting" "input" "forward" "output" "postrouting".
  virtual const char* hook() = 0;

  /// Errors: "no owner".
  virtual Result<Owner> owner() = 0;

  virtual uint32_t mark() = 0;
  virtual void set_mark(uint32_t mark) = 0;

  /// Whether the checksum is left to hardware (or GSO), so that what the packet bears is not it.
  virtual bool checksum_is_pending() = 0;

  /// The largest TCP payload that the packet's sender said it takes. 0: unknown. Units: bytes.
  virtual size_t reply_mss() = 0;

  /// Sends every packet of `reply` to where this one came from. Errors: "no input device" …
  virtual Error send_reply(const Reply& reply) = 0;

  /// Takes the packet out of the datapath's hands. Owns: the caller, which ends it by send() or
  /// drop(). This object is over. Errors: out of memory; then nothing changed.
  virtual Result<Packet*> hold() = 0;

  /// Held only. Lets the packet go on past its hook, its TCP payload replaced if there is one, and
  /// destroys this object. Errors: then the packet is dropped, and this object destroyed as well.
  virtual Error send(const Bytes* payload) = 0;

  /// Held only. Drops the packet and destroys this object.
  virtual void drop() = 0;

 protected:
  ~Packet() = default;
};

}  // namespace nflua
