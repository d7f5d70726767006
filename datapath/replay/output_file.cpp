// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/output_file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace nflua::replay {
namespace {

constexpr mode_t kFileMode = 0666;  // less the umask
constexpr const char* kOtherPlace = "free some space or write elsewhere";

Failure cannot_create(const std::string& path) {
  return Failure(path + ": cannot create the output: " + strerror(errno) +
                 "; expected a file in a directory that you may write");
}

// Not by O_TRUNC: that would have destroyed the input before we know that it is the same file.
Failure empty_file(int descriptor, const std::string& path, const Input& input) {
  if (input.is_same_file(descriptor))
    return Failure(path + ": is the capture that is being read; write to another file");
  // EINVAL: devices and pipes have no length to truncate.
  if (ftruncate(descriptor, 0) != 0 && errno != EINVAL) return cannot_create(path);
  return {};
}

// Where the next byte goes to. With O_APPEND, pwrite() would append as well.
off_t place_in_file(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  if (fcntl(descriptor, F_GETFL) & O_APPEND) return -1;
  return lseek(descriptor, 0, SEEK_CUR);
}

}  // namespace

Outcome<OutputFile> OutputFile::open(const std::string& path, const Input& input) {
  if (path == "-") return OutputFile(STDOUT_FILENO, "standard output");
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode);
  if (descriptor < 0) return cannot_create(path);
  if (Failure failure = empty_file(descriptor, path, input)) {
    ::close(descriptor);
    return failure;
  }
  return OutputFile(descriptor, path);
}

OutputFile::OutputFile(int descriptor, std::string name)
    : descriptor_(descriptor),
      name_(std::move(name)),
      start_(place_in_file(descriptor)),
      buffer_(new uint8_t[kBufferBytes]) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      start_(other.start_),
      buffer_(std::move(other.buffer_)),
      used_(other.used_),
      flushed_(other.flushed_),
      failure_(std::move(other.failure_)) {}

OutputFile::~OutputFile() { static_cast<void>(close()); }

Failure OutputFile::close() {
  if (descriptor_ < 0) return failure_;
  flush();
  if (descriptor_ > STDERR_FILENO && ::close(descriptor_) != 0) fail(strerror(errno), kOtherPlace);
  descriptor_ = -1;
  return failure_;
}

void OutputFile::put(Bytes bytes) {
  while (!bytes.empty()) {
    const Bytes part = bytes.first(kBufferBytes - used_);
    memcpy(buffer_.get() + used_, part.data(), part.size());
    used_ += part.size();
    bytes = bytes.sub(part.size());
    if (used_ == kBufferBytes) flush();
  }
}

void OutputFile::flush() {
  size_t done = 0;
  while (!failure_ && done < used_) {
    const ssize_t wrote = ::write(descriptor_, buffer_.get() + done, used_ - done);
    if (wrote >= 0)
      done += size_t(wrote);
    else if (errno != EINTR)
      fail(strerror(errno), kOtherPlace);
  }
  flushed_ += used_;
  used_ = 0;
}

void OutputFile::patch(uint64_t position, Bytes bytes) {
  flush();
  if (failure_) return;
  const ssize_t wrote = pwrite(descriptor_, bytes.data(), bytes.size(), start_ + off_t(position));
  if (wrote != ssize_t(bytes.size()))
    fail(wrote < 0 ? strerror(errno) : "a part only", kOtherPlace);
}

void OutputFile::fail(const std::string& what, const char* remedy) {
  if (failure_) return;
  failure_ =
      Failure(name_ + ": cannot write the output: " + what + "; it is incomplete; " + remedy);
}

}  // namespace nflua::replay
