#include "treadle/tensor/device_array.h"

#include <utility>

#include "treadle/device/driver.h"
#include "treadle/device/memory.h"
#include "treadle/engine/issued.h"
#include "treadle/tensor/convert.h"

namespace treadle::detail {
namespace {

// Gives its block back in stream order: work that has been issued may still use it.
struct DeviceBlock {
  MemoryPool& pool;
  Block block;
  Variable variable;

  DeviceBlock(MemoryPool& pool, size_t bytes) : pool(pool) {
    std::vector<Event> after;
    block = pool.allocate(bytes, after);
    try {
      variable = variable_after(after);
    } catch (...) {
      pool.free(block, std::move(after));
      throw;
    }
  }
  ~DeviceBlock() { pool.free(block, pending_events(variable)); }
  DeviceBlock(const DeviceBlock&) = delete;
  DeviceBlock& operator=(const DeviceBlock&) = delete;
};

bool is_on_host(const Array& array) { return array.device().kind != DeviceKind::gpu; }

Address address_of(const Array& array) { return {array.device(), array.data()}; }

void* view_of(const Array& array) {
  return driver(array.device()).host_view(array.data(), array.bytes());
}

// Which variables a task that writes `target` reads: the rest of a view's memory keeps its meaning.
std::vector<Variable> reads_of(const Array& target, const Array* source) {
  std::vector<Variable> reads;
  if (source != nullptr) reads.push_back(source->variable());
  const bool overwrites =
      target.is_whole() && (source == nullptr || !target.shares_memory_with(*source));
  if (!overwrites) reads.push_back(target.variable());
  return reads;
}

}  // namespace

std::shared_ptr<Storage> device_storage(Device device, size_t bytes) {
  auto block = std::make_shared<DeviceBlock>(driver(device).memory(), bytes);
  auto storage = std::make_shared<Storage>();
  storage->data = block->block.data;
  storage->bytes = bytes;
  storage->device = device;
  storage->variable = block->variable;
  storage->engine = Engine::get_default();
  storage->owner = std::move(block);
  return storage;
}

void queue_copy(const Array& target, const Array& source) {
  // Between accelerators the one that receives does the work.
  const bool gives = is_on_host(target);
  const bool is_within = target.device() == source.device();
  const Lane lane = is_within ? Lane::compute : gives ? Lane::copy_out : Lane::copy_in;
  const Device device = gives ? source.device() : target.device();
  Stream* const stream = stream_of(device, lane);
  const Variable writes[] = {target.variable()};
  target.engine()->push(
      [target, source, stream] {
        stream->copy(address_of(target), address_of(source), target.bytes());
      },
      reads_of(target, &source), writes,
      {.op = "copy",
       .device = device,
       .lane = lane,
       .ends_at_issue = !is_on_host(target) && !is_on_host(source)});
}

void copy_to_device(const Array& target, const void* data) {
  Stream* const stream = stream_of(target.device(), Lane::copy_in);
  const Variable writes[] = {target.variable()};
  target.engine()->push(
      [target, data, stream] {
        stream->copy(address_of(target), {cpu(), const_cast<void*>(data)}, target.bytes());
      },
      reads_of(target, nullptr), writes,
      {.op = "copy", .device = target.device(), .lane = Lane::copy_in});
  target.wait();
}

void copy_from_device(const Array& source, void* data) {
  Stream* const stream = stream_of(source.device(), Lane::copy_out);
  const Variable copied = Variable::create("copy to the host");
  const Variable reads[] = {source.variable()};
  source.engine()->push(
      [source, data, stream] { stream->copy({cpu(), data}, address_of(source), source.bytes()); },
      reads, {&copied, 1}, {.op = "copy", .device = source.device(), .lane = Lane::copy_out});
  source.engine()->wait(copied);
}

void queue_fill(const Array& target, double value) {
  Stream* const stream = stream_of(target.device(), Lane::compute);
  const Variable writes[] = {target.variable()};
  target.engine()->push(
      [target, value, stream] {
        stream->launch("fill",
                       [data = view_of(target), type = target.type(), elements = target.elements(),
                        value] { treadle::fill(data, type, elements, value); });
      },
      reads_of(target, nullptr), writes,
      {.op = "fill", .device = target.device(), .ends_at_issue = true});
}

void queue_convert(const Array& target, const Array& source) {
  Stream* const stream = stream_of(target.device(), Lane::compute);
  const Variable writes[] = {target.variable()};
  target.engine()->push(
      [target, source, stream] {
        stream->launch("convert",
                       [to = view_of(target), to_type = target.type(), from = view_of(source),
                        from_type = source.type(), elements = target.elements()] {
                         convert(from, from_type, to, to_type, elements);
                       });
      },
      reads_of(target, &source), writes,
      {.op = "copy", .device = target.device(), .ends_at_issue = true});
}

}  // namespace treadle::detail
