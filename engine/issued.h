// A task on a stream between issue and done: what its early grant hands on. Internal.
//
// A task on a stream gives its variables back when its work has been *issued*, and leaves in each
// epoch a link to its Issued. Who is granted then finds by the links what is not *done* yet: a task
// on a stream makes its stream wait for their events; a task or a thread of the host waits until
// they are done. An error that shows at the end goes along the same links.
//
//   epoch.written   the write of the epoch, where it was issued     followed by reads and the write
//   epoch.others    the reads so far, at most one a stream          followed by the next write
//                   (before the write is released: what it follows)
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "treadle/device/stream.h"
#include "treadle/engine/task.h"

namespace treadle::detail {

struct AsyncToken;

// Counted. `links` links and as many predecessors follow it in the same node.
struct Issued {
  // With a count of one for the caller; throws std::bad_alloc.
  static Issued* create(uint32_t links);
  void retain() noexcept { count.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;

  // Done: its work has ended, and its error is known.
  bool is_done() const noexcept;
  // Keeps `task`, in no list, until then and hands it on; false when it is done already.
  bool await(Task& task) noexcept;

  IssuedLink* links() { return reinterpret_cast<IssuedLink*>(this + 1); }
  Issued** values() { return reinterpret_cast<Issued**>(links() + capacity); }
  // An unused link, counted.
  IssuedLink* new_link(IssuedLink::Kind kind) noexcept;

  std::atomic<int32_t> count{1};
  const uint32_t capacity;
  uint32_t used_links = 0;
  uint32_t value_count = 0;  // predecessors whose error becomes this one's; counted until done
  // Who waits, newest first; `all_done` once it is done. Release and acquire: the error.
  std::atomic<Task*> waiting{nullptr};
  Stream* stream = nullptr;
  Event event;                   // set at issue
  ErrorRecord* error = nullptr;  // counted; final once done
  AsyncToken* token = nullptr;   // of its task, until done

  explicit Issued(uint32_t links) : capacity(links) {}
};

inline Task* const all_done = reinterpret_cast<Task*>(uintptr_t(1));
inline bool Issued::is_done() const noexcept {
  return waiting.load(std::memory_order_acquire) == all_done;
}

// Whether there has been a task on a stream: until then nobody looks for links. Relaxed: a task
// that follows one was granted after it was set.
inline std::atomic<bool> streams_in_use{false};

// What a task on a stream needs besides its node; goes again unless it is given to the task.
class StreamPart {
 public:
  StreamPart() = default;
  // Throws std::bad_alloc.
  StreamPart(Task& task, Stream& stream);
  ~StreamPart();
  StreamPart(const StreamPart&) = delete;
  StreamPart& operator=(const StreamPart&) = delete;

  void give_to(Task& task) noexcept;

 private:
  Issued* issued_ = nullptr;
};

// Of the attachments of an epoch; see there. Threads that hold the lock of its variable may take
// it.
SpinLock& lock_of(const Epoch& epoch) noexcept;
// Gives back what the epoch has.
void drop_attached(Epoch& epoch) noexcept;
// `write` follows the epoch `before`: takes over what that has.
void hand_on_attached(Epoch& before, Access& write) noexcept;

// The first that `task`, all of whose variables are granted, follows and that is not done; of those
// that `stream`, unless it is null, cannot wait for by itself.
Issued* first_to_await(Task& task, const Stream* stream) noexcept;
// The error of what it follows, all of which is done, or null.
ErrorRecord* issued_error(Task& task) noexcept;
// Gives back the links that the task's writes have followed, all of which are done; those of memory
// are left for the first write on a stream.
void drop_followed(Task& task) noexcept;
// Makes the task's stream wait for all it follows, and notes whose error it inherits.
void follow_on_stream(Task& task, Issued& issued) noexcept;
// Leaves `issued` in the epochs of its task.
void mark_epochs(Task& task, Issued& issued) noexcept;
// Whether all that was issued for the newest epoch of a variable is done; under its lock.
bool issued_settled(const Epoch& last, bool to_write, ErrorRecord*& error) noexcept;

// The events after which nothing that has been issued so far uses the variable any more; none when
// a write of it is queued and not issued.
std::vector<Event> pending_events(const Variable& variable);
// A variable whose memory streams use until `events` have fired: its first write follows them.
Variable variable_after(std::span<const Event> events);

}  // namespace treadle::detail
