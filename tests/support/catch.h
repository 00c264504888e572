// Catch2 as Debian 12 (version 2) and Ubuntu 24.04 (version 3) have it: include this in tests.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "treadle/core/error.h"

namespace treadle::testing {

// What `fn` throws as an `Expected` (by default a user's mistake); fails the test case when it
// throws nothing or something else.
template <class Expected = Error, class Fn>
std::string error_of(Fn&& fn) {
  try {
    std::forward<Fn>(fn)();
  } catch (const Expected& error) {
    return error.what();
  } catch (const std::exception& error) {
    FAIL("the error is of another type than expected: " << error.what());
  }
  FAIL("no error was thrown");
  return {};
}

// Requires that `fn` throws an `Expected` whose sentence holds each of `words`.
template <class Expected = Error, class Fn>
void require_error_matches(Fn&& fn, std::initializer_list<std::string_view> words) {
  const std::string message = error_of<Expected>(std::forward<Fn>(fn));
  for (const std::string_view expected : words) {
    INFO("the error says: " << message << "\nit should hold: " << expected);
    const bool holds_words = message.find(expected) != std::string::npos;
    REQUIRE(holds_words);
  }
}

template <class Expected = Error, class Fn>
void require_error_matches(Fn&& fn, std::string_view words) {
  require_error_matches<Expected>(std::forward<Fn>(fn), {words});
}

}  // namespace treadle::testing
