// Cases of the operators in operators/init/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "_zeros", .params = {{"shape", "(2, 3)"}}});
TREADLE_SWEEP({.op = "_ones", .params = {{"shape", "(2, 3)"}}});
TREADLE_SWEEP({.op = "_full", .params = {{"shape", "(2, 3)"}, {"value", "2.5"}}});
TREADLE_SWEEP({.op = "_arange",
               .params = {{"start", "0.5"}, {"stop", "3"}, {"step", "0.25"}, {"repeat", "2"}}});
TREADLE_SWEEP({.op = "_arange", .params = {{"start", "7"}}});
TREADLE_SWEEP({.op = "_arange", .params = {{"start", "0"}, {"stop", "50000"}}, .is_large = true});
TREADLE_SWEEP({.op = "_linspace", .params = {{"start", "0"}, {"stop", "1"}, {"num", "5"}}});
TREADLE_SWEEP({.op = "_linspace",
               .params = {{"start", "0"}, {"stop", "1"}, {"num", "5"}, {"endpoint", "False"}}});
TREADLE_SWEEP({.op = "_eye", .params = {{"N", "3"}}});
TREADLE_SWEEP({.op = "_eye", .params = {{"N", "3"}, {"M", "5"}, {"k", "-1"}}});
TREADLE_SWEEP({.op = "_contrib_arange_like", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "_contrib_arange_like",
               .params = {{"axis", "-1"}, {"start", "0.5"}, {"step", "2"}, {"repeat", "2"}},
               .inputs = {{2, 3}}});

}  // namespace
}  // namespace treadle::testing
