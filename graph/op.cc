#include "treadle/graph/op.h"

#include <algorithm>

#include "treadle/core/text.h"

namespace treadle {

OpRegistry& OpRegistry::instance() {
  // Never destroyed: kernels of Programs that outlive main's statics still refer to records.
  static OpRegistry* registry = new OpRegistry;
  return *registry;
}

OpRecord& OpRegistry::add(std::unique_ptr<OpRecord> record) {
  OpRecord& added = *records_.emplace_back(std::move(record));
  const auto claim = [&](const std::string& name) {
    const bool is_new = by_name_.emplace(name, &added).second;
    TREADLE_INVARIANT(is_new, "Two operators are called '", name, "'");
  };
  claim(added.name);
  for (const std::string& alias : added.aliases) claim(alias);
  if (const auto early = early_extensions_.extract(added.name)) {
    for (const auto extension : early.mapped()) extension(added);
  }
  return added;
}

void OpRegistry::extend(std::string_view name, void (*extension)(OpRecord&)) {
  const auto it = by_name_.find(std::string(name));
  if (it != by_name_.end()) {
    extension(*it->second);
  } else {
    early_extensions_[std::string(name)].push_back(extension);
  }
}

const OpRecord* OpRegistry::find(std::string_view name) const {
  TREADLE_INVARIANT(early_extensions_.empty(), "Kernels are registered for '",
                    early_extensions_.begin()->first, "', which is no operator");
  const auto it = by_name_.find(std::string(name));
  return it == by_name_.end() ? nullptr : it->second;
}

const OpRecord& OpRegistry::get(std::string_view name) const {
  if (const OpRecord* record = find(name); record && !record->forward) return *record;
  std::vector<std::string> names;
  for (const auto& [known, record] : by_name_) {
    if (!record->forward) names.push_back(known);
  }
  std::ranges::sort(names);
  throw Error("There is no operator '", name, "'.", did_you_mean(name, names));
}

std::vector<const OpRecord*> OpRegistry::all() const {
  std::vector<const OpRecord*> records;
  for (const auto& record : records_) {
    if (!record->forward) records.push_back(record.get());
  }
  std::ranges::sort(records, {}, &OpRecord::name);
  return records;
}

}  // namespace treadle
