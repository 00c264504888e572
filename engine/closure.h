// Move-only closures with room for 64 bytes inside, so that queueing a task costs no allocation.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace treadle {

// A callable of any type, moved in; larger than `inline_size` bytes it lives on the heap.
template <class... Args>
class UniqueFunction {
 public:
  static constexpr size_t inline_size = 64;

  // What the engine needs to move a closure into a task and to run it there.
  struct Operations {
    void (*invoke)(void* object, Args... args);
    void (*relocate)(void* from, void* to) noexcept;  // leaves `from` without an object
    void (*destroy)(void* object) noexcept;
    uint32_t size;  // bytes the object takes inline
  };

  UniqueFunction() = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> &&
             std::is_invocable_r_v<void, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& function) {  // NOLINT: implicit on purpose, lambdas are passed directly
    using Target = std::decay_t<F>;
    if constexpr (fits<Target>) {
      ::new (static_cast<void*>(storage_)) Target(std::forward<F>(function));
      operations_ = &inline_operations<Target>;
    } else {
      ::new (static_cast<void*>(storage_)) Target*(new Target(std::forward<F>(function)));
      operations_ = &heap_operations<Target>;
    }
  }
  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~UniqueFunction() { reset(); }

  explicit operator bool() const { return operations_ != nullptr; }
  void operator()(Args... args) { operations_->invoke(storage_, std::forward<Args>(args)...); }

  // Moves the object to `storage`, which has room for operations().size bytes aligned to 16, and
  // leaves this closure empty; whoever owns the storage must destroy the object.
  const Operations* release_to(void* storage) noexcept {
    operations_->relocate(storage_, storage);
    return std::exchange(operations_, nullptr);
  }
  const Operations& operations() const { return *operations_; }

 private:
  template <class Target>
  static constexpr bool fits = sizeof(Target) <= inline_size && alignof(Target) <= 16 &&
                               std::is_nothrow_move_constructible_v<Target>;

  template <class Target>
  static constexpr Operations inline_operations = {
      [](void* object, Args... args) {
        (*static_cast<Target*>(object))(std::forward<Args>(args)...);
      },
      [](void* from, void* to) noexcept {
        auto* source = static_cast<Target*>(from);
        ::new (to) Target(std::move(*source));
        source->~Target();
      },
      [](void* object) noexcept { static_cast<Target*>(object)->~Target(); },
      uint32_t(sizeof(Target)),
  };

  template <class Target>
  static constexpr Operations heap_operations = {
      [](void* object, Args... args) {
        (**static_cast<Target**>(object))(std::forward<Args>(args)...);
      },
      [](void* from, void* to) noexcept { ::new (to) Target*(*static_cast<Target**>(from)); },
      [](void* object) noexcept { delete *static_cast<Target**>(object); },
      uint32_t(sizeof(Target*)),
  };

  void take(UniqueFunction& other) noexcept {
    if (other.operations_ != nullptr) operations_ = other.release_to(storage_);
  }
  void reset() noexcept {
    if (operations_ != nullptr) operations_->destroy(storage_);
    operations_ = nullptr;
  }

  const Operations* operations_ = nullptr;
  alignas(16) std::byte storage_[inline_size];
};

class Completion;

using Closure = UniqueFunction<>;
using AsyncClosure = UniqueFunction<Completion>;

}  // namespace treadle
