// Pieces of JSON text as MXNet writes them. Internal to serialization.
#pragma once

#include <string>
#include <string_view>

namespace treadle {

// Appends `text` in quotes, with the escapes that MXNet's reader knows where there is a choice.
// Throws Error for what is not UTF-8: no reader would take it back.
void append_quoted(std::string& json, std::string_view text);

}  // namespace treadle
