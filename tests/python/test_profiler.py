"""The profiler as Python's users see it: traces and tables of the engine's tasks."""

import json

import pytest

import treadle as mx


@pytest.fixture
def trace_file(tmp_path):
    file = tmp_path / 'trace.json'
    mx.profiler.set_config(filename=str(file), profile_all=True)
    mx.profiler.dumps(reset=True)
    yield file
    mx.profiler.set_state('stop')


def run_a_net():
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=10, name='fc')
    executor = net.simple_bind(mx.cpu(), data=(4, 3))
    executor.forward(is_train=True)
    executor.outputs[0].wait_to_read()


def test_a_trace_names_operators_and_nodes(trace_file):
    mx.profiler.set_state('run')
    run_a_net()
    with mx.profiler.Task(mx.profiler.Domain('mine'), 'by hand'):
        pass
    mx.profiler.dump()
    events = json.loads(trace_file.read_text())['traceEvents']
    tasks = [event for event in events if event.get('cat') == 'task']
    assert any(event['name'] == 'fc' and event['args']['operator'] == 'FullyConnected' for event in tasks)
    assert any(event['name'] == 'by hand' for event in events)
    assert all(event['dur'] >= 0 and event['ts'] >= 0 for event in tasks)


def test_the_table_counts_each_operator(trace_file):
    mx.profiler.set_state('run')
    for _ in range(3):
        run_a_net()
    mx.profiler.set_state('stop')
    run_a_net()
    table = json.loads(mx.profiler.dumps(reset=True, format='json'))
    assert table['Time']['operator']['FullyConnected']['Count'] == 3
    assert 'FullyConnected' not in mx.profiler.dumps()


def test_wrong_states_are_refused():
    with pytest.raises(ValueError, match="'run' or 'stop' is expected"):
        mx.profiler.set_state('on')
