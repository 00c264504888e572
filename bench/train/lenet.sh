#!/usr/bin/env bash
# The time of a LeNet training step (28x28, batch 64) beside MXNet 1.9.1, interleaved on this machine.
# The workloads of all contenders stand in $TREADLE_PEERS_DIR; MXNet is installed there once, in a
# virtual environment of its own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
workloads=${TREADLE_PEERS_DIR:-$root/../shared/peers}
[ -f "$workloads/compare.py" ] || {
  echo "bench: the contenders' workloads are not in $workloads; set TREADLE_PEERS_DIR to the folder with compare.py." >&2
  exit 1
}
export PEERS=${PEERS:-$root/.cache/peers}
[ -x "$PEERS/mx/bin/python" ] || "$workloads/setup.sh" mx
export PEER_TREADLE=$root/.venv/bin/python
exec "$PEER_TREADLE" "$workloads/compare.py" --workloads lenet --module treadle \
  --peers mxnet-bind,treadle-bind --repeats "${REPEATS:-3}" "$@"
