// A trace of the engine for chrome://tracing and Perfetto.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "treadle/core/error.h"
#include "treadle/engine/profiler.h"

namespace treadle {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string_view to_string(Lane lane) {
  switch (lane) {
    case Lane::compute: return "compute";
    case Lane::copy_in: return "copy in";
    case Lane::copy_out: return "copy out";
  }
  return "";
}

void write(Writer& writer, const char* key, std::string_view text) {
  writer.Key(key);
  writer.String(text.data(), rapidjson::SizeType(text.size()));
}

void write_micros(Writer& writer, const char* key, int64_t nanoseconds) {
  writer.Key(key);
  writer.Double(double(nanoseconds) / 1000);
}

// What each event has: its kind, its process (the device) and thread.
void begin_event(Writer& writer, const char* phase, int process, uint32_t thread) {
  writer.StartObject();
  write(writer, "ph", phase);
  writer.Key("pid");
  writer.Int(process);
  writer.Key("tid");
  writer.Uint(thread);
}

void name_row(Writer& writer, const char* kind, int process, uint32_t thread,
              std::string_view name) {
  begin_event(writer, "M", process, thread);
  write(writer, "name", kind);
  writer.Key("args");
  writer.StartObject();
  write(writer, "name", name);
  writer.EndObject();
  writer.EndObject();
}

}  // namespace

std::string TaskTrace::chrome_json() const {
  std::map<std::string, int> processes;  // by device
  std::set<std::pair<int, uint32_t>> rows;
  const auto process_of = [&](const TaskEvent& task) {
    return processes.try_emplace(concat(task.device), int(processes.size())).first->second;
  };
  rapidjson::StringBuffer text;
  Writer writer(text);
  writer.SetMaxDecimalPlaces(3);
  writer.StartObject();
  write(writer, "displayTimeUnit", "ns");
  writer.Key("traceEvents");
  writer.StartArray();
  std::unordered_map<uint64_t, const TaskEvent*> by_id;
  for (const TaskEvent& task : tasks) {
    by_id.emplace(task.id, &task);
    const int process = process_of(task);
    rows.emplace(process, task.thread);
    begin_event(writer, "X", process, task.thread);
    write(writer, "cat", "task");
    write(writer, "name", task.node.empty() ? task.op : task.node);
    write_micros(writer, "ts", task.start);
    write_micros(writer, "dur", task.end - task.start);
    writer.Key("args");
    writer.StartObject();
    write(writer, "operator", task.op);
    write(writer, "lane", to_string(task.lane));
    write_micros(writer, "queued for us", task.start - task.queued);
    writer.EndObject();
    writer.EndObject();
  }
  uint64_t arrow = 0;
  for (const TaskDependency& dependency : dependencies) {
    const auto from = by_id.find(dependency.from), to = by_id.find(dependency.to);
    if (from == by_id.end() || to == by_id.end()) continue;  // one of them ran outside the trace
    ++arrow;
    const auto end_of_arrow = [&](const char* phase, const TaskEvent& task, int64_t time) {
      begin_event(writer, phase, process_of(task), task.thread);
      write(writer, "cat", "dependency");
      write(writer, "name", "waits for");
      writer.Key("id");
      writer.Uint64(arrow);
      write_micros(writer, "ts", time);
      if (phase[0] == 'f') write(writer, "bp", "e");  // bound to the slice around it
      writer.EndObject();
    };
    // An arrow belongs to the slice at its time: the last nanosecond of one, the first of the
    // other.
    end_of_arrow("s", *from->second, std::max(from->second->start, from->second->end - 1));
    end_of_arrow("f", *to->second, to->second->start);
  }
  for (const auto& [device, process] : processes)
    name_row(writer, "process_name", process, 0, device);
  for (const auto& [process, thread] : rows)
    name_row(writer, "thread_name", process, thread, concat("thread ", thread));
  writer.EndArray();
  if (dropped > 0) {
    writer.Key("dropped");
    writer.Uint64(dropped);
  }
  writer.EndObject();
  return text.GetString();
}

}  // namespace treadle
