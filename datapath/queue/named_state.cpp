// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/named_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "datapath/engine_text.hpp"

namespace nflua::queue {

namespace {

/// A message on its way into all replicas.
class SharedDelivery {
 public:
  SharedDelivery(size_t replicas, std::function<void(Failure, int64_t)> done)
      : replicas_left_(replicas), done_(std::move(done)) {}

  void arrived(Failure failure, int64_t took_ns) {
    const std::lock_guard lock(mutex_);
    if (failure && !failure_) failure_ = std::move(failure);
    longest_ns_ = std::max(longest_ns_, took_ns);
    if (--replicas_left_ == 0) done_(std::move(failure_), longest_ns_);
  }

 private:
  std::mutex mutex_;
  size_t replicas_left_;
  int64_t longest_ns_ = 0;
  Failure failure_;
  std::function<void(Failure, int64_t)> done_;
};

}  // namespace

NamedState::NamedState(std::string name, Workers& workers, const Surroundings& around)
    : name_(std::move(name)), workers_(workers), around_(around) {}

Outcome<std::unique_ptr<NamedState>> NamedState::create(const std::string& name, Workers& workers,
                                                        const Surroundings& around,
                                                        const StateMaker& make_state) {
  std::unique_ptr<NamedState> state(new NamedState(name, workers, around));
  Outcome<std::vector<std::unique_ptr<Replica>>> replicas = state->make_replicas(make_state);
  if (!replicas) return replicas.failure();
  state->limits_ = replicas->front()->state->limits();
  for (size_t i = 0; i < workers.size(); ++i)
    workers[i]->call([&, i] {
      state->seats_.push_back(std::make_unique<Seat>(*workers[i], std::move((*replicas)[i])));
    });
  return state;
}

NamedState::~NamedState() {
  for (std::unique_ptr<Seat>& seat : seats_) seat->worker().call([&seat] { seat.reset(); });
}

Outcome<std::vector<std::unique_ptr<Replica>>> NamedState::make_replicas(
    const StateMaker& make_state) {
  const World world = {around_.events, around_.served, around_.groups, around_.max_datagram_bytes,
                       datagrams_};
  std::vector<std::unique_ptr<Replica>> replicas;
  for (const auto& worker : workers_) {
    PrintedText printed = printed_in(worker->number());
    Outcome<std::unique_ptr<Replica>> replica =
        make_replica(world, make_state, worker->number(), printed);
    printed_.add(printed);
    if (!replica) return replica.failure();
    replicas.push_back(std::move(*replica));
  }
  return replicas;
}

PrintedText NamedState::printed_in(uint32_t worker) const {
  if (workers_.size() == 1) return PrintedText();
  return PrintedText(fmt::format("replica {} of {}: ", worker, workers_.size()));
}

Failure NamedState::run_in_each(const std::function<Failure(Seat&)>& run) {
  printed_ = PrintedText();
  for (const std::unique_ptr<Seat>& seat : seats_) {
    PrintedText printed = printed_in(seat->worker().number());
    const Failure failure = seat->worker().call([&] {
      seat->host().copy_prints_to(&printed);
      Failure result = run(*seat);
      seat->host().copy_prints_to(nullptr);
      seat->after_call();
      return result;
    });
    printed_.add(printed);
    if (failure && seats_.size() == 1) return failure;
    if (failure)
      return Failure(fmt::format("replica {} of {}: {}", seat->worker().number(), seats_.size(),
                                 failure.message()));
  }
  return {};
}

Failure NamedState::execute(const std::string& source, const std::string& chunk_name) {
  return run_in_each([&](Seat& seat) {
    return failure_of(seat.state().load(text_of(source), text_of(chunk_name)), seat.state());
  });
}

Outcome<std::string> NamedState::evaluate(const std::string& source,
                                          const std::string& chunk_name) {
  std::string result;
  const Failure failure = run_in_each([&](Seat& seat) {
    State& state = seat.state();
    const Error error = state.evaluate(text_of(source), text_of(chunk_name));
    if (seat.worker().number() == 1) result = string_of(state.last_result());
    return failure_of(error, state);
  });
  if (failure) return failure;
  return result;
}

Failure NamedState::reload(const StateMaker& make_state,
                           const std::function<void(Worker&)>& swapped) {
  printed_ = PrintedText();
  Outcome<std::vector<std::unique_ptr<Replica>>> replicas = make_replicas(make_state);
  if (!replicas) return replicas.failure();
  std::vector<PrintedText> printed;
  for (const auto& seat : seats_) printed.push_back(printed_in(seat->worker().number()));
  std::promise<bool> decision;
  const std::shared_future<bool> go = decision.get_future().share();
  std::vector<std::future<Failure>> answers;
  for (size_t i = 0; i < seats_.size(); ++i) {
    std::promise<Failure> ready;
    answers.push_back(ready.get_future());
    Seat& seat = *seats_[i];
    seat.worker().post([&swapped, &seat, &text = printed[i], go, ready = std::move(ready),
                        next = std::move((*replicas)[i])]() mutable {
      seat.host().copy_prints_to(&text);
      next->host.copy_prints_to(&text);
      Failure result = failure_of(next->state->take_over(seat.state()), *next->state);
      seat.host().copy_prints_to(nullptr);
      next->host.copy_prints_to(nullptr);
      ready.set_value(std::move(result));
      if (!go.get()) return seat.after_call();
      seat.adopt(std::move(next));
      if (swapped) swapped(seat.worker());
    });
  }
  Failure failure;
  for (std::future<Failure>& answer : answers)
    if (Failure refusal = answer.get()) failure = std::move(refusal);
  for (const PrintedText& text : printed) printed_.add(text);
  decision.set_value(!failure);
  for (const auto& worker : workers_) worker->call([] {});  // all have swapped
  return failure;
}

void NamedState::receive(uint32_t port, const std::vector<uint8_t>& message,
                         std::function<void(Failure, int64_t)> done) {
  const auto shared = std::make_shared<SharedDelivery>(seats_.size(), std::move(done));
  for (const std::unique_ptr<Seat>& seat : seats_) {
    Delivery delivery{port, message, [shared](Failure failure, int64_t took_ns) {
                        shared->arrived(std::move(failure), took_ns);
                      }};
    seat->worker().post([&seat = *seat, delivery = std::move(delivery)]() mutable {
      seat.deliver(std::move(delivery));
    });
  }
}

bool NamedState::has_function(const char* function) {
  return seats_.front()->worker().call(
      [&] { return seats_.front()->state().has_function(function); });
}

void NamedState::set_limits(const Limits& limits) {
  limits_ = limits;
  for (const std::unique_ptr<Seat>& seat : seats_)
    seat->worker().call([&] { seat->state().set_limits(limits); });
}

StateSummary NamedState::summary() {
  StateSummary sum;
  for (const std::unique_ptr<Seat>& seat : seats_)
    sum.add(seat->worker().call([&] { return seat->summary(); }));
  return sum;
}

}  // namespace nflua::queue
