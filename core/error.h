// Error types. A user's mistake and a bug of ours are different types, so that bindings, tests
// and bug reports can tell them apart.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace treadle {

// Joins its arguments into one string; the one formatter of error sentences.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return std::move(text).str();
}

// Base of everything the library throws.
class Exception : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The caller did something that cannot work; the sentence says what and how to mend it.
class Error : public Exception {
 public:
  using Exception::Exception;
  template <class First, class Second, class... More>
  Error(const First& first, const Second& second, const More&... more)
      : Exception(concat(first, second, more...)) {}
};

// Memory could not be had; kept apart because a caller may free something and try again.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

// A number names a part that an array does not have; kept apart because Python has a type for it.
class OutOfRange : public Error {
 public:
  using Error::Error;
};

// Work was stopped by a cancellation token or a deadline.
class Cancelled : public Error {
 public:
  using Error::Error;
};

// A thread that waited was called off; what it waited for goes on.
class Interrupted : public Error {
 public:
  using Error::Error;
};

// A bug of Treadle. The sentence asks for a report.
class InternalError : public Exception {
 public:
  explicit InternalError(const std::string& what);
};

namespace detail {
[[noreturn]] void invariant_failed(const char* file, int line, const char* condition,
                                   const std::string& sentence);
}

}  // namespace treadle

// Holds in every correct program, whatever the user does; failing it throws InternalError.
#define TREADLE_INVARIANT(condition, ...)                                  \
  do {                                                                     \
    if (!(condition)) [[unlikely]]                                         \
      ::treadle::detail::invariant_failed(__FILE__, __LINE__, #condition,  \
                                          ::treadle::concat(__VA_ARGS__)); \
  } while (false)
