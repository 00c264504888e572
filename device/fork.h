// What an object with threads or locks must do so that a forked child can go on.
#pragma once

namespace treadle {

// Told about each fork of the process while it lives. In the child only the forking thread exists:
// no worker, and whatever lock another thread held stays held.
class ForkAware {
 public:
  ForkAware(const ForkAware&) = delete;
  ForkAware& operator=(const ForkAware&) = delete;

 protected:
  ForkAware();
  virtual ~ForkAware();

  // Before: take the locks that must be free in the child. After: let them go, on both sides.
  virtual void before_fork() noexcept {}
  virtual void after_fork_parent() noexcept {}
  // Runs on the child's only thread, after those of objects made earlier.
  virtual void after_fork_child() noexcept {}

 private:
  friend struct ForkRegistry;
  ForkAware* next_ = nullptr;
  ForkAware* previous_ = nullptr;
};

}  // namespace treadle
