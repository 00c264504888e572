#include "treadle/engine/issued.h"

#include <array>
#include <mutex>
#include <new>
#include <utility>

#include "treadle/device/fork.h"
#include "treadle/engine/error_record.h"
#include "treadle/engine/grant.h"
#include "treadle/engine/node_memory.h"

namespace treadle::detail {
namespace {

size_t bytes_of(uint32_t links) {
  return sizeof(Issued) + links * (sizeof(IssuedLink) + sizeof(Issued*));
}

void release_link(IssuedLink* link) noexcept { link->issued->release(); }

// Locks that the epochs of the process share.
class EpochLocks : ForkAware {
 public:
  static EpochLocks& instance() {
    static EpochLocks& locks = *new EpochLocks;  // outlives every thread
    return locks;
  }
  SpinLock& of(const Epoch& epoch) noexcept {
    return locks_[reinterpret_cast<uintptr_t>(&epoch) / sizeof(Epoch) % locks_.size()].lock;
  }

 private:
  struct alignas(64) Line {
    SpinLock lock;
  };

  void before_fork() noexcept override {
    for (Line& line : locks_) line.lock.lock();
  }
  void unlock() noexcept {
    for (Line& line : locks_) line.lock.unlock();
  }
  void after_fork_parent() noexcept override { unlock(); }
  void after_fork_child() noexcept override { unlock(); }

  std::array<Line, 16> locks_;
};

void drop(IssuedLink* list) noexcept {
  while (list != nullptr) release_link(std::exchange(list, list->next));
}

// Calls visit(link) for what an access that has been granted follows.
template <class Visit>
void each_followed(const Access& access, Visit visit) {
  const Attachments& attached = access.epoch()->attached;
  if (access.kind() == Access::Kind::read) {
    if (attached.written() != nullptr) visit(*attached.written());
    return;
  }
  for (IssuedLink* link = attached.others(); link != nullptr; link = link->next) visit(*link);
}

template <class Visit>
void each_followed(Task& task, Visit visit) {
  for (uint32_t i = 0; i < task.access_count; ++i) each_followed(task.accesses()[i], visit);
}

}  // namespace

Issued* Issued::create(uint32_t links) {
  static_assert(sizeof(Issued) % alignof(IssuedLink) == 0);
  return ::new (allocate_node(bytes_of(links))) Issued(links);
}

void Issued::release() noexcept {
  if (count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (error != nullptr) error->release();
  const size_t bytes = bytes_of(capacity);
  this->~Issued();
  free_node(this, bytes);
}

IssuedLink* Issued::new_link(IssuedLink::Kind kind) noexcept {
  retain();
  return ::new (&links()[used_links++]) IssuedLink{this, nullptr, nullptr, kind};
}

bool Issued::await(Task& task) noexcept {
  Task* head = waiting.load(std::memory_order_acquire);
  while (head != all_done) {
    task.next = head;
    // Release: partner of the acquiring exchange when it is done.
    if (waiting.compare_exchange_weak(head, &task, std::memory_order_release,
                                      std::memory_order_acquire)) {
      return true;
    }
  }
  return false;
}

SpinLock& lock_of(const Epoch& epoch) noexcept { return EpochLocks::instance().of(epoch); }

void drop_attached(Epoch& epoch) noexcept {
  Attachments& attached = epoch.attached;
  if (ErrorRecord* error = attached.take_error()) error->release();
  IssuedLink* const written = attached.written();
  drop(written != nullptr ? written : attached.others());
}

void hand_on_attached(Epoch& before, Access& write) noexcept {
  const bool is_update = write.kind() == Access::Kind::update;
  // An overwritten value takes its error along; an updated one hands it on.
  ErrorRecord* const error = before.attached.take_error();
  IssuedLink* const written = before.attached.written();
  if (written != nullptr && !is_update) written->kind = IssuedLink::Kind::order;
  Attachments& after = write.epoch()->attached;
  after.set_links(nullptr, written != nullptr ? written : before.attached.others());
  before.attached.set_links(nullptr, nullptr);
  if (error == nullptr) return;
  if (!is_update) return error->release();
  after.set_error(error);
  write.task().inherits_error.store(true, std::memory_order_relaxed);
}

Issued* first_to_await(Task& task, const Stream* stream) noexcept {
  Issued* found = nullptr;
  each_followed(task, [&](const IssuedLink& link) {
    if (found != nullptr || link.kind == IssuedLink::Kind::memory || link.issued->is_done()) return;
    if (stream == nullptr || !stream->can_wait_for(*link.issued->stream)) found = link.issued;
  });
  return found;
}

ErrorRecord* issued_error(Task& task) noexcept {
  ErrorRecord* error = nullptr;
  each_followed(task, [&](const IssuedLink& link) {
    if (error == nullptr && link.kind == IssuedLink::Kind::value && link.issued->is_done())
      error = link.issued->error;
  });
  return error;
}

void drop_followed(Task& task) noexcept {
  for (uint32_t i = 0; i < task.access_count; ++i) {
    const Access& access = task.accesses()[i];
    if (access.kind() == Access::Kind::read) continue;
    Attachments& attached = access.epoch()->attached;
    IssuedLink *list = attached.others(), *dropped = nullptr, *kept = nullptr;
    while (list != nullptr) {
      IssuedLink* const link = std::exchange(list, list->next);
      const bool is_used =
          link->kind == IssuedLink::Kind::memory && !link->issued->event.has_fired();
      link->next = std::exchange(is_used ? kept : dropped, link);
    }
    if (dropped == nullptr) continue;
    attached.set_links(nullptr, kept);
    drop(dropped);
  }
}

void follow_on_stream(Task& task, Issued& issued) noexcept {
  each_followed(task, [&](const IssuedLink& link) {
    issued.stream->wait(link.issued->event);
    if (link.kind != IssuedLink::Kind::value) return;
    link.issued->retain();
    issued.values()[issued.value_count++] = link.issued;
  });
}

namespace {

// Adds the link of a read to those of its epoch, under the lock. Several reads may end at once, and
// not in the order of their events. What is done, and all but the last read on a stream, need no
// link any more: a variable that is only read does not grow. Gives those that are needed no more.
IssuedLink* add_read(Attachments& attached, IssuedLink* link) noexcept {
  const Issued& issued = *link->issued;
  IssuedLink* const written = attached.written();
  IssuedLink *list = attached.others(), *kept = nullptr, *replaced = nullptr;
  IssuedLink** end = &kept;
  while (list != nullptr) {
    IssuedLink* const other = std::exchange(list, list->next);
    const bool is_memory = other->kind == IssuedLink::Kind::memory;
    const bool is_same_stream = !is_memory && other->issued->stream == issued.stream;
    if (is_same_stream && other->issued->event.number > issued.event.number) {
      link->next = std::exchange(replaced, link);
      link = other;
    } else if (is_same_stream || (!is_memory && other->issued->is_done())) {
      other->next = std::exchange(replaced, other);
    } else {
      *end = other;
      end = &other->next;
    }
  }
  *end = nullptr;
  link->next = kept;
  attached.set_links(written, link);
  return replaced;
}

}  // namespace

void mark_epochs(Task& task, Issued& issued) noexcept {
  for (uint32_t i = 0; i < task.access_count; ++i) {
    const Access& access = task.accesses()[i];
    Epoch& epoch = *access.epoch();
    if (access.kind() != Access::Kind::read) {
      IssuedLink* const followed = epoch.attached.others();
      epoch.attached.set_links(issued.new_link(IssuedLink::Kind::value), nullptr);
      drop(followed);
      continue;
    }
    IssuedLink* const link = issued.new_link(IssuedLink::Kind::order);
    IssuedLink* replaced;
    {
      std::lock_guard lock(lock_of(epoch));
      replaced = add_read(epoch.attached, link);
    }
    drop(replaced);
  }
}

bool issued_settled(const Epoch& last, bool to_write, ErrorRecord*& error) noexcept {
  const Attachments& attached = last.attached;
  if (const IssuedLink* written = attached.written()) {
    if (!written->issued->is_done()) return false;
    if (error == nullptr) error = written->issued->error;
  }
  for (const IssuedLink* link = to_write ? attached.others() : nullptr; link; link = link->next) {
    if (link->kind != IssuedLink::Kind::memory && !link->issued->is_done()) return false;
  }
  return true;
}

std::vector<Event> pending_events(const Variable& variable) {
  VariableState& state = *variable.state();
  std::vector<Event> events;
  events.reserve(8);  // few have more: at most one a stream
  std::lock_guard lock(state.lock);
  const Epoch& last = *state.last.load(std::memory_order_relaxed);
  if (last.waiting.load(std::memory_order_acquire) != write_ended) return events;
  const auto add = [&](const IssuedLink& link) {
    if (!link.issued->event.has_fired()) events.push_back(link.issued->event);
  };
  std::lock_guard links_lock(lock_of(last));
  if (last.attached.written() != nullptr) add(*last.attached.written());
  for (const IssuedLink* link = last.attached.others(); link; link = link->next) add(*link);
  return events;
}

Variable variable_after(std::span<const Event> events) {
  if (!events.empty()) streams_in_use.store(true, std::memory_order_relaxed);
  Variable variable = Variable::create();
  Epoch& first = *variable.state()->last.load(std::memory_order_relaxed);
  for (const Event& event : events) {
    Issued* issued = Issued::create(1);
    issued->stream = event.stream;
    issued->event = event;
    IssuedLink* link = issued->new_link(IssuedLink::Kind::memory);
    link->next = first.attached.others();
    first.attached.set_links(nullptr, link);
    issued->release();
  }
  return variable;
}

}  // namespace treadle::detail
