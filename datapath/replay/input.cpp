// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/input.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace nflua::replay {
namespace {

Failure cannot_read(const std::string& name, const char* what, const char* remedy) {
  return Failure(name + ": cannot " + what + ": " + strerror(errno) + "; " + remedy);
}

}  // namespace

Outcome<Input> Input::open(const std::string& path) {
  if (path == "-") return Input(STDIN_FILENO, "standard input");
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return cannot_read(path, "open the capture",
                       "expected a pcap or pcapng file that you may read");
  struct stat status;
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    close(descriptor);
    return Failure(path + ": is a directory, expected a pcap or pcapng file; name a file in it");
  }
  return Input(descriptor, path);
}

Input::Input(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), buffer_(new uint8_t[kReadBytes]) {}

Input::Input(Input&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      capacity_(other.capacity_),
      begin_(other.begin_),
      end_(other.end_),
      filled_(other.filled_),
      bytes_of_file_(other.bytes_of_file_),
      decompressor_(std::move(other.decompressor_)),
      on_pause_(std::move(other.on_pause_)),
      failure_(std::move(other.failure_)) {}

Input::~Input() {
  if (descriptor_ > STDIN_FILENO) close(descriptor_);
}

// Waits here rather than in read(), which goes on after a signal: this ends.
bool Input::wait() {
  pollfd waiting{descriptor_, POLLIN, 0};
  int ready = poll(&waiting, 1, 0);
  if (ready == 0) {
    if (on_pause_) on_pause_();
    ready = poll(&waiting, 1, patience_ms_);
    if (ready == 0) return false;
  }
  if (ready > 0) return true;
  failure_ = cannot_read(name_, "wait for the capture", "run it again");
  return false;
}

bool Input::ensure_soon(size_t count) {
  if (!decompressor_) patience_ms_ = kPatienceMs;
  const bool is_there = ensure(count);
  patience_ms_ = kForever;
  return is_there;
}

void Input::make_room(size_t count) {
  if (count <= capacity_) {
    memmove(buffer_.get(), at(), available());
  } else {
    // Not filled with zeros: what no read reaches costs no memory.
    std::unique_ptr<uint8_t[]> larger(new uint8_t[count]);
    memcpy(larger.get(), at(), available());
    buffer_ = std::move(larger);
    capacity_ = count;
  }
  end_ = available();
  begin_ = 0;
}

bool Input::fill(size_t count) {
  make_room(count);
  while (end_ < count) {
    const size_t got = read_some({buffer_.get() + end_, std::min(capacity_ - end_, kReadBytes)});
    if (got == 0) return false;
    end_ += got;
    filled_ += got;
  }
  return true;
}

size_t Input::read_some(MutableBytes room) {
  if (!decompressor_) return read_file(room);
  const size_t got = decompressor_->read(room, [this](MutableBytes to) { return read_file(to); });
  if (got == 0 && !failure_ && !decompressor_->failure().empty())
    failure_ = Failure(name_ + ": " + decompressor_->failure());
  return got;
}

size_t Input::read_file(MutableBytes room) {
  while (wait()) {
    const ssize_t got = read(descriptor_, room.data(), room.size());
    if (got >= 0) {
      bytes_of_file_ += uint64_t(got);
      return size_t(got);
    }
    if (errno == EINTR) continue;
    failure_ = cannot_read(name_, "read the capture", "copy it to a local disk and try again");
    break;
  }
  return 0;
}

void Input::decompress(Compression compression) {
  decompressor_ = std::make_unique<Decompressor>(compression, Bytes(at(), available()));
  filled_ = begin_ = end_ = 0;
}

bool Input::skip(uint64_t count) {
  while (count > 0) {
    if (!ensure(1)) return false;
    size_t step = size_t(std::min<uint64_t>(count, available()));
    consume(step);
    count -= step;
  }
  return true;
}

bool Input::is_same_file(int descriptor) const {
  struct stat ours;
  struct stat theirs;
  return fstat(descriptor_, &ours) == 0 && fstat(descriptor, &theirs) == 0 &&
         S_ISREG(ours.st_mode) && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

}  // namespace nflua::replay
