// What the operators on tensors refuse, each with the words that say why.
#include "treadle/graph/symbol.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

struct Refusal {
  std::string op;
  ParamText params;
  std::vector<Shape> inputs;
  std::string words;
};

// What is said when shapes are inferred, or when a kernel is chosen and run on zeros.
std::string answer(const Refusal& refusal) {
  try {
    const OpRunner runner(refusal.op, refusal.params, refusal.inputs, DType::f32);
    std::vector<HostArray> arrays;
    for (int i = 0; i < int(runner.input_names().size()); ++i) {
      arrays.emplace_back(runner.input_spec(i));
      arrays.back().fill(0);
    }
    runner.forward(arrays);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

void check_all(const std::vector<Refusal>& refusals) {
  for (const Refusal& each : refusals) {
    INFO(each.op << " " << answer(each));
    CHECK(answer(each).find(each.words) != std::string::npos);
    CHECK(answer(each).find(each.op) == 0);
  }
}

std::string run_error(const std::string& op, const ParamText& params,
                      const std::vector<HostArray>& inputs) {
  std::vector<Shape> shapes;
  for (const HostArray& input : inputs) shapes.push_back(input.spec().shape);
  try {
    OpRunner(op, params, shapes, inputs[0].spec().type).forward(inputs);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

}  // namespace

TEST_CASE("broadcasting refuses extents that do not fit", "[operators][broadcast]") {
  check_all({
      {"broadcast_add", {}, {{2, 3}, {3, 2}}, "on axis 0 of the result 2 meets 3"},
      {"broadcast_equal", {}, {{2, 3}, {4}}, "on axis 1 of the result 3 meets 4"},
      {"broadcast_to", {{"shape", "(3, 4)"}}, {{2, 1}}, "axis 0 can be repeated only where"},
      {"broadcast_to", {{"shape", "(3,)"}}, {{3, 1}}, "as many axes are expected in both"},
      {"broadcast_axis", {{"axis", "(2,)"}, {"size", "(3,)"}}, {{2, 1}}, "axes below 2"},
      {"broadcast_axis", {{"axis", "(0,)"}, {"size", "(3,)"}}, {{2, 1}}, "is expected to be 1"},
      {"broadcast_axis", {{"axis", "(0,)"}, {"size", "(3, 2)"}}, {{1}}, "as many numbers"},
      {"element_mask", {}, {{2}, {2}}, "at least two axes are expected"},
      {"element_mask", {}, {{2, 3}, {3}}, "expected (2,)"},
      {"_sum_like", {}, {{2, 3, 4}, {2, 4}}, "can be repeated to that of lhs"},
      {"broadcast_like", {}, {{2, 1}, {2, 3, 1}}, "or lhs_axes and rhs_axes"},
      {"broadcast_like",
       {{"lhs_axes", "(0,)"}, {"rhs_axes", "(0,)"}},
       {{2, 1}, {3}},
       "the extent of axis 0"},
      {"broadcast_like",
       {{"lhs_axes", "(4,)"}, {"rhs_axes", "(0,)"}},
       {{2, 1}, {3}},
       "lhs_axes has 4"},
  });
}

TEST_CASE("reductions refuse axes that data does not have", "[operators][reduce]") {
  for (const char* op : {"sum", "mean", "prod", "nansum", "nanprod", "max", "min", "norm"}) {
    check_all({
        {op, {{"axis", "3"}}, {{2, 3, 4}}, "axis is 3, but data has shape (2, 3, 4); from -3 to 2"},
        {op, {{"axis", "(-4,)"}}, {{2, 3, 4}}, "axis is -4"},
        {op, {{"axis", "(1, -2)"}}, {{2, 3, 4}}, "is there twice"},
    });
  }
  check_all({
      {"argmax", {{"axis", "2"}}, {{2, 3}}, "axis is 2"},
      {"argmin", {{"axis", "-3"}}, {{2, 3}}, "axis is -3"},
      {"moments", {{"axes", "(2,)"}}, {{2, 3}}, "axis is 2"},
      {"norm", {{"ord", "3"}}, {{2, 3}}, "ord"},
  });
}

TEST_CASE("operators that move elements refuse what does not fit", "[operators][shape]") {
  check_all({
      {"transpose", {{"axes", "(2, 1)"}}, {{2, 3, 4}}, "as many numbers are expected"},
      {"transpose", {{"axes", "(0, 3, 1)"}}, {{2, 3, 4}}, "numbers from -3 to 2"},
      {"transpose", {{"axes", "(0, 0, 1)"}}, {{2, 3, 4}}, "which has an axis twice"},
      {"SwapAxis", {{"dim1", "0"}, {"dim2", "5"}}, {{4, 5}}, "dim2 is 5"},
      {"expand_dims", {{"axis", "3"}}, {{4, 5}}, "from -3 to 2 is expected"},
      {"squeeze", {{"axis", "(1,)"}}, {{1, 2}}, "the extent of axis 1 is expected to be 1"},
      {"squeeze", {{"axis", "(0, 0)"}}, {{1, 2}}, "has an axis twice"},
      {"slice", {{"begin", "(0,)"}, {"end", "(1, 2)"}}, {{4, 5}}, "as many are expected in both"},
      {"slice", {{"begin", "(0, 0, 0)"}, {"end", "(1, 1, 1)"}}, {{4, 5}}, "at most 2"},
      {"slice", {{"begin", "(0,)"}, {"end", "(1,)"}, {"step", "(0,)"}}, {{4, 5}}, "leads nowhere"},
      {"slice", {{"begin", "(0,)"}, {"end", "(1,)"}, {"step", "(1, 1)"}}, {{4, 5}}, "or no step"},
      {"slice_axis", {{"axis", "2"}, {"begin", "0"}, {"end", "1"}}, {{4, 5}}, "axis is 2"},
      {"slice_axis", {{"axis", "0"}, {"begin", "0"}, {"end", "9"}}, {{4, 5}}, "has 4 elements"},
      {"slice_axis", {{"axis", "0"}, {"begin", "2"}, {"end", "2"}}, {{4, 5}}, "not empty"},
      {"slice_like", {}, {{2, 3}, {3, 3}}, "at least 3 elements are expected on axis 0"},
      {"slice_like", {}, {{2, 3}, {3}}, "or the parameter axes"},
      {"slice_like", {{"axes", "(1,)"}}, {{2, 3}, {3}}, "but shape_like has shape (3,)"},
      {"_slice_assign", {{"begin", "(0,)"}, {"end", "(2,)"}}, {{4, 5}, {3, 5}}, "expected (2, 5)"},
      {"_slice_assign_scalar", {{"begin", "(0, 1, 2)"}, {"end", "(1, 2, 3)"}}, {{4, 5}}, "at most"},
      {"repeat", {{"repeats", "0"}}, {{2}}, "repeats"},
      {"repeat", {{"repeats", "2"}, {"axis", "1"}}, {{2}}, "axis is 1"},
      {"tile", {{"reps", "(-1, 2)"}}, {{2}}, "reps"},
      {"reverse", {{"axis", "(2,)"}}, {{2, 3}}, "axis is 2"},
      {"diag", {{"k", "5"}}, {{4, 5}}, "a diagonal that they have"},
      {"diag", {{"axis1", "-1"}}, {{4, 5}}, "two different ones"},
      {"space_to_depth", {{"block_size", "2"}}, {{1, 1, 3, 4}}, "multiples of it"},
      {"space_to_depth", {{"block_size", "0"}}, {{1, 1, 4, 4}}, "block_size"},
      {"depth_to_space", {{"block_size", "2"}}, {{1, 6, 3, 4}}, "a multiple of 4"},
      {"depth_to_space", {{"block_size", "2"}}, {{4, 3, 4}}, "(sample, channel, height, width)"},
      {"reshape_like", {}, {{2, 3}, {7}}, "which has 6 elements"},
      {"reshape_like", {{"lhs_begin", "3"}}, {{2, 3}, {6}}, "a range of its axes is expected"},
      {"stack", {{"num_args", "2"}, {"axis", "4"}}, {{2}, {2}}, "axis is 4"},
      {"stack", {{"num_args", "2"}}, {{2}, {3}}, "has shape (3,)"},
      {"SliceChannel", {{"num_outputs", "3"}}, {{2, 7}}, "cannot be cut into 3 equal parts"},
      {"SliceChannel",
       {{"num_outputs", "3"}, {"squeeze_axis", "True"}},
       {{2, 6}},
       "is expected to have as many elements"},
      {"SliceChannel", {{"num_outputs", "1"}, {"axis", "4"}}, {{2, 6}}, "axis is 4"},
      {"_split_v2", {{"indices", "(0, 9)"}}, {{2, 7}}, "growing indices up to that"},
      {"_split_v2", {{"indices", "()"}}, {{2, 7}}, "one of them is expected"},
      {"_split_v2", {{"indices", "(0, 3)"}, {"squeeze_axis", "True"}}, {{2, 7}}, "1 is expected"},
      {"Pad", {{"mode", "edge"}, {"pad_width", "(0, 0, 1, 1)"}}, {{2, 7}}, "(sample, channel"},
      {"Pad", {{"mode", "edge"}, {"pad_width", "(0, 0, 1)"}}, {{1, 1, 2, 7}}, "two per axis"},
      {"Pad",
       {{"mode", "edge"}, {"pad_width", "(0, 1, 0, 0, 1, 1, 1, 1)"}},
       {{1, 1, 2, 7}},
       "0 is expected for the axes of samples and channels"},
      {"Pad",
       {{"mode", "reflect"}, {"pad_width", "(0, 0, 0, 0, 2, 0, 1, 1)"}},
       {{1, 1, 2, 7}},
       "narrower than its axis"},
      {"Pad", {{"mode", "edge"}, {"pad_width", "(-1, 0)"}}, {{1, 1, 2, 7}}, "pad_width"},
      {"where", {}, {{2, 3}, {3}}, "one axis as long as the first of x"},
  });
}

TEST_CASE("the shape of an empty slice follows, though it cannot be bound", "[operators][shape]") {
  const Symbol slice = compose("slice", {{"begin", "(3, 0)"}, {"end", "(1, 2)"}},
                               std::vector<Symbol>{Symbol::variable("data")}, {}, "node");
  const InferredShapes shapes = slice.infer_shape({{"data", {4, 5}}}, true);
  CHECK(shapes.is_complete);
  CHECK(shapes.outputs[0] == Shape{0, 2});
  require_error_matches([&] { slice.infer_shape({{"data", {4, 5}}}, false); },
                        "stays (0, 2) although all arguments are known");
}

TEST_CASE("makers of arrays refuse ranges without numbers", "[operators][init]") {
  check_all({
      {"_arange", {{"start", "3"}, {"stop", "1"}}, {}, "there is no number before 1"},
      {"_arange", {{"start", "0"}, {"stop", "1"}, {"step", "0"}}, {}, "step is 0"},
      {"_arange", {{"start", "0"}, {"stop", "1e300"}}, {}, "too many numbers"},
      {"_arange", {{"start", "nan"}, {"stop", "3"}}, {}, "start is nan"},
      {"_linspace", {{"start", "0"}, {"stop", "1"}, {"num", "0"}}, {}, "num"},
      {"_eye", {{"N", "0"}}, {}, "N"},
      {"_full", {{"shape", "(2, -1)"}, {"value", "1"}}, {}, "shape"},
      {"_contrib_arange_like", {{"axis", "2"}}, {{2, 3}}, "axis is 2"},
  });
}

TEST_CASE("operators that choose by number refuse shapes that do not fit",
          "[operators][indexing]") {
  check_all({
      {"take", {{"axis", "2"}}, {{2, 3}, {1}}, "axis is 2"},
      {"pick", {{"axis", "None"}}, {{2, 3}, {2}}, "axis is None"},
      {"pick", {{"axis", "2"}}, {{2, 3}, {2}}, "axis is 2"},
      {"pick", {}, {{2, 3}, {3}}, "expected (2,)"},
      {"batch_take", {}, {{2, 3, 4}, {2}}, "(row, column) is expected"},
      {"one_hot", {{"depth", "-1"}}, {{2}}, "depth"},
      {"Embedding", {{"input_dim", "0"}, {"output_dim", "2"}}, {{2}}, "input_dim"},
      {"Embedding", {{"input_dim", "4"}, {"output_dim", "2"}}, {{2}, {3, 2}}, "expected (4, 2)"},
      {"gather_nd", {}, {{2, 3}, {3, 5}}, "names 3 axes"},
      {"scatter_nd", {{"shape", "(4,)"}}, {{5}, {2, 5}}, "names 2 axes"},
      {"scatter_nd", {{"shape", "(4,)"}}, {{6}, {1, 5}}, "expected (5,)"},
      {"_scatter_set_nd", {{"shape", "(4,)"}}, {{4}, {6}, {1, 5}}, "expected (5,)"},
      {"fill_element_0index", {}, {{2}, {2}, {2}}, "(row, column) is expected"},
      {"_ravel_multi_index", {{"shape", "(2, 3)"}}, {{3, 4}}, "one row per axis"},
      {"_ravel_multi_index", {{"shape", "()"}}, {{3, 4}}, "shape is empty"},
      {"_unravel_index", {{"shape", "(2, 0)"}}, {{4}}, "extents of at least 1"},
      {"_histogram", {{"bin_cnt", "3"}}, {{4}}, "both are expected, or neither"},
      {"_histogram", {{"bin_cnt", "3"}, {"range", "(2, 1)"}}, {{4}}, "the lower one first"},
      {"_histogram", {}, {{4}, {1}}, "at least 2 borders"},
      {"topk", {{"k", "6"}}, {{4, 5}}, "at most 5 elements can be chosen"},
      {"topk", {{"axis", "3"}}, {{4, 5}}, "axis is 3"},
      {"topk", {{"dtype", "uint8"}}, {{300}}, "cannot number 300 elements exactly"},
      {"sort", {{"axis", "2"}}, {{4, 5}}, "axis is 2"},
      {"argsort", {{"axis", "-3"}}, {{4, 5}}, "axis is -3"},
      {"argsort", {{"dtype", "float16"}}, {{3000}}, "int32 or int64 is expected"},
      {"_contrib_index_array", {{"axes", "(2,)"}}, {{4, 5}}, "axes is 2"},
      {"_contrib_index_copy", {}, {{4, 5}, {2, 1}}, "one axis is expected"},
  });
}

TEST_CASE("an index out of range is clipped, wrapped, or an error", "[operators][indexing]") {
  const HostArray a = make_array({4, 2}, {0, 1, 2, 3, 4, 5, 6, 7}, DType::f32);
  const HostArray indices = make_array({5}, {-1, 0, 3, 4, 1e30}, DType::f32);
  const auto taken = [&](const char* mode) {
    return numbers_of(
        OpRunner("take", {{"mode", mode}}, {{4, 2}, {5}}, DType::f32).forward({a, indices})[0]);
  };
  CHECK(taken("clip") == std::vector<double>{0, 1, 0, 1, 6, 7, 6, 7, 6, 7});
  // 1e30 is read as the highest 64-bit integer, which is 3 modulo 4.
  CHECK(taken("wrap") == std::vector<double>{6, 7, 0, 1, 6, 7, 0, 1, 6, 7});
  const std::string refused = run_error("take", {{"mode", "raise"}}, {a, indices});
  CHECK(refused ==
        "take: index -1 at position 0 is out of range; from 0 to 3 is expected with mode "
        "raise.");

  const HostArray from_end = make_array({1, 2}, {0, -1}, DType::f32);
  CHECK(numbers_of(
            OpRunner("gather_nd", {}, {{4, 2}, {1, 2}}, DType::f32).forward({a, from_end})[0]) ==
        std::vector<double>{0, 1, 6, 7});
  const HostArray wild = make_array({1, 2}, {0, 4}, DType::f32);
  CHECK(run_error("gather_nd", {}, {a, wild}) ==
        "gather_nd: index 4 of position 1 is out of range for axis 0 of shape (4, 2); from -4 to 3 "
        "is expected.");
  const HostArray rows = make_array({2, 2}, {1, 2, 3, 4}, DType::f32);
  CHECK(
      run_error("scatter_nd", {{"shape", "(4, 2)"}}, {rows, wild}).find("index 4 of position 1") !=
      std::string::npos);
  CHECK(run_error("_scatter_set_nd", {{"shape", "(4, 2)"}}, {a, rows, wild})
            .find("index 4 of position 1") != std::string::npos);
  const HostArray one = make_array({1, 2}, {8, 9}, DType::f32);
  CHECK(run_error("_contrib_index_copy", {}, {a, make_array({1}, {4}, DType::f32), one})
            .find("index 4 at position 0 is out of range") != std::string::npos);
}

TEST_CASE("among no elements there is none to choose", "[operators][reduce]") {
  const HostArray empty(TensorSpec{{0, 3}, DType::f32});
  for (const char* op : {"max", "min", "argmax", "argmin"}) {
    const OpRecord& record = OpRegistry::instance().get(op);
    const auto params = record.schema.parse({{"axis", "0"}}, op);
    NodeProblem problem{&record, params, op, {empty}, {{{3}, DType::f32}}};
    require_error_matches([&] { run_node(problem); },
                          "data of shape (0, 3) has no element to choose");
  }
}

}  // namespace treadle::testing
