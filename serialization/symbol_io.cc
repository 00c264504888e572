// Symbol's members that read and write.
#include "treadle/graph/symbol.h"
#include "treadle/serialization/checksum.h"
#include "treadle/serialization/stream.h"
#include "treadle/serialization/symbol_json.h"

namespace treadle {

std::string Symbol::to_json() const { return treadle::to_json(*this); }

void Symbol::save(const std::string& path) const { write_text(path, with_checksum(to_json())); }

Symbol Symbol::from_json(std::string_view json) { return symbol_from_json(json); }

Symbol Symbol::load(const std::string& path) { return symbol_from_json(read_text(path), path); }

}  // namespace treadle
