// Small helpers for the words of messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace treadle {

// The candidate nearest to `word` by edit distance, if it is near enough to be a slip of the
// keyboard; empty otherwise. Case is ignored.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// " Did you mean 'kernel'?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// "a, b, c".
std::string join(std::span<const std::string> words, std::string_view separator = ", ");

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);

}  // namespace treadle
