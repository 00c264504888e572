#include "treadle/engine/error_record.h"

#include <new>
#include <typeinfo>
#include <utility>

#include "treadle/core/error.h"

namespace treadle::detail {

std::string label(std::string_view op, std::string_view node) {
  std::string text(op);
  if (!node.empty()) text.append("(").append(node).append(")");
  return text;
}

ErrorRecord* ErrorRecord::create(std::exception_ptr error, std::string_view op,
                                 std::string_view node) noexcept {
  // In place before it is needed; its count never reaches zero.
  static ErrorRecord& out_of_memory = *[] {
    auto* record = new ErrorRecord;
    record->type_ = Type::out_of_memory;
    record->sentence_ = "Engine: a task failed, and memory ran out while its error was kept.";
    return record;
  }();
  try {
    struct Owner {
      ErrorRecord* record = new ErrorRecord;
      ~Owner() {
        if (record != nullptr) record->release();
      }
    } made;
    ErrorRecord& record = *made.record;
    const std::string where = label(op, node);
    try {
      std::rethrow_exception(error);
    } catch (const Exception& e) {
      const std::type_info& type = typeid(e);
      if (type == typeid(Error)) record.type_ = Type::error;
      if (type == typeid(OutOfMemory)) record.type_ = Type::out_of_memory;
      if (type == typeid(OutOfRange)) record.type_ = Type::out_of_range;
      if (type == typeid(Cancelled)) record.type_ = Type::cancelled;
      record.sentence_ = e.what();
    } catch (const std::bad_alloc&) {
      record.type_ = Type::out_of_memory;
      record.sentence_ = "the host has no memory left; free arrays, or use a smaller batch.";
    } catch (const std::exception& e) {
      record.type_ = Type::error;
      record.sentence_ = e.what();
    } catch (...) {
      record.type_ = Type::error;
      record.sentence_ = "the task threw something that is not a std::exception.";
    }
    if (record.type_ == Type::other) {
      record.original_ = std::move(error);
    } else if (!record.sentence_.starts_with(where)) {
      record.sentence_ = where + ": " + record.sentence_;
    }
    return std::exchange(made.record, nullptr);
  } catch (...) {
    out_of_memory.retain();
    return &out_of_memory;
  }
}

void ErrorRecord::raise() const {
  switch (type_) {
    case Type::error: throw Error(sentence_);
    case Type::out_of_memory: throw OutOfMemory(sentence_);
    case Type::out_of_range: throw OutOfRange(sentence_);
    case Type::cancelled: throw Cancelled(sentence_);
    case Type::other: break;
  }
  std::rethrow_exception(original_);
}

void ErrorRecord::raise_and_release() {
  struct Owner {
    ErrorRecord* record;
    ~Owner() { record->release(); }
  } owner{this};
  reported.store(true, std::memory_order_relaxed);
  raise();
}

}  // namespace treadle::detail
