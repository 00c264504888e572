// The registry as other languages make their functions from it.
#include "treadle/bindings/c/call.h"
#include "treadle/operators/implementation_names.h"
#include "treadle/serialization/operator_json.h"

using namespace treadle;
using namespace treadle::c;

TreadleStatus treadle_list_operators(const char* const** names, size_t* count) {
  return guard(__func__, [&](const Call& call) {
    call.require(names, "names"), call.require(count, "count");
    std::vector<std::string> found;
    for (const OpRecord* op : OpRegistry::instance().all()) found.push_back(op->name);
    give(thread_state().results.strings(std::move(found)), names, count);
  });
}

TreadleStatus treadle_operator_json(const char* op, const char** json) {
  return guard(__func__, [&](const Call& call) {
    call.require(json, "json");
    const OpRecord& record = OpRegistry::instance().get(call.text(op, "op"));
    *json = thread_state().results.text(
        operator_json(record, implementation_names<DeviceKind::cpu>(record)));
  });
}
