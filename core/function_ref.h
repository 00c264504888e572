// A non-owning view of a callable, for parameters that are only called during the call they are
// passed to. Two words, no allocation.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace treadle {

template <class Signature>
class FunctionRef;

// Refers to a callable without owning it; must not outlive the expression it was made in.
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
             std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& function) noexcept {  // NOLINT: implicit on purpose, it is a parameter type
    using Target = std::remove_reference_t<F>;
    if constexpr (std::is_function_v<Target>) {
      target_.function = reinterpret_cast<void (*)()>(&function);
      call_ = [](Target_ t, Args... args) -> R {
        return std::invoke(reinterpret_cast<Target*>(t.function), std::forward<Args>(args)...);
      };
    } else {
      target_.object = const_cast<void*>(static_cast<const void*>(std::addressof(function)));
      call_ = [](Target_ t, Args... args) -> R {
        return std::invoke(*static_cast<Target*>(t.object), std::forward<Args>(args)...);
      };
    }
  }

  R operator()(Args... args) const { return call_(target_, std::forward<Args>(args)...); }

 private:
  union Target_ {
    void* object;
    void (*function)();
  };
  Target_ target_{};
  R (*call_)(Target_, Args...);
};

}  // namespace treadle
