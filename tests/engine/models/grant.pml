/* The protocol by which variables are granted to tasks and given back (engine/grant.cc), for SPIN.

   THREADS threads share two variables. Each makes OPS operations, chosen freely: push a task that
   reads, writes or both, wait for a variable, or give up its handle on one. Between its operations
   and after them a thread runs tasks that are ready, anyone's. Every atomic operation of the code is
   one step here, plain work between two of them belongs to the step before.

   What is checked in every state that can be reached:
    - a task is granted once, and started once;
    - a running write is alone, running reads share; per variable writes happen in push order and
      each read sees the value of the last write pushed before it;
    - no epoch and no variable is touched after it was freed;
    - no lock-up: every task runs and every wait ends (SPIN's invalid end states);
    - at the end nothing is left: an epoch per variable, or none if all handles are gone. */

#ifndef THREADS
#define THREADS 3
#endif
#ifndef OPS
#define OPS 2
#endif
#define TASKS (THREADS * OPS)
#define ACCESSES (TASKS * 2)      /* access 2 t + v: of task t to variable v */
#define EPOCHS (ACCESSES + 2)     /* epoch v: before all writes of v; epoch a + 2: opened by access a */

#define NONE 0
#define READ 1
#define WRITE 2

#define NOBODY 255
#define VARIABLE_ENDED 254

/* Epoch::waiting: a set of accesses, and what it turns into at last. The order in the list decides
   only who is granted first, which the steps of grant() leave to every thread anyway. */
short waiting[EPOCHS];
bool write_ended[EPOCHS];
bool ended_in_waiting[EPOCHS];    /* variable_ended stands in `waiting` */
short reads[EPOCHS];
byte opened[EPOCHS];
byte successor[EPOCHS];
bool freed[EPOCHS];

byte kind[ACCESSES];
byte epoch_of[ACCESSES];          /* the one a read reads, the one a write opened */

byte last[2];
bool locked[2];
bool variable_freed[2];
byte handles[2];

short missing[TASKS];
bool is_waiter[TASKS];
short ready;                      /* set of tasks */
byte left = TASKS;                /* operations that are not over */

/* What tasks do to variables, to check them. */
byte version[2];                  /* writes that have happened */
byte pushed_writes[2];            /* writes that were pushed */
byte expected[ACCESSES];          /* writes pushed before this access */
byte readers[2], writers[2];
bool started[TASKS];

#define has(set, i) (((set) >> (i)) & 1)
#define with(set, i) ((set) | (1 << (i)))
#define without(set, i) ((set) & ~(1 << (i)))

inline touch(e) { assert(!freed[e]) }

inline free_epoch(e) {
  assert(!freed[e]);
  freed[e] = true;
  waiting[e] = 0; write_ended[e] = false; ended_in_waiting[e] = false;
  reads[e] = 0; opened[e] = 0; successor[e] = NOBODY
}

inline end_variable(e, v) {
  assert(!variable_freed[v]);
  assert(handles[v] == 0);
  variable_freed[v] = true;
  free_epoch(e)
}

/* One of the task's variables has been granted by another thread. */
inline grant(a) {
  atomic {
    missing[(a) / 2] = missing[(a) / 2] - 1;
    if
    :: missing[(a) / 2] == 0 && !is_waiter[(a) / 2] ->
         assert(!has(ready, (a) / 2) && !started[(a) / 2]);
         ready = with(ready, (a) / 2)
    :: else -> assert(missing[(a) / 2] >= 0)
    fi
  }
}

/* open_read and open_write, under the variable's lock; `got` counts what is granted at once. */
inline open_access(a, v) {
  if
  :: kind[a] == READ ->
       d_step {
         epoch_of[a] = last[v];
         touch(last[v]);
         expected[a] = pushed_writes[v];
         opened[last[v]]++
       };
       d_step {
         touch(epoch_of[a]);
         if
         :: write_ended[epoch_of[a]] -> got++
         :: else -> waiting[epoch_of[a]] = with(waiting[epoch_of[a]], a)
         fi
       }
  :: else ->
       d_step {
         epoch_of[a] = (a) + 2;
         before = last[v];
         touch(before);
         last[v] = (a) + 2;
         expected[a] = pushed_writes[v];
         pushed_writes[v]++;
         if
         :: opened[before] != 0 -> successor[before] = a
         :: else -> skip
         fi
       };
       d_step {
         touch(before);
         if
         :: opened[before] != 0 ->
              reads[before] = reads[before] + opened[before];
              if
              :: reads[before] == 0 -> free_epoch(before); got++
              :: else -> skip
              fi
         :: opened[before] == 0 && write_ended[before] -> free_epoch(before); got++
         :: else -> waiting[before] = with(waiting[before], a)
         fi;
         before = NOBODY
       }
  fi
}

/* link(): all locks in order, then the accesses, each lock released after its own. */
inline link(t) {
  if
  :: kind[2 * t] != NONE -> atomic { !locked[0] -> locked[0] = true }
  :: else -> skip
  fi;
  if
  :: kind[2 * t + 1] != NONE -> atomic { !locked[1] -> locked[1] = true }
  :: else -> skip
  fi;
  if
  :: kind[2 * t] != NONE -> open_access(2 * t, 0); locked[0] = false
  :: else -> skip
  fi;
  if
  :: kind[2 * t + 1] != NONE -> open_access(2 * t + 1, 1); locked[1] = false
  :: else -> skip
  fi;
  atomic {
    missing[t] = missing[t] - got;
    got = 0;
    if
    :: missing[t] == 0 && !is_waiter[t] ->
         assert(!has(ready, t) && !started[t]);
         ready = with(ready, t)
    :: else -> assert(missing[t] >= 0)
    fi
  }
}

inline begin_access(a, v) {
  if
  :: kind[a] == READ ->
       assert(writers[v] == 0 && version[v] == expected[a]);
       readers[v]++
  :: kind[a] == WRITE ->
       assert(writers[v] == 0 && readers[v] == 0 && version[v] == expected[a]);
       writers[v]++
  :: else -> skip
  fi
}

inline end_access(a, v) {
  if
  :: kind[a] == READ -> readers[v]--
  :: kind[a] == WRITE -> writers[v]--; version[v]++
  :: else -> skip
  fi
}

/* end_read and end_write. */
inline release_access(a, v) {
  if
  :: kind[a] == READ ->
       atomic {
         touch(epoch_of[a]);
         reads[epoch_of[a]] = reads[epoch_of[a]] - 1;
         next = NOBODY;
         if
         :: reads[epoch_of[a]] == 0 ->
              next = successor[epoch_of[a]];
              assert(next != NOBODY);
              if
              :: next == VARIABLE_ENDED -> end_variable(epoch_of[a], v); next = NOBODY
              :: else -> free_epoch(epoch_of[a])
              fi
         :: else -> skip
         fi
       };
       if
       :: next != NOBODY -> grant(next); next = NOBODY
       :: else -> skip
       fi
  :: kind[a] == WRITE ->
       atomic {
         touch(epoch_of[a]);
         assert(!write_ended[epoch_of[a]]);
         list = waiting[epoch_of[a]];
         waiting[epoch_of[a]] = 0;
         if
         :: ended_in_waiting[epoch_of[a]] ->
              assert(list == 0);
              end_variable(epoch_of[a], v)
         :: else ->
              write_ended[epoch_of[a]] = true
         fi
       };
       do
       :: list != 0 ->
            d_step {
              next = 0;
              do
              :: !has(list, next) -> next++
              :: else -> break
              od;
              list = without(list, next);
              if
              :: kind[next] == WRITE -> assert(list == 0); free_epoch(epoch_of[a])
              :: else -> skip
              fi
            };
            grant(next);
            next = NOBODY
       :: else -> break
       od
  :: else -> skip
  fi
}

inline release_all(t) {
  release_access(2 * t, 0);
  release_access(2 * t + 1, 1);
  atomic {
    kind[2 * t] = NONE; kind[2 * t + 1] = NONE;
    epoch_of[2 * t] = 0; epoch_of[2 * t + 1] = 0;
    expected[2 * t] = 0; expected[2 * t + 1] = 0;
    left--
  }
}

/* Runs one ready task; which one is left open. */
inline run_one() {
  atomic {
    ready != 0;
    if
    :: has(ready, 0) -> running = 0
    :: has(ready, 1) -> running = 1
    :: has(ready, 2) -> running = 2
    :: has(ready, 3) -> running = 3
    :: has(ready, 4) -> running = 4
    :: has(ready, 5) -> running = 5
    fi;
    ready = without(ready, running);
    assert(!started[running]);
    started[running] = true;
    begin_access(2 * running, 0);
    begin_access(2 * running + 1, 1)
  };
  atomic {
    end_access(2 * running, 0);
    end_access(2 * running + 1, 1)
  };
  release_all(running);
  running = 0
}

/* The end of a handle; the last one ends the variable, as one more write that nobody waits for. */
inline drop_handle(v) {
  atomic {
    handles[v] = handles[v] - 1;
    assert(!variable_freed[v]);
    if
    :: handles[v] == 0 -> before = last[v]; touch(before)
    :: else -> before = NOBODY
    fi;
    if
    :: before != NOBODY && opened[before] != 0 -> successor[before] = VARIABLE_ENDED
    :: else -> skip
    fi
  };
  atomic {
    if
    :: before == NOBODY -> skip
    :: before != NOBODY && opened[before] != 0 ->
         touch(before);
         reads[before] = reads[before] + opened[before];
         if
         :: reads[before] == 0 -> end_variable(before, v)
         :: else -> skip
         fi
    :: before != NOBODY && opened[before] == 0 ->
         touch(before);
         if
         :: !write_ended[before] -> assert(waiting[before] == 0); ended_in_waiting[before] = true
         :: else -> end_variable(before, v)
         fi
    fi;
    before = NOBODY
  }
}

/* What an operation does to the variables, for those that the thread has a handle on. */
inline choose_accesses(t) {
  if
  :: has0 -> kind[2 * t] = READ
  :: has0 -> kind[2 * t] = WRITE
  :: has1 -> kind[2 * t + 1] = READ
  :: has1 -> kind[2 * t + 1] = WRITE
  :: has0 && has1 -> kind[2 * t] = READ; kind[2 * t + 1] = WRITE
  :: has0 && has1 -> kind[2 * t] = WRITE; kind[2 * t + 1] = READ
  :: has0 && has1 -> kind[2 * t] = READ; kind[2 * t + 1] = READ
  :: has0 && has1 -> kind[2 * t] = WRITE; kind[2 * t + 1] = WRITE
  fi;
  missing[t] = 1 + (kind[2 * t] != NONE) + (kind[2 * t + 1] != NONE);
  got = 1
}

proctype Thread(byte first) {
  byte op = 0, task = first, got = 0, running = 0;
  byte before = NOBODY, next = NOBODY;
  short list = 0;
  bool has0 = true, has1 = true;

  do
  :: op < OPS && (has0 || has1) ->            /* push a task */
       atomic { choose_accesses(task) };
       link(task);
       op++; task++
  :: op < OPS && has0 ->                      /* wait for a variable */
       atomic {
         is_waiter[task] = true;
         kind[2 * task] = READ;
         missing[task] = 2;
         got = 1
       };
       link(task);
       do                                     /* and run tasks meanwhile */
       :: missing[task] == 0 -> break
       :: run_one()
       od;
       release_all(task);
       op++; task++
  :: op < OPS && has0 -> atomic { has0 = false; op++; task++; left-- }; drop_handle(0)
  :: op < OPS && has1 -> atomic { has1 = false; op++; task++; left-- }; drop_handle(1)
  :: op < OPS && !has0 && !has1 -> atomic { op++; task++; left-- }
  :: run_one()
  :: op == OPS && has0 -> has0 = false; drop_handle(0)
  :: op == OPS && has1 -> has1 = false; drop_handle(1)
  :: op == OPS && !has0 && !has1 && left == 0 -> break
  od
}

init {
  byte i = 0;
  d_step {
    for (i : 0 .. EPOCHS - 1) { successor[i] = NOBODY };
    last[1] = 1;
    write_ended[0] = true;
    write_ended[1] = true;
    handles[0] = THREADS;
    handles[1] = THREADS;
    i = 0
  };
  atomic {
    for (i : 0 .. THREADS - 1) { run Thread(i * OPS) };
    i = 0
  };
  _nr_pr == 1;                                 /* every thread has come to its end */
  d_step {
    assert(variable_freed[0] && variable_freed[1] && ready == 0);
    for (i : 0 .. ACCESSES - 1) {
      assert(waiting[i + 2] == 0 && reads[i + 2] == 0 && opened[i + 2] == 0)
    }
  }
}
