/* The protocol by which variables are granted to tasks and given back (engine/grant.cc), for SPIN.

   THREADS threads share two variables. Each makes OPS operations, chosen freely: push a task that
   reads, writes or both, or give up its handle on one of the variables; at the end it gives up the
   rest. A task that is ready runs at any time after, beside all others, as if there were a worker
   for each. (A wait is a read whose task is the thread itself, so it needs no case of its own.)
   Every atomic operation of the code is one step here; plain work between two of them belongs to the
   step before. Memory order is not modelled: ThreadSanitizer looks at that.

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
short ready;                      /* set of tasks */
byte pushed, ended;               /* tasks */
byte threads_over;

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
inline grant_now(a) {
  missing[(a) / 2] = missing[(a) / 2] - 1;
  assert(missing[(a) / 2] >= 0);
  if
  :: missing[(a) / 2] == 0 ->
       assert(!has(ready, (a) / 2) && !started[(a) / 2]);
       ready = with(ready, (a) / 2)
  :: else -> skip
  fi
}

/* open_read and open_write. They run under the variable's lock, which no other step of the protocol
   minds, so that the one step others can see, on `waiting` or `reads`, stands for all of it. `got`
   counts what is granted at once. */
inline open_access(a, v) {
  d_step {
    before = last[v];
    touch(before);
    expected[a] = pushed_writes[v];
    if
    :: kind[a] == READ ->
         epoch_of[a] = before;
         opened[before]++;
         if
         :: write_ended[before] -> got++
#ifdef PLANTED
         :: else -> got++                 /* a read that does not wait for the write */
#else
         :: else -> waiting[before] = with(waiting[before], a)
#endif
         fi
    :: else ->
         epoch_of[a] = (a) + 2;
         last[v] = (a) + 2;
         pushed_writes[v]++;
         if
         :: opened[before] != 0 ->
              successor[before] = a;
              reads[before] = reads[before] + opened[before];
              if
              :: reads[before] == 0 -> free_epoch(before); got++
              :: else -> skip
              fi
         :: opened[before] == 0 && write_ended[before] -> free_epoch(before); got++
         :: else -> waiting[before] = with(waiting[before], a)
         fi
    fi;
    before = NOBODY;
    locked[v] = false
  }
}

/* link(): all locks in order, then the accesses, each lock given back after its own. */
inline link(t) {
  if
  :: kind[2 * t] != NONE && kind[2 * t + 1] != NONE ->
       atomic { !locked[0] -> locked[0] = true };
       atomic { !locked[1] -> locked[1] = true };
       open_access(2 * t, 0);
       open_access(2 * t + 1, 1)
  :: kind[2 * t] != NONE && kind[2 * t + 1] == NONE ->
       atomic { !locked[0] -> locked[0] = true };
       open_access(2 * t, 0)
  :: else ->
       atomic { !locked[1] -> locked[1] = true };
       open_access(2 * t + 1, 1)
  fi;
  d_step {
    missing[t] = missing[t] - got;
    got = 0;
    assert(missing[t] >= 0);
    if
    :: missing[t] == 0 ->
         assert(!has(ready, t) && !started[t]);
         ready = with(ready, t)
    :: else -> skip
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

/* end_read and end_write; the end of the task's own work on the variable belongs to the step. */
inline release_access(a, v) {
  d_step {
    end_access(a, v);
    next = NOBODY;
    if
    :: kind[a] == READ ->
         touch(epoch_of[a]);
         reads[epoch_of[a]] = reads[epoch_of[a]] - 1;
         if
         :: reads[epoch_of[a]] == 0 ->
              next = successor[epoch_of[a]];
              assert(next != NOBODY);
              if
              :: next == VARIABLE_ENDED -> end_variable(epoch_of[a], v)
              :: else -> free_epoch(epoch_of[a]); list = with(0, next)
              fi
         :: else -> skip
         fi
    :: kind[a] == WRITE ->
         touch(epoch_of[a]);
         assert(!write_ended[epoch_of[a]]);
         list = waiting[epoch_of[a]];
         waiting[epoch_of[a]] = 0;
         if
         :: ended_in_waiting[epoch_of[a]] -> assert(list == 0); end_variable(epoch_of[a], v)
         :: else -> write_ended[epoch_of[a]] = true
         fi
    :: else -> skip
    fi;
    next = NOBODY
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
         :: kind[a] == WRITE && kind[next] == WRITE -> assert(list == 0); free_epoch(epoch_of[a])
         :: else -> skip
         fi;
         grant_now(next);
         next = NOBODY
       }
  :: else -> break
  od;
  skip                              /* SPIN takes no jump out of a loop into a d_step */
}

inline release_all(t) {
  if
  :: kind[2 * t] != NONE -> release_access(2 * t, 0)
  :: else -> skip
  fi;
  if
  :: kind[2 * t + 1] != NONE -> release_access(2 * t + 1, 1)
  :: else -> skip
  fi;
  d_step {
    kind[2 * t] = NONE; kind[2 * t + 1] = NONE;
    epoch_of[2 * t] = 0; epoch_of[2 * t + 1] = 0;
    expected[2 * t] = 0; expected[2 * t + 1] = 0;
    ended++
  }
}

/* Runs task t once it is ready. */
proctype Task(byte t) {
  byte next = NOBODY;
  short list = 0;
end:
  has(ready, t);
  d_step {
    ready = without(ready, t);
    assert(!started[t]);
    started[t] = true;
    begin_access(2 * t, 0);
    begin_access(2 * t + 1, 1)
  };
  release_all(t)
}

/* The end of a handle; the last one ends the variable, as one more write that nobody waits for. */
inline drop_handle(v) {
  d_step {
    assert(!variable_freed[v]);
    handles[v] = handles[v] - 1;
    if
    :: handles[v] == 0 ->
         before = last[v];
         touch(before);
         if
         :: opened[before] != 0 ->
              successor[before] = VARIABLE_ENDED;
              reads[before] = reads[before] + opened[before];
              if
              :: reads[before] == 0 -> end_variable(before, v)
              :: else -> skip
              fi
         :: opened[before] == 0 && write_ended[before] -> end_variable(before, v)
         :: else -> assert(waiting[before] == 0); ended_in_waiting[before] = true
         fi;
         before = NOBODY
    :: else -> skip
    fi
  }
}

/* What an operation does to the variables, for those that the thread has a handle on. */
inline choose_accesses(t) {
  atomic {
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
  pushed++;
  missing[t] = 1 + (kind[2 * t] != NONE) + (kind[2 * t + 1] != NONE);
  got = 1
  }
}

proctype Thread(byte first) {
  byte task = first, got = 0;
  byte before = NOBODY;
  bool has0 = true, has1 = true;

  do
  :: task < first + OPS && (has0 || has1) ->
       choose_accesses(task);
       link(task);
       task++
  :: atomic { has0 -> has0 = false; task = task + (task < first + OPS) }; drop_handle(0)
  :: atomic { has1 -> has1 = false; task = task + (task < first + OPS) }; drop_handle(1)
  :: !has0 && !has1 -> break
  od;
  threads_over++
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
    for (i : 0 .. TASKS - 1) { run Task(i) };
    i = 0
  };
  threads_over == THREADS && ended == pushed;  /* a task that is never granted is stuck here */
  d_step {
    assert(variable_freed[0] && variable_freed[1] && ready == 0);
    for (i : 0 .. ACCESSES - 1) {
      assert(waiting[i + 2] == 0 && reads[i + 2] == 0 && opened[i + 2] == 0)
    }
  }
}
