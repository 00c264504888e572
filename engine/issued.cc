#include "treadle/engine/issued.h"

#include <mutex>
#include <new>
#include <utility>

#include "treadle/engine/error_record.h"
#include "treadle/engine/grant.h"
#include "treadle/engine/node_memory.h"

namespace treadle::detail {
namespace {

size_t bytes_of(uint32_t links) {
  return sizeof(Issued) + links * (sizeof(IssuedLink) + sizeof(Issued*));
}

void release_link(IssuedLink* link) noexcept { link->issued->release(); }

// Calls visit(link) for what an access that has been granted follows.
template <class Visit>
void each_followed(const Access& access, Visit visit) {
  if (access.kind == Access::Kind::read) {
    if (access.epoch->written != nullptr) visit(*access.epoch->written);
    return;
  }
  for (IssuedLink* link = access.epoch->others; link != nullptr; link = link->next) visit(*link);
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
  return ::new (&links()[used_links++]) IssuedLink{this, nullptr, kind};
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

void drop(IssuedLink* list) noexcept {
  while (list != nullptr) release_link(std::exchange(list, list->next));
}

void hand_on_links(Epoch& before, Access& write) noexcept {
  IssuedLink* list = std::exchange(before.others, nullptr);
  if (IssuedLink* written = std::exchange(before.written, nullptr)) {
    if (write.kind != Access::Kind::update) written->kind = IssuedLink::Kind::order;
    written->next = list;
    list = written;
  }
  write.epoch->others = list;
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
    if (access.kind == Access::Kind::read) continue;
    IssuedLink* list = std::exchange(access.epoch->others, nullptr);
    while (list != nullptr) {
      IssuedLink* const link = std::exchange(list, list->next);
      if (link->kind == IssuedLink::Kind::memory && !link->issued->event.has_fired()) {
        link->next = std::exchange(access.epoch->others, link);
      } else {
        release_link(link);
      }
    }
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

void mark_epochs(Task& task, Issued& issued) noexcept {
  for (uint32_t i = 0; i < task.access_count; ++i) {
    Access& access = task.accesses()[i];
    Epoch& epoch = *access.epoch;
    if (access.kind != Access::Kind::read) {
      drop(std::exchange(epoch.others, nullptr));
      epoch.written = issued.new_link(IssuedLink::Kind::value);
      continue;
    }
    IssuedLink* link = issued.new_link(IssuedLink::Kind::order);
    IssuedLink* replaced = nullptr;
    {
      // Several reads may end at once, and not in the order of their events. What is done, and all
      // but the last read on a stream, need no link any more: a variable that is only read does not
      // grow.
      std::lock_guard lock(epoch.variable->lock);
      for (IssuedLink** at = &epoch.others; *at != nullptr;) {
        IssuedLink* const other = *at;
        const bool is_same_stream =
            other->issued->stream == issued.stream && other->kind != IssuedLink::Kind::memory;
        if (is_same_stream && other->issued->event.number > issued.event.number) {
          link->next = std::exchange(replaced, link);
          link = nullptr;
          break;
        }
        if (is_same_stream ||
            (other->kind != IssuedLink::Kind::memory && other->issued->is_done())) {
          *at = other->next;
          other->next = std::exchange(replaced, other);
        } else {
          at = &other->next;
        }
      }
      if (link != nullptr) link->next = std::exchange(epoch.others, link);
    }
    drop(replaced);
  }
}

bool issued_settled(const Epoch& last, bool to_write, ErrorRecord*& error) noexcept {
  if (last.written != nullptr) {
    if (!last.written->issued->is_done()) return false;
    if (error == nullptr) error = last.written->issued->error;
  }
  for (const IssuedLink* link = to_write ? last.others : nullptr; link; link = link->next) {
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
  if (last.written != nullptr) add(*last.written);
  for (const IssuedLink* link = last.others; link != nullptr; link = link->next) add(*link);
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
    link->next = std::exchange(first.others, link);
    issued->release();
  }
  return variable;
}

}  // namespace treadle::detail
