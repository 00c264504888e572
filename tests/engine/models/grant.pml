/* The protocol by which variables are granted to tasks and given back (engine/grant.cc), for SPIN.

   THREADS threads share two variables. Each makes OPS operations: push a task that reads, writes or
   both, or give up its handle on one of the variables; at the end it gives up the rest. All choices
   are searched, but those that only swap threads: the first operations are in order. Tasks that are
   granted all run, beside each other, as if there were a worker for each. (A wait is a read whose
   task is the thread itself, so it needs no case of its own.)
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

/* An operation: the kinds of access to both variables as the digits of a number, or the end of a
   handle. */
#define PUSHES 8
#define DROP_0 9
#define DROP_1 10

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
byte pushed, ended;               /* tasks */

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

/* The task starts as soon as it may: a later start could only overlap with less. */
inline start(t) {
  assert(!started[t]);
  started[t] = true;
  begin_access(2 * (t), 0);
  begin_access(2 * (t) + 1, 1)
}

/* One of the task's variables has been granted by another thread. */
inline grant_now(a) {
  missing[(a) / 2] = missing[(a) / 2] - 1;
  assert(missing[(a) / 2] >= 0);
  if
  :: missing[(a) / 2] == 0 -> start((a) / 2)
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

/* What nobody else sees before the first access is queued. */
inline make_task(t) {
  kind[2 * t] = op % 3;
  kind[2 * t + 1] = op / 3;
  pushed++;
  missing[t] = 1 + (kind[2 * t] != NONE) + (kind[2 * t + 1] != NONE);
  got = 1
}

/* link(): all locks in order of address, then the accesses, each lock given back after its own.
   Taking a lock commutes with all that others may do meanwhile, so it is one step with the access
   after it. */
inline link(t) {
  if
  :: op % 3 != NONE && op / 3 != NONE ->
       atomic { !locked[0] && !locked[1] -> make_task(t); locked[1] = true; open_access(2 * t, 0) };
       open_access(2 * t + 1, 1)
  :: op % 3 != NONE && op / 3 == NONE ->
       atomic { !locked[0] -> make_task(t); open_access(2 * t, 0) }
  :: else ->
       atomic { !locked[1] -> make_task(t); open_access(2 * t + 1, 1) }
  fi;
  d_step {
    missing[t] = missing[t] - got;
    got = 0;
    assert(missing[t] >= 0);
    if
    :: missing[t] == 0 -> start(t)
    :: else -> skip
    fi
  }
}

inline end_access(a, v) {
  if
  :: kind[a] == READ -> readers[v]--
  :: kind[a] == WRITE -> writers[v]--; version[v]++
  :: else -> skip
  fi
}

/* Nothing of a task that has ended is left in the state: what differs in it alone is the same. */
inline end_task(t) {
  kind[2 * t] = NONE; kind[2 * t + 1] = NONE;
  epoch_of[2 * t] = 0; epoch_of[2 * t + 1] = 0;
  expected[2 * t] = 0; expected[2 * t + 1] = 0;
  ended++
}

/* Where all that the release of access a grants has been granted. */
inline end_after(t, a) {
  if
  :: list == 0 && (a == 2 * t + 1 || kind[2 * t + 1] == NONE) -> end_task(t)
  :: else -> skip
  fi
}

/* end_read and end_write; the end of the task's own work on the variable belongs to the step. */
inline end_access_of(t, a, v) {
  d_step {
    end_access(a, v);
    epoch = epoch_of[a];
    touch(epoch);
    if
    :: kind[a] == READ ->
         reads[epoch] = reads[epoch] - 1;
         if
         :: reads[epoch] == 0 ->
              next = successor[epoch];
              assert(next != NOBODY);
              if
              :: next == VARIABLE_ENDED -> end_variable(epoch, v)
              :: else -> free_epoch(epoch); list = with(0, next)
              fi
         :: else -> skip
         fi
    :: else ->
         assert(!write_ended[epoch]);
         list = waiting[epoch];
         waiting[epoch] = 0;
         if
         :: ended_in_waiting[epoch] -> assert(list == 0); end_variable(epoch, v)
         :: else -> write_ended[epoch] = true
         fi
    fi;
    if
    :: list == 0 || kind[a] == READ -> epoch = NOBODY
    :: else -> skip
    fi;
    next = NOBODY;
    end_after(t, a)
  }
}

inline grant_listed(t, a) {
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
         :: epoch != NOBODY && kind[next] == WRITE -> assert(list == 0); free_epoch(epoch)
         :: else -> skip
         fi;
         if
         :: list == 0 -> epoch = NOBODY
         :: else -> skip
         fi;
         grant_now(next);
         next = NOBODY;
         end_after(t, a)
       }
  :: else -> break
  od;
  skip                              /* SPIN takes no jump out of a loop into a d_step */
}

/* Runs task t once it is ready. */
proctype Task(byte t) {
  byte next = NOBODY, epoch = NOBODY;
  short list = 0;
  bool both = false;
end:
  if
  :: atomic { started[t] && kind[2 * t] != NONE ->
                both = (kind[2 * t + 1] != NONE);
                end_access_of(t, 2 * t, 0) };
     grant_listed(t, 2 * t)
  :: atomic { started[t] && kind[2 * t] == NONE -> end_access_of(t, 2 * t + 1, 1) };
     grant_listed(t, 2 * t + 1)
  fi;
  if
  :: both -> end_access_of(t, 2 * t + 1, 1); grant_listed(t, 2 * t + 1)
  :: else -> skip
  fi
}

/* The end of a handle; the last one ends the variable, as one more write that nobody waits for. */
inline drop_handle(v, has_one) {
  d_step {
    has_one = false;
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

/* `ops`: its operations as digits of a number to the base 16. */
proctype Thread(byte task; byte ops) {
  byte got = 0, op;
  byte before = NOBODY;
  bool has0 = true, has1 = true;

  do
  :: ops != 0 ->
       d_step { op = ops % 16; ops = ops / 16 };
       if
       :: op == DROP_0 && has0 -> drop_handle(0, has0)
       :: op == DROP_1 && has1 -> drop_handle(1, has1)
       :: op <= PUSHES && (op % 3 == NONE || has0) && (op / 3 == NONE || has1) -> link(task)
       :: else -> skip
       fi;
       task++
  :: else -> break
  od;
  op = 0;
  /* The ends of two variables have no step in common, so one order of them stands for both. */
  if
  :: has0 -> drop_handle(0, has0)
  :: else -> skip
  fi;
  if
  :: has1 -> drop_handle(1, has1)
  :: else -> skip
  fi
}

init {
  byte i = 0, first = 1, second = 0, ops = 0;
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
    for (i : 0 .. THREADS - 1) {
      do
      :: first < DROP_1 -> first++
      :: break
      od;
      ops = first;
#if OPS > 1
      second = 1;
      do
      :: second < DROP_1 -> second++
      :: break
      od;
      ops = ops + 16 * second;
#endif
      run Thread(i * OPS, ops)
    };
    for (i : 0 .. TASKS - 1) { run Task(i) };
    i = 0; first = 0; second = 0; ops = 0
  };
  handles[0] == 0 && handles[1] == 0 && ended == pushed;  /* a task that is never granted is stuck here */
  d_step {
    assert(variable_freed[0] && variable_freed[1]);
    for (i : 0 .. ACCESSES - 1) {
      assert(waiting[i + 2] == 0 && reads[i + 2] == 0 && opened[i + 2] == 0)
    }
  }
}
