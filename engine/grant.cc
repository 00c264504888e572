#include "treadle/engine/grant.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/engine/error_record.h"
#include "treadle/engine/issued.h"
#include "treadle/engine/node_memory.h"
#include "treadle/engine/prefetch.h"

namespace treadle::detail {
namespace {

Epoch* new_epoch(VariableState* variable) {
  return ::new (allocate_node(sizeof(Epoch))) Epoch(variable);
}

void free_epoch(Epoch* epoch) noexcept {
  if (epoch->attached.any()) drop_attached(*epoch);
  epoch->~Epoch();
  free_node(epoch, sizeof(Epoch));
}

void free_epochs(Access* accesses, uint32_t count) noexcept {
  for (uint32_t i = 0; i < count; ++i) {
    if (accesses[i].epoch() != nullptr) free_epoch(accesses[i].epoch());
  }
}

// The end of a variable: nobody has a handle and nothing is queued on it.
void end_variable(VariableState* variable, Epoch* last) noexcept {
  delete variable;
  free_epoch(last);
}

// Queues `access` until the epoch's write ends; false when it has ended.
bool await_write(Epoch& epoch, Access& access) {
  // Acquire: what the ended write did, its error above all, is seen by who is granted here.
  Access* head = epoch.waiting.load(std::memory_order_acquire);
  while (head != write_ended) {
    access.next = head;
    // Release: partner of the acquiring exchange in end_write.
    if (epoch.waiting.compare_exchange_weak(head, &access, std::memory_order_release,
                                            std::memory_order_acquire)) {
      return true;
    }
  }
  return false;
}

// `write` follows `before`, all of which has ended; frees `before`.
void succeed(Epoch* before, Access& write) noexcept {
  if (before->attached.any()) hand_on_attached(*before, write);
  free_epoch(before);
}

void grant(Access& access, TaskList& ready) noexcept {
  Task& task = access.task();
  const bool waiter = task.kind == Task::Kind::waiter;
  // Release what was granted by others, acquire it for the thread that runs the task.
  if (task.missing.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (waiter) {
    unpark_all(&task);  // the waiting thread may have gone on already; only the address counts
  } else {
    ready.push(task);
    prefetch(task);
  }
}

// Of an epoch whose write has ended, while other reads of it may be ending.
ErrorRecord* error_seen_by_read(const Epoch& epoch) noexcept {
  if (!epoch.attached.any()) return nullptr;
  std::lock_guard lock(lock_of(epoch));
  return epoch.attached.error();
}

bool open_read(Access& access, VariableState& variable) {
  Epoch& epoch = *variable.last.load(std::memory_order_relaxed);
  access.set_epoch(&epoch);
  ++variable.reads_opened;
  if (await_write(epoch, access)) return false;
  if (error_seen_by_read(epoch) != nullptr) {
    access.task().inherits_error.store(true, std::memory_order_relaxed);
  }
  return true;
}

bool open_write(Access& access, VariableState& variable) {
  Epoch* before = variable.last.load(std::memory_order_relaxed);
  variable.last.store(access.epoch(), std::memory_order_relaxed);
  if (const int32_t reads = std::exchange(variable.reads_opened, 0); reads != 0) {
    before->successor = &access;
    // Release: publishes the successor to the last read's end. Acquire: what the reads did is
    // before what this write does.
    if (before->reads.fetch_add(reads, std::memory_order_acq_rel) + reads != 0) return false;
  } else if (await_write(*before, access)) {
    return false;
  }
  succeed(before, access);
  return true;
}

void end_write(Epoch* epoch, TaskList& ready) noexcept {
  const bool has_error = epoch->attached.error() != nullptr;
  // Acquire: the fields of the accesses queued. Release: what the task wrote. From here on the
  // epoch is not ours: the next write may end it at any time.
  Access* list = epoch->waiting.exchange(write_ended, std::memory_order_acq_rel);
  if (list == nullptr) return;
  if (VariableState* variable = ended_variable(list)) return end_variable(variable, epoch);
  Access* oldest = nullptr;  // granted in the order of pushes
  while (list != nullptr) {
    Access* next = list->next;
    prefetch_to_write(&list->task());
    list->next = oldest;
    oldest = std::exchange(list, next);
  }
  while (oldest != nullptr) {
    Access* next = oldest->next;  // before the grant: its task may end meanwhile
    if (oldest->kind() != Access::Kind::read) {
      succeed(epoch, *oldest);  // it is the only one
    } else if (has_error) {
      oldest->task().inherits_error.store(true, std::memory_order_relaxed);
    }
    grant(*oldest, ready);
    oldest = next;
  }
}

void end_read(Epoch* epoch, TaskList& ready) noexcept {
  // Release: the read is over before the next write starts; acquire: the successor.
  if (epoch->reads.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Access* next = epoch->successor;
  if (VariableState* variable = ended_variable(next)) return end_variable(variable, epoch);
  succeed(epoch, *next);
  grant(*next, ready);
}

}  // namespace

AccessSet::AccessSet(std::span<const Variable> reads, std::span<const Variable> writes,
                     std::string_view op, std::string_view node) {
  const size_t most = reads.size() + writes.size();
  if (most > Access::most) {
    throw Error(label(op, node), ": a task with ", most, " variables; one can have ", Access::most,
                ". Push it in parts, or let one variable stand for many.");
  }
  if (most > inline_count) {
    static thread_local std::vector<Entry> large;  // keeps its memory from push to push
    if (large.size() < most) large.resize(most);
    entries_ = large.data();
  }
  const auto add = [&](std::span<const Variable> variables, const char* set, Access::Kind kind) {
    for (size_t i = 0; i < variables.size(); ++i) {
      if (!variables[i].valid()) {
        throw Error(label(op, node), ": ", set, "[", i, "] is an empty Variable; make it with ",
                    "Engine::variable() or Variable::create() first.");
      }
      entries_[count_++] = {variables[i].state(), kind};
    }
  };
  add(reads, "reads", Access::Kind::read);
  add(writes, "writes", Access::Kind::write);
  if (count_ < 2) return;

  const auto before = [](const Entry& a, const Entry& b) {
    return a.variable != b.variable ? a.variable < b.variable : a.kind < b.kind;
  };
  if (count_ <= 8) {  // by insertion: few, and often in order
    for (size_t i = 1; i < count_; ++i) {
      for (size_t j = i; j > 0 && before(entries_[j], entries_[j - 1]); --j) {
        std::swap(entries_[j], entries_[j - 1]);
      }
    }
  } else if (!std::is_sorted(entries_, entries_ + count_, before)) {
    std::sort(entries_, entries_ + count_, before);
  }
  size_t kept = 0;
  for (size_t i = 1; i < count_; ++i) {
    Entry& last = entries_[kept];
    if (entries_[i].variable != last.variable) {
      entries_[++kept] = entries_[i];
    } else if (entries_[i].kind != last.kind && last.kind == Access::Kind::read) {
      last.kind = Access::Kind::update;  // reads sort before writes
    }
  }
  count_ = kept + 1;
}

void prepare(Task& task, std::span<const AccessSet::Entry> entries) {
  Access* accesses = task.accesses();
  // All at once: the locks taken in `link` would let them come one after the other.
  for (const AccessSet::Entry& entry : entries) {
    prefetch_to_write(entry.variable->last.load(std::memory_order_relaxed));
  }
  uint32_t made = 0;
  try {
    auto from_task = size_t(reinterpret_cast<char*>(accesses) - reinterpret_cast<char*>(&task));
    for (const AccessSet::Entry& entry : entries) {
      Epoch* epoch = entry.kind == Access::Kind::read ? nullptr : new_epoch(entry.variable);
      ::new (&accesses[made++]) Access(epoch, from_task, entry.kind);
      from_task += sizeof(Access);
    }
  } catch (...) {
    free_epochs(accesses, made);
    throw;
  }
}

void unprepare(Task& task) noexcept { free_epochs(task.accesses(), task.access_count); }

bool link(Task& task, std::span<const AccessSet::Entry> entries, int32_t others) noexcept {
  const auto count = int32_t(entries.size());
  if (count + others == 0) return true;
  task.missing.store(count + others + 1, std::memory_order_relaxed);  // published with each access
  // All locks before the first access is queued: {A, B} and {B, A} pushed at once must not each be
  // behind the other.
  for (const AccessSet::Entry& entry : entries) entry.variable->lock.lock();
  Access* accesses = task.accesses();
  int32_t granted = 1;
  for (int32_t i = 0; i < count; ++i) {
    VariableState& variable = *entries[size_t(i)].variable;
    granted += entries[size_t(i)].kind == Access::Kind::read ? open_read(accesses[i], variable)
                                                             : open_write(accesses[i], variable);
    variable.lock.unlock();
  }
  if (granted > count + others) {  // no other thread has seen the task
    task.missing.store(0, std::memory_order_relaxed);
    return true;
  }
  return task.missing.fetch_sub(granted, std::memory_order_acq_rel) == granted;
}

void prefetch(Task& task) noexcept {
  const Access* accesses = task.accesses();
  for (uint32_t i = 0; i < task.access_count; ++i) prefetch_to_write(accesses[i].epoch());
}

void release(Task& task, TaskList& ready) {
  Access* accesses = task.accesses();
  const uint32_t count = task.access_count;
  for (uint32_t i = 0; i < count; ++i) {
    if (accesses[i].kind() == Access::Kind::read) {
      end_read(accesses[i].epoch(), ready);
    } else {
      end_write(accesses[i].epoch(), ready);
    }
  }
}

ErrorRecord* inherited_error(Task& task) {
  const Access* accesses = task.accesses();
  for (uint32_t i = 0; i < task.access_count; ++i) {
    const Epoch& epoch = *accesses[i].epoch();
    ErrorRecord* const error = accesses[i].kind() == Access::Kind::read ? error_seen_by_read(epoch)
                                                                        : epoch.attached.error();
    if (error != nullptr) return error;
  }
  return nullptr;
}

void taint(Task& task, ErrorRecord& error) {
  const Access* accesses = task.accesses();
  for (uint32_t i = 0; i < task.access_count; ++i) {
    Attachments& attached = accesses[i].epoch()->attached;
    if (accesses[i].kind() == Access::Kind::read || attached.error() == &error) continue;
    error.retain();
    if (ErrorRecord* before = attached.take_error()) before->release();
    attached.set_error(&error);
  }
}

bool settled(VariableState& variable, bool to_write, ErrorRecord*& error) {
  std::lock_guard lock(variable.lock);  // the epoch stays as long as nobody can close it
  const Epoch& last = *variable.last.load(std::memory_order_relaxed);
  if (last.waiting.load(std::memory_order_acquire) != write_ended) return false;
  if (to_write && last.reads.load(std::memory_order_acquire) + variable.reads_opened != 0)
    return false;
  error = nullptr;
  if (!last.attached.any()) return true;
  std::lock_guard attached_lock(lock_of(last));
  error = last.attached.error();
  if (!issued_settled(last, to_write, error)) {
    error = nullptr;
    return false;
  }
  if (error != nullptr) error->retain();
  return true;
}

VariableState* new_variable(std::string_view name) {
  auto variable = std::make_unique<VariableState>();
  variable->name = name;
  Epoch* first = new_epoch(variable.get());
  first->waiting.store(write_ended, std::memory_order_relaxed);
  variable->last.store(first, std::memory_order_relaxed);
  return variable.release();
}

void retain(VariableState* state) noexcept {
  state->handles.fetch_add(1, std::memory_order_relaxed);
}

void release(VariableState* state) noexcept {
  // The last handle sees all that was done through the others.
  if (state->handles.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // The end of a variable is one more write, which nobody waits for and which needs no task.
  Epoch* last = state->last.load(std::memory_order_relaxed);
  if (const int32_t reads = state->reads_opened; reads != 0) {
    last->successor = end_of(state);
    if (last->reads.fetch_add(reads, std::memory_order_acq_rel) + reads != 0) return;
  } else {
    Access* nobody = nullptr;
    if (last->waiting.compare_exchange_strong(nobody, end_of(state), std::memory_order_acq_rel)) {
      return;
    }
  }
  end_variable(state, last);
}

}  // namespace treadle::detail

namespace treadle {

Variable Variable::create(std::string_view name) {
  Variable variable;
  variable.state_ = detail::new_variable(name);
  return variable;
}

std::string_view Variable::name() const {
  return state_ != nullptr ? std::string_view(state_->name) : std::string_view();
}

}  // namespace treadle
