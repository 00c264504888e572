// What partial shape inference answers beyond what follows, where MXNet does.
#pragma once

#include <vector>

#include "treadle/graph/inference.h"

namespace treadle {

// An attribute of OpRecord.
struct PartialShapes {
  // Inputs whose shape, where the caller gave it, gives way to the one that follows.
  std::vector<Slot> yielding;
  // Asked once nothing follows any more: states what to answer for what is still unknown.
  void (*guess)(const void* params, ShapeInference&) = nullptr;
  // Whether the caller gives too little for an answer: the outputs stay unknown then, even where
  // something follows for them. Asked before anything is inferred.
  bool (*is_undecided)(const void* params, const ShapeInference&) = nullptr;
};

}  // namespace treadle
