// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/filter_paths.hpp"

#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <utility>

namespace nflua::queue {

namespace {

/// Instructions that are looked at, each as often as a path leads there.
constexpr size_t kMaxSteps = 1 << 16;

/// The kernel's payload expression knows offsets up to here.
constexpr uint32_t kMaxOffset = UINT8_MAX;

constexpr unsigned kWordBits = 32;

// What tells that nft's transport header is where the program's 4*([0]&0xf) points to.
constexpr Field kVersion{FieldBase::network_header, 0, 1, 0xf0};
constexpr uint32_t kVersion4 = 0x40;
constexpr Field kFragmentOffset{FieldBase::network_header, 6, 2, 0x1fff};
constexpr Field kHeaderWords{FieldBase::network_header, 0, 1, 0x0f};
constexpr int kWordsToBytes = -2;

/// What a register has. The bits of a field that are in its mask all lie in the register, so many
/// places to the right of where they are in the packet (negative: to the left).
struct Value {
  enum class Kind : uint8_t { unknown, constant, field };

  Kind kind = Kind::unknown;
  uint32_t constant = 0;
  Field field;
  int right = 0;

  static Value of(uint32_t constant) { return {Kind::constant, constant, {}, 0}; }
  static Value of(const Field& field, int right = 0) { return {Kind::field, 0, field, right}; }
  bool is_constant() const { return kind == Kind::constant; }
  bool is_field() const { return kind == Kind::field; }
  friend bool operator==(const Value&, const Value&) = default;
};

/// A number of the register, where it is in the packet.
uint32_t in_packet(uint32_t number, int right) {
  return right >= 0 ? number << right : number >> -right;
}

Value with_mask(Value value, uint32_t mask) {
  value.field.mask &= mask;
  return value.field.mask == 0 ? Value::of(0) : value;
}

Value keep_bits(const Value& value, uint32_t bits) {
  return with_mask(value, in_packet(bits, value.right));
}

Value shift_right(Value value, int places) {
  value.right += places;
  if (value.right >= int(kWordBits)) return Value::of(0);
  return value.right > 0 ? with_mask(value, UINT32_MAX << value.right) : value;
}

Value shift_left(Value value, int places) {
  value.right -= places;
  if (value.right <= -int(kWordBits)) return Value::of(0);
  return value.right < 0 ? with_mask(value, UINT32_MAX >> -value.right) : value;
}

Value compute(uint32_t operation, uint32_t left, uint32_t right) {
  switch (operation) {
    case BPF_ADD:
      return Value::of(left + right);
    case BPF_SUB:
      return Value::of(left - right);
    case BPF_MUL:
      return Value::of(left * right);
    case BPF_AND:
      return Value::of(left & right);
    case BPF_OR:
      return Value::of(left | right);
    case BPF_XOR:
      return Value::of(left ^ right);
    case BPF_LSH:
      return right < kWordBits ? Value::of(left << right) : Value();
    case BPF_RSH:
      return right < kWordBits ? Value::of(left >> right) : Value();
    default:
      return {};
  }
}

Value compute(uint32_t operation, const Value& left, const Value& right) {
  if (!right.is_constant()) return {};
  const uint32_t number = right.constant;
  if (left.is_constant()) return compute(operation, left.constant, number);
  if (!left.is_field()) return {};
  if (operation == BPF_AND) return keep_bits(left, number);
  if (number >= kWordBits) return {};
  if (operation == BPF_RSH) return shift_right(left, int(number));
  if (operation == BPF_LSH) return shift_left(left, int(number));
  const bool adds = operation == BPF_ADD || operation == BPF_SUB || operation == BPF_OR;
  return adds && number == 0 ? left : Value();
}

bool compare(uint32_t operation, uint32_t left, uint32_t right) {
  switch (operation) {
    case BPF_JEQ:
      return left == right;
    case BPF_JGT:
      return left > right;
    case BPF_JGE:
      return left >= right;
    default:
      return (left & right) != 0;
  }
}

/// Those of the field whose value in the register is `least` or more.
ValueSet at_least(uint64_t least, const Value& value) {
  const uint64_t unit = uint64_t{1} << std::abs(value.right);
  const uint64_t first = value.right >= 0 ? least * unit : (least + unit - 1) / unit;
  return first > value.field.mask ? ValueSet() : ValueSet(uint32_t(first), UINT32_MAX);
}

/// Whether the register may be that number.
bool is_possible(uint32_t number, const Value& value) {
  const uint64_t exact =
      value.right >= 0 ? uint64_t{number} << value.right : number >> -value.right;
  const bool is_whole = value.right >= 0 || exact << -value.right == number;
  return is_whole && (exact & ~uint64_t{value.field.mask}) == 0;
}

/// With which the decision is a yes. `value`: gets the bits that it depends on.
ValueSet decided_by(uint32_t operation, Value& value, uint32_t number) {
  if (operation == BPF_JSET) value = keep_bits(value, number);
  const ValueSet all = ValueSet::all(value.field.mask);
  if (operation == BPF_JSET) return all - ValueSet(0);
  if (operation == BPF_JGT) return all & at_least(uint64_t{number} + 1, value);
  if (operation == BPF_JGE) return all & at_least(number, value);
  return is_possible(number, value) ? ValueSet(in_packet(number, value.right)) : ValueSet();
}

/// A path as far as it has been walked.
struct Walker {
  size_t at = 0;
  Value a = Value::of(0);
  Value x = Value::of(0);
  std::array<Value, BPF_MEMWORDS> memory;
  FilterPath path;

  const FieldCondition* find(const Field& field) const {
    const auto found = std::ranges::find(path, field, &FieldCondition::field);
    return found == path.end() ? nullptr : &*found;
  }

  /// Returns whether any packet is left.
  bool narrow(const Field& field, const ValueSet& values) {
    const auto found = std::ranges::find(path, field, &FieldCondition::field);
    if (found == path.end()) {
      path.push_back({field, values});
      return !values.is_empty();
    }
    found->values = found->values & values;
    return !found->values.is_empty();
  }

  bool is_known(const Field& field, uint32_t value) const {
    const FieldCondition* found = find(field);
    return found && ValueSet(value).includes(found->values);
  }
};

class Walk {
 public:
  Walk(const bpf_insn* program, size_t size) : program_(program), size_(size) {}

  /// Returns whether all is said; the same of all below.
  bool walk(Walker walker);
  std::vector<FilterPath> paths;

 private:
  bool step(const bpf_insn& instruction, Walker& walker);
  bool load(const bpf_insn& instruction, Walker& walker, Value& into);
  static bool load_field(Field field, Walker& walker, Value& into);
  bool load_behind_x(const bpf_insn& instruction, Walker& walker, Value& into);
  bool jump(const bpf_insn& instruction, Walker& walker);
  bool branch(const bpf_insn& instruction, Walker& walker, Value value, uint32_t number);

  const bpf_insn* program_;
  size_t size_;
  size_t steps_ = 0;
};

unsigned bytes_of(const bpf_insn& instruction) {
  switch (BPF_SIZE(instruction.code)) {
    case BPF_B:
      return 1;
    case BPF_H:
      return 2;
    default:
      return 4;
  }
}

bool Walk::load_field(Field field, Walker& walker, Value& into) {
  if (!walker.find(field)) walker.narrow(field, ValueSet::all(field.mask));
  into = Value::of(field);
  return true;
}

bool Walk::load_behind_x(const bpf_insn& instruction, Walker& walker, Value& into) {
  const auto bytes = uint8_t(bytes_of(instruction));
  const Value& x = walker.x;
  const uint64_t offset = uint64_t{instruction.k} + (x.is_constant() ? x.constant : 0);
  if (offset > kMaxOffset) return false;
  Field field{FieldBase::network_header, uint8_t(offset), bytes, whole_mask(bytes)};
  if (x.is_constant()) return load_field(field, walker, into);
  // nft has no transport header of a later fragment, and counts extension headers of IPv6 too.
  if (x != Value::of(kHeaderWords, kWordsToBytes) || !walker.is_known(kVersion, kVersion4) ||
      !walker.is_known(kFragmentOffset, 0))
    return false;
  field.base = FieldBase::transport_header;
  return load_field(field, walker, into);
}

bool Walk::load(const bpf_insn& instruction, Walker& walker, Value& into) {
  const uint32_t k = instruction.k;
  switch (BPF_MODE(instruction.code)) {
    case BPF_IMM:
      into = Value::of(k);
      return true;
    case BPF_LEN:
      return load_field({FieldBase::packet_length, 0, 4, UINT32_MAX}, walker, into);
    case BPF_MEM:
      if (k < BPF_MEMWORDS) into = walker.memory[k];
      return k < BPF_MEMWORDS;
    case BPF_IND:
      return load_behind_x(instruction, walker, into);
    case BPF_ABS:
    case BPF_MSH: {
      if (k > kMaxOffset) return false;
      const auto bytes = uint8_t(bytes_of(instruction));
      load_field({FieldBase::network_header, uint8_t(k), bytes, whole_mask(bytes)}, walker, into);
      if (BPF_MODE(instruction.code) == BPF_MSH)
        into = shift_left(keep_bits(into, kHeaderWords.mask), -kWordsToBytes);
      return true;
    }
    default:
      return false;
  }
}

bool Walk::branch(const bpf_insn& instruction, Walker& walker, Value value, uint32_t number) {
  const ValueSet yes = decided_by(BPF_OP(instruction.code), value, number);
  if (!value.is_field()) {  // none of the bits that it asks for can be set
    walker.at += instruction.jf;
    return true;
  }
  Walker other = walker;
  other.at += instruction.jt;
  if (other.narrow(value.field, yes) && !walk(std::move(other))) return false;
  walker.at += instruction.jf;
  // Where nothing is left, the program ends.
  if (!walker.narrow(value.field, ValueSet::all(value.field.mask) - yes)) walker.at = size_;
  return true;
}

bool Walk::jump(const bpf_insn& instruction, Walker& walker) {
  const uint32_t operation = BPF_OP(instruction.code);
  if (operation == BPF_JA) {
    const bool is_forward = instruction.k < size_ - walker.at;
    if (is_forward) walker.at += instruction.k;
    return is_forward;
  }
  const Value operand = BPF_SRC(instruction.code) == BPF_X ? walker.x : Value::of(instruction.k);
  if (!operand.is_constant()) return false;
  if (walker.a.is_field()) return branch(instruction, walker, walker.a, operand.constant);
  if (!walker.a.is_constant()) return false;
  const bool yes = compare(operation, walker.a.constant, operand.constant);
  walker.at += yes ? instruction.jt : instruction.jf;
  return true;
}

bool Walk::step(const bpf_insn& instruction, Walker& walker) {
  const uint32_t code = instruction.code;
  switch (BPF_CLASS(code)) {
    case BPF_LD:
      return load(instruction, walker, walker.a);
    case BPF_LDX:
      return load(instruction, walker, walker.x);
    case BPF_ST:
    case BPF_STX:
      if (instruction.k >= BPF_MEMWORDS) return false;
      walker.memory[instruction.k] = BPF_CLASS(code) == BPF_ST ? walker.a : walker.x;
      return true;
    case BPF_ALU: {
      const uint32_t operation = BPF_OP(code);
      // By zero they end the program.
      if (operation == BPF_DIV || operation == BPF_MOD) return false;
      const Value operand = BPF_SRC(code) == BPF_X ? walker.x : Value::of(instruction.k);
      walker.a = compute(operation, walker.a, operand);
      return true;
    }
    case BPF_JMP:
      return jump(instruction, walker);
    case BPF_MISC:
      if (BPF_MISCOP(code) == BPF_TAX)
        walker.x = walker.a;
      else
        walker.a = walker.x;
      return true;
    default:
      return false;
  }
}

bool Walk::walk(Walker walker) {
  while (walker.at < size_) {
    if (++steps_ > kMaxSteps) return false;
    const bpf_insn& instruction = program_[walker.at++];
    if (BPF_CLASS(instruction.code) == BPF_RET) {
      if (BPF_RVAL(instruction.code) != BPF_K) return false;
      if (instruction.k != 0) paths.push_back(std::move(walker.path));
      return paths.size() <= kMaxFilterPaths;
    }
    if (!step(instruction, walker)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::vector<FilterPath>> find_filter_paths(const bpf_insn* program, size_t size) {
  Walk walk(program, size);
  if (!walk.walk({})) return {};
  return std::move(walk.paths);
}

}  // namespace nflua::queue
