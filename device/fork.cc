#include "treadle/device/fork.h"

#include <pthread.h>

#include <mutex>

namespace treadle {

// In order of construction; never destroyed, since objects may outlive static destruction. The
// mutex is held from before a fork to after it, so the list is whole in the child.
struct ForkRegistry {
  std::mutex mutex;
  ForkAware* first = nullptr;
  ForkAware* last = nullptr;

  static ForkRegistry& instance() {
    static ForkRegistry& registry = *make();
    return registry;
  }

  static ForkRegistry* make() {
    pthread_atfork(&before, &after_parent, &after_child);
    return new ForkRegistry;
  }

  static void before() {
    ForkRegistry& r = instance();
    r.mutex.lock();
    for (ForkAware* a = r.last; a != nullptr; a = a->previous_) a->before_fork();
  }
  static void after_parent() {
    ForkRegistry& r = instance();
    for (ForkAware* a = r.first; a != nullptr; a = a->next_) a->after_fork_parent();
    r.mutex.unlock();
  }
  static void after_child() {
    ForkRegistry& r = instance();
    r.mutex.unlock();  // the only thread; what it restarts may make objects that register
    ForkAware* const last = r.last;
    for (ForkAware* a = r.first; a != nullptr; a = a->next_) {
      a->after_fork_child();
      if (a == last) break;
    }
  }

  void add(ForkAware* a) {
    std::lock_guard guard(mutex);
    a->previous_ = last;
    (last != nullptr ? last->next_ : first) = a;
    last = a;
  }
  void remove(ForkAware* a) {
    std::lock_guard guard(mutex);
    (a->previous_ != nullptr ? a->previous_->next_ : first) = a->next_;
    (a->next_ != nullptr ? a->next_->previous_ : last) = a->previous_;
  }
};

ForkAware::ForkAware() { ForkRegistry::instance().add(this); }
ForkAware::~ForkAware() { ForkRegistry::instance().remove(this); }

}  // namespace treadle
