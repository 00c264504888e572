#!/usr/bin/env bash
# The engine beside oneTBB, OpenMP, StarPU and MXNet's own: nanoseconds per task of each workload, for one and two
# workers, interleaved, with the ratio to the best of the others. What runs them stands in $TREADLE_PEERS_DIR; without
# it our engine's own figures are printed.
#   ./dev bench engine [--rounds N] [--only CASE] [options of run.py]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peers=${TREADLE_PEERS_DIR:-$root/../shared/peers}/engine
program=${TREADLE_BUILD:-$root/build/release}/bench/bench_treadle
[ -x "$program" ] || {
  echo "bench: $program is not there; './dev bench engine' builds it." >&2
  exit 1
}
[ -f "$peers/run.py" ] || {
  echo "bench: $peers/run.py is not there, so our engine runs alone; set TREADLE_PEERS_DIR to the folder that has the peers." >&2
  "$program" --workers 1 "$@"
  exec "$program" --workers 2 "$@"
}
export PEERS=${PEERS:-$root/.cache/peers}
export OUT=$PEERS/engine-bin
mkdir -p "$OUT"
"$peers/build.sh"
cp -f "$program" "$OUT/bench_treadle"
exec python3 "$peers/run.py" --rounds 7 --every --bin "$OUT" --json "$OUT/engine.json" "$@"
