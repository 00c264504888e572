// All of Treadle's C++ interface in one include:
//
//   #include <treadle/treadle.h>
//
// Symbols (graph/), the operators as structs (ops.h, generated), arrays, executors, files, training
// and data. Whoever wants less includes the headers below one by one.
#pragma once

#include "treadle/core/device.h"
#include "treadle/core/dtype.h"
#include "treadle/core/error.h"
#include "treadle/core/shape.h"
#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/engine/engine.h"
#include "treadle/executor/executor.h"
#include "treadle/executor/imperative.h"
#include "treadle/graph/dot.h"
#include "treadle/graph/scope.h"
#include "treadle/graph/symbol.h"
#include "treadle/io/array_iterator.h"
#include "treadle/io/csv.h"
#include "treadle/io/data_iterator.h"
#include "treadle/operators/random.h"
#include "treadle/ops.h"
#include "treadle/serialization/array_file.h"
#include "treadle/serialization/checkpoint.h"
#include "treadle/tensor/array.h"
#include "treadle/training/callback.h"
#include "treadle/training/checkpoint_writer.h"
#include "treadle/training/initializer.h"
#include "treadle/training/lr_scheduler.h"
#include "treadle/training/metric.h"
#include "treadle/training/model.h"
#include "treadle/training/optimizer.h"
#include "treadle/training/progress_bar.h"
#include "treadle/training/sgd.h"
#include "treadle/training/speedometer.h"
#include "treadle/training/stop_flag.h"
