#include "treadle/serialization/array_file.h"

#include <cstring>

#include "treadle/serialization/stream.h"
#include "treadle/tests/serialization/data.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Floats = std::vector<float>;
using Names = std::vector<std::string>;

// Bytes of numbers, little endian.
class Bytes {
 public:
  template <class T>
  Bytes& add(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& u64(uint64_t value) { return add(value); }
  Bytes& i64(int64_t value) { return add(value); }
  Bytes& u32(uint32_t value) { return add(value); }
  Bytes& i32(int32_t value) { return add(value); }
  Bytes& f32(float value) { return add(value); }
  Bytes& text(std::string_view value) { return text_ += value, *this; }
  operator std::string() const { return text_; }

 private:
  std::string text_;
};

Bytes list_of(uint64_t count) { return Bytes().u64(0x112).u64(0).u64(count); }

ArrayFile load_sample(const std::string& name) { return load_arrays(data_file(name)); }

}  // namespace

TEST_CASE("every sample file of dense arrays is read and written back to the byte",
          "[serialization]") {
  const ScratchFolder folder("array_samples");
  for (const char* name : {"checkpoint-0001.params", "dtypes.params", "list.params"}) {
    CAPTURE(name);
    const ArrayFile file = load_sample(name);
    save_arrays(folder / name, file.arrays, file.names);
    // In files a checksum follows.
    REQUIRE(read_file(folder / name).starts_with(read_file(data_file(name))));
    REQUIRE(arrays_to_bytes(file.arrays, file.names) == read_file(data_file(name)));
  }
}

TEST_CASE("names and values of a checkpoint", "[serialization]") {
  const ArrayFile file = load_sample("checkpoint-0001.params");
  REQUIRE(file.names == Names{"arg:fc_weight", "arg:fc_bias", "aux:bn_moving_mean"});
  REQUIRE(file.arrays[0].shape() == Shape{3, 4});
  REQUIRE(file.arrays[0].to_vector<float>()[11] == -0.08633355051279068f);
  REQUIRE(file.arrays[1].to_vector<float>() == Floats{0, 1, 2});
  REQUIRE(file.arrays[2].to_vector<float>() == Floats{0.5f, -0.5f});
  REQUIRE(file.arrays[2].device() == cpu());
}

TEST_CASE("all element types", "[serialization]") {
  const ArrayFile file = load_sample("dtypes.params");
  REQUIRE(file.names ==
          Names{"float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool"});
  for (size_t i = 0; i < file.arrays.size(); ++i) {
    REQUIRE(to_string(file.arrays[i].type()) == file.names[i]);
    REQUIRE(file.arrays[i].shape() == Shape{2, 3});
  }
  REQUIRE(file.arrays[1].to_vector<double>()[0] == 25.925244690746542);
  REQUIRE(file.arrays[2].as_type(DType::f32).to_vector<float>() ==
          Floats{54.46875f, 78.0625f, 30.640625f, 22.203125f, 38.8125f, 93.625f});
  REQUIRE(file.arrays[3].to_vector<uint8_t>() == std::vector<uint8_t>{97, 67, 90, 84, 37, 9});
  REQUIRE(file.arrays[6].to_vector<int64_t>() == std::vector<int64_t>{27, 45, 20, 20, 51, 8});
  REQUIRE(file.arrays[7].as_type(DType::i32).to_vector<int32_t>() ==
          std::vector<int32_t>{1, 0, 1, 0, 0, 1});
  const Array half = Array::full({3}, 1.5, DType::bf16);
  const std::string bytes = array_to_bytes(half);
  REQUIRE(array_from_bytes(bytes).type() == DType::bf16);
  REQUIRE(array_from_bytes(bytes).as_type(DType::f32).to_vector<float>() == Floats(3, 1.5f));
}

TEST_CASE("lists without names, and the oldest forms", "[serialization]") {
  const ArrayFile list = load_sample("list.params");
  REQUIRE(list.names.empty());
  REQUIRE(list.arrays.size() == 3);
  REQUIRE(list.arrays[0].shape() == Shape{1, 2, 3});
  REQUIRE(list.arrays[0].to_vector<float>() == Floats{0, 1, 2, 3, 4, 5});
  REQUIRE(list.arrays[1].to_vector<float>() == Floats{7});
  REQUIRE(list.arrays[2].shape() == Shape{2, 1, 1, 1, 2});
  for (const char* name : {"legacy_v0.params", "legacy_v1.params"}) {
    CAPTURE(name);
    const ArrayFile file = load_sample(name);
    REQUIRE(file.names == Names{"arg:w", "arg:n", "aux:v"});
    REQUIRE(file.arrays[0].shape() == Shape{2, 3, 2});
    REQUIRE(file.arrays[0].to_vector<float>()[0] == -0.032828934490680695f);
    REQUIRE(file.arrays[1].to_vector<int32_t>() == std::vector<int32_t>{0, 1, 2, 3});
    REQUIRE(file.arrays[2].to_vector<double>() == std::vector<double>{1.5, 2.5});
    REQUIRE(file.arrays[2].device() == cpu());
  }
}

TEST_CASE("scalars, empty arrays and none", "[serialization]") {
  const ArrayFile file = load_sample("npshape_v3.params");
  REQUIRE(file.names == Names{"scalar", "empty", "plain"});
  REQUIRE(file.arrays[0].shape() == Shape{});
  REQUIRE(file.arrays[0].to_vector<float>() == Floats{3.5f});
  REQUIRE(file.arrays[1].shape() == Shape{0, 3});
  REQUIRE(file.arrays[1].to_vector<float>().empty());
  REQUIRE(file.arrays[2].to_vector<float>() == Floats(4, 1.0f));
  // Written back, only those that need the newer form have it.
  const std::string sample = read_file(data_file("npshape_v3.params"));
  const std::string written = arrays_to_bytes(file.arrays, file.names);
  REQUIRE(written.size() == sample.size());
  REQUIRE(written.substr(0, 0x5c) == sample.substr(0, 0x5c));
  REQUIRE(written[0x5c] == char(0xc9));
  REQUIRE(written.substr(0x5d) == sample.substr(0x5d));

  const Array none;
  REQUIRE(array_to_bytes(none) == std::string(Bytes().u32(0xF993FAC9).i32(0).u32(0)));
  for (const std::string& form : {array_to_bytes(none), std::string(Bytes().u32(0)),
                                  std::string(Bytes().u32(0xF993FAC8).u32(0)),
                                  std::string(Bytes().u32(0xF993FACA).i32(0).i32(-1))}) {
    REQUIRE_FALSE(array_from_bytes(form).is_valid());
  }
}

TEST_CASE("the bytes of one array are those of MXNet's pickles", "[serialization]") {
  const std::string state = read_file(data_file("ndarray_state.bin"));
  const Array array = array_from_bytes(state);
  REQUIRE(array.shape() == Shape{2, 3});
  REQUIRE(array.to_vector<float>() == Floats{0, 1, 2, 3, 4, 5});
  REQUIRE(array_to_bytes(array) == state);
  require_error_matches([&] { array_from_bytes(state + "x"); },
                        "1 bytes follow after the array's end");
}

TEST_CASE("golden bytes of a small list", "[serialization]") {
  const Array arrays[] = {Array::from(Floats{1, -2}, {2, 1})};
  const Names names = {"arg:w"};
  const std::string expected = list_of(1)
                                   .u32(0xF993FAC9)
                                   .i32(0)
                                   .u32(2)
                                   .i64(2)
                                   .i64(1)
                                   .i32(1)
                                   .i32(0)
                                   .i32(0)
                                   .f32(1)
                                   .f32(-2)
                                   .u64(1)
                                   .u64(5)
                                   .text("arg:w");
  REQUIRE(arrays_to_bytes(arrays, names) == expected);
  REQUIRE(arrays_to_bytes({}) == std::string(list_of(0).u64(0)));
}

TEST_CASE("the CPU's placement group is kept, other devices come to cpu(0)", "[serialization]") {
  REQUIRE(array_from_bytes(array_to_bytes(Array::zeros({1}, DType::f32, cpu(2)))).device() ==
          cpu(2));
  for (int kind : {2, 3, 5}) {
    const std::string bytes =
        Bytes().u32(0xF993FAC9).i32(0).u32(1).i64(1).i32(kind).i32(3).i32(0).f32(8);
    REQUIRE(array_from_bytes(bytes).device() == cpu());
    REQUIRE(array_from_bytes(bytes).to_vector<float>() == Floats{8});
  }
}

TEST_CASE("views are saved as what they show", "[serialization]") {
  const Array whole = Array::from(Floats{0, 1, 2, 3, 4, 5}, {3, 2});
  REQUIRE(array_from_bytes(array_to_bytes(whole.slice(1, 2))).to_vector<float>() == Floats{2, 3});
}

TEST_CASE("a byte of a bool that is neither 0 nor 1 becomes 1", "[serialization]") {
  const std::string bytes = Bytes()
                                .u32(0xF993FAC9)
                                .i32(0)
                                .u32(1)
                                .i64(3)
                                .i32(1)
                                .i32(0)
                                .i32(7)
                                .text(std::string("\0\1\x7f", 3));
  REQUIRE(array_from_bytes(bytes).as_type(DType::u8).to_vector<uint8_t>() ==
          std::vector<uint8_t>{0, 1, 1});
}

TEST_CASE("a save that fails leaves the old file and no temporary", "[serialization]") {
  const ScratchFolder folder("array_fails");
  const Array good = Array::full({1000}, 1);
  save_arrays(folder / "a.params", ArrayMap{{"x", good}});
  const std::string before = read_file(folder / "a.params");
  Array bad = Array::zeros({4});
  const Variable writes[] = {bad.variable()};
  bad.engine()->push([] { throw Error("the kernel failed."); }, {}, writes, {.op = "load"});
  require_error_matches(
      [&] { save_arrays(folder / "a.params", ArrayMap{{"x", good}, {"y", bad}}); },
      "the kernel failed.");
  REQUIRE(read_file(folder / "a.params") == before);
  REQUIRE(folder.num_files() == 1);
  const Names one = {"a"};
  const Array two[] = {good, good};
  require_error_matches([&] { save_arrays(folder / "a.params", two, one); },
                        "2 arrays are to be saved with 1 names");
  REQUIRE(read_file(folder / "a.params") == before);
}

TEST_CASE("each kind of damage is refused with its byte", "[serialization]") {
  const auto refuse = [](const std::string& bytes, std::initializer_list<std::string_view> words) {
    require_error_matches([&] { arrays_from_bytes(bytes, "a.params"); }, words);
  };
  const auto array = [](uint32_t ndim = 1) { return list_of(1).u32(0xF993FAC9).i32(0).u32(ndim); };

  refuse("", {"a.params: byte 0: the list's first word: 8 bytes are expected, 0 are left"});
  refuse(Bytes().u64(0x113).u64(0), {"byte 0: the file begins with 275 and not with 274"});
  refuse(list_of(1'000'000'000'000),
         {"byte 16: the list has 1000000000000 arrays; 0 bytes are left"});
  refuse(list_of(1).u32(7777), {"byte 24: array 0 has 7777 dimensions; at most 64 are expected"});
  refuse(array(65), {"byte 32: array 0 has 65 dimensions"});
  refuse(array().i64(-5), {"byte 36: array 0: extent 0 is -5; at least 0 is expected."});
  refuse(array(2).i64(int64_t(1) << 40).i64(int64_t(1) << 40).i32(1).i32(0).i32(0),
         {"array 0 has shape (1099511627776, 1099511627776), more elements than 63 bits"});
  refuse(array().i64(int64_t(1) << 40).i32(1).i32(0).i32(0).text("few"),
         {"byte 56: array 0 has shape (1099511627776,) and type float32, 4398046511104 bytes; 3 "
          "are left"});
  refuse(array().i64(1).i32(9).i32(0).i32(0), {"byte 44: array 0 lies on device 9,0"});
  refuse(array().i64(1).i32(1).i32(-1).i32(0), {"byte 44: array 0 lies on device 1,-1"});
  refuse(array().i64(1).i32(1).i32(0).i32(11), {"byte 52: array 0 has type flag 11"});
  refuse(list_of(1).u32(0xF993FAC9).i32(3),
         {"byte 28: array 0 has storage type 3; 0 (dense) is expected"});
  const std::string good = array().i64(1).i32(1).i32(0).i32(0).f32(1);
  refuse(Bytes().text(good).u64(2),
         {"byte 60: the list has 2 names for 1 arrays; none, or one for each, is expected"});
  refuse(Bytes().text(good).u64(1).u64(UINT64_MAX),
         {"byte 68: name 0 has 18446744073709551615 bytes"});
  require_error_matches(
      [] { load_sample("sparse.params"); },
      {"sparse.params: byte 28: array 0 is sparse (row_sparse)", "tostype('default')"});
  const Warnings warnings;
  REQUIRE(arrays_from_bytes(std::string(Bytes().text(good).u64(0).text("tail")), "a.params")
              .arrays.size() == 1);
  REQUIRE(warnings.said ==
          Names{"a.params: 4 bytes follow after the list's end, at byte 68; they are ignored."});
}

TEST_CASE("cut short anywhere, a list is refused; with any byte changed, it is read or refused",
          "[serialization]") {
  const Warnings quiet;
  for (const char* name : {"checkpoint-0001.params", "dtypes.params", "npshape_v3.params",
                           "legacy_v0.params", "legacy_v1.params", "sparse.params"}) {
    CAPTURE(name);
    const std::string whole = read_file(data_file(name));
    for (size_t length = 0; length < whole.size(); ++length) {
      // Of its own allocation, so that AddressSanitizer sees a read beyond the end.
      const std::vector<char> cut(whole.begin(), whole.begin() + ptrdiff_t(length));
      REQUIRE_THROWS_AS(arrays_from_bytes({cut.data(), cut.size()}), Error);
    }
    for (size_t at = 0; at < whole.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::vector<char> damaged(whole.begin(), whole.end());
        damaged[at] = char(damaged[at] ^ (1 << bit));
        try {
          const ArrayFile file = arrays_from_bytes({damaged.data(), damaged.size()});
          for (const Array& array : file.arrays) {
            if (array.is_valid()) array_to_bytes(array);
          }
        } catch (const Error&) {
          continue;
        }
      }
    }
  }
}

}  // namespace treadle::testing
