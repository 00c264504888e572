// Sweep cases: sequences and recurrent layers.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

const std::map<std::string, Values> lengths{{"sequence_length", whole(1, 5)}};

TREADLE_SWEEP({.op = "SequenceLast", .inputs = {{4, 3, 2}}});
TREADLE_SWEEP({.op = "SequenceLast",
               .params = {{"use_sequence_length", "True"}, {"axis", "1"}},
               .inputs = {{3, 4, 2}},
               .values = lengths});
TREADLE_SWEEP({.op = "SequenceMask", .inputs = {{4, 3, 2}}});
TREADLE_SWEEP({.op = "SequenceMask",
               .params = {{"use_sequence_length", "True"}, {"value", "3"}},
               .inputs = {{4, 3, 2}},
               .values = lengths});
TREADLE_SWEEP({.op = "SequenceMask",
               .params = {{"use_sequence_length", "True"}, {"axis", "1"}},
               .inputs = {{3, 4}},
               .values = lengths});
TREADLE_SWEEP({.op = "SequenceReverse", .inputs = {{4, 3}}});
TREADLE_SWEEP({.op = "SequenceReverse",
               .params = {{"use_sequence_length", "True"}},
               .inputs = {{4, 3, 2}},
               .values = lengths});
TREADLE_SWEEP({.op = "SequenceReverse",
               .params = {{"use_sequence_length", "True"}},
               .inputs = {{50, 40, 30}},
               .values = {{"sequence_length", whole(1, 50)}},
               .is_large = true});

ParamText rnn(const char* mode, const char* size, const char* layers, ParamText params = {}) {
  params.insert({{"mode", mode}, {"state_size", size}, {"num_layers", layers}});
  return params;
}

TREADLE_SWEEP({.op = "RNN", .params = rnn("rnn_tanh", "3", "1"), .inputs = {{3, 2, 4}}});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("rnn_relu", "2", "2", {{"bidirectional", "True"}}),
               .inputs = {{2, 2, 3}}});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("lstm", "2", "2",
                             {{"bidirectional", "True"}, {"state_outputs", "True"}}),
               .inputs = {{3, 2, 3}}});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("gru", "3", "2", {{"p", "0.4"}, {"state_outputs", "True"}}),
               .inputs = {{3, 2, 2}}});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("lstm", "2", "2",
                             {{"bidirectional", "True"},
                              {"state_outputs", "True"},
                              {"use_sequence_length", "True"}}),
               .inputs = {{4, 3, 2}},
               .values = lengths});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("gru", "3", "1", {{"use_sequence_length", "True"}}),
               .inputs = {{4, 3, 2}},
               .values = lengths});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("lstm", "3", "2",
                             {{"projection_size", "2"}, {"state_outputs", "True"}}),
               .inputs = {{3, 2, 4}}});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("lstm", "3", "2",
                             {{"projection_size", "2"},
                              {"bidirectional", "True"},
                              {"state_outputs", "True"},
                              {"use_sequence_length", "True"}}),
               .inputs = {{4, 3, 2}},
               .values = lengths});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("lstm", "3", "2",
                             {{"lstm_state_clip_min", "-0.05"},
                              {"lstm_state_clip_max", "0.08"},
                              {"state_outputs", "True"}}),
               .inputs = {{3, 2, 3}}});
TREADLE_SWEEP({.op = "RNN",
               .params = rnn("lstm", "40", "2", {{"bidirectional", "True"}}),
               .inputs = {{12, 33, 50}},
               .values = {{"parameters", range(-0.2, 0.2)}},
               .is_large = true});

}  // namespace
}  // namespace treadle::testing
