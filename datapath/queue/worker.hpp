// SPDX-License-Identifier: GPL-2.0-or-later
// A thread, and what lives in it: queues that it serves, and a seat for each state.
//
//   Worker → (call() | post())* → ~Worker
// What belongs to it is made, used and ended in its thread, between two packets: by call() or
// post(), which any other thread may use.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace nflua::queue {

class QueuePacket;
class QueueServer;
class PastSummary;
struct Summary;

class Worker {
 public:
  /// `number`: counts workers from 1.
  explicit Worker(uint32_t number);
  /// Requires: no task waits. Ends the thread, then the queues.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  uint32_t number() const { return number_; }

  // Any other thread.
  /// Runs the task and waits for what it returns.
  template <class Task>
  auto call(Task task) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    asio::post(io_, [&packaged] { packaged(); });
    return result.get();
  }
  template <class Task>
  void post(Task task) {
    asio::post(io_, std::move(task));
  }

  // The worker's thread.
  asio::io_context& io() { return io_; }
  QueueServer& add(std::unique_ptr<QueueServer> server);
  /// Ends a server, at once or when nothing is held any more that came through it; `past` then has
  /// what it counted. Requires: it has been drained.
  void retire(QueueServer& server, std::shared_ptr<PastSummary> past);
  /// The server of that queue that retired with `past` serves again, without rules. nullptr: it has
  /// ended.
  QueueServer* revive(uint16_t queue, const PastSummary& past);
  /// Of the servers that retired with `past` and have not ended.
  Summary retired_summary(const PastSummary& past) const;
  /// Sends what verdicts wait. To be called after each call of a script.
  void flush();
  /// Puts new states into the rules of all servers after a seat has another replica.
  void renew_rules();
  /// Rules judge this packet until end_packet(). Borrows: it.
  void begin_packet(QueuePacket& packet) { judged_ = &packet; }
  void end_packet() { judged_ = nullptr; }
  /// nullptr: scripts run for another reason.
  QueuePacket* judged_packet() const { return judged_; }
  /// While a seat's state is being closed: what it holds goes by the policy of its queue.
  bool is_closing_state() const { return is_closing_state_; }
  template <class Close>
  void close_state(Close close) {
    is_closing_state_ = true;
    close();
    is_closing_state_ = false;
    flush();
  }

 private:
  struct Retired {
    std::unique_ptr<QueueServer> server;
    std::shared_ptr<PastSummary> past;
  };

  void reap();

  uint32_t number_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  bool is_closing_state_ = false;
  QueuePacket* judged_ = nullptr;
  std::vector<std::unique_ptr<QueueServer>> servers_;
  /// Servers of which something is still held.
  std::vector<Retired> retired_;
  std::thread thread_;
};

}  // namespace nflua::queue
