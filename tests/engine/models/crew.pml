/* The rule by which no ready task is left lying (engine/crew.h, engine/threaded_engine.cc), for SPIN.

   PUSHERS threads each make TASKS tasks ready, one thread waits for the end of all of them and helps
   meanwhile, and a pool of SEATS workers serves. Every task may make one more ready when it ends
   (once in all, to keep the model small). The bounded spins of the code may end at any time here.

   What is checked: every task is run, with nobody asleep beside a task that waits (SPIN's invalid
   end states); the seats taken are never more than there are; at the end all seats are free and no
   worker is on its way. */

#ifndef PUSHERS
#define PUSHERS 2
#endif
#ifndef TASKS
#define TASKS 2
#endif
#ifndef SEATS
#define SEATS 2
#endif

#define NOBODY 0
#define LOOKING 1
#define WORKING 2

byte queue;                  /* ready tasks */
byte taken, looking;         /* Crew::state_ */
byte calls;                  /* workers called that have not come */
byte jobs;                   /* submitted to the pool, not yet taken up by a worker */
byte done;                   /* tasks that have ended */
byte extra = 1;              /* tasks that tasks may still make */
byte total = PUSHERS * TASKS;
byte pushers_over;
bool offer_open, offer_given, offer_looked;
bool waiter_over;

/* call_one(): join_if_nobody_looks, then a job for the pool. */
inline call_one() {
  atomic {
    if
    :: taken < SEATS && looking == 0 -> taken++; looking++; called = true
    :: else -> called = false
    fi
  };
  if
  :: called -> atomic { calls++; jobs++; called = false }
  :: else -> skip
  fi
}

inline push_task() {
  queue++;
  call_one()
}

/* Seat::work(); a seat that was given up may be taken back beyond the number only by a task that
   waits, which this model leaves out. */
inline work() {
  atomic {
    was_last = false;
    if
    :: seat == LOOKING -> looking--; was_last = (looking == 0)
    :: else -> skip
    fi;
    seat = WORKING
  };
  if
  :: was_last && queue > 0 -> was_last = false; call_one()
  :: else -> was_last = false
  fi
}

inline look() {
  atomic {
    if
    :: seat == WORKING -> looking++
    :: else -> skip
    fi;
    seat = LOOKING
  }
}

inline leave() {
  atomic {
    if
    :: seat == LOOKING -> looking--
    :: else -> skip
    fi;
    taken--;
    seat = NOBODY
  }
}

/* Runs the task just taken; it may make another one ready, which this thread runs next or queues. */
inline run_task() {
  work();
  atomic {
    if
    :: extra > 0 -> extra--; total++; next = true
    :: true -> next = false
    fi;
    done++
  };
  if
  :: next -> next = false; work(); done++
  :: next -> next = false; queue++; call_one()
  :: else -> skip
  fi
}

/* ThreadedEngine::serve, on a worker of the pool. */
proctype Worker() {
  byte seat = NOBODY;
  bool called = false, was_last = false, next = false, got = false, mine = false;

end: do
  :: atomic { jobs > 0 -> jobs-- };
     atomic {
       if
       :: calls > 0 -> calls--; mine = true; seat = LOOKING
       :: else -> mine = false
       fi
     };
     do
     :: !mine -> break
     :: mine ->
          atomic {                      /* give_seat_away */
            if
            :: offer_open -> offer_open = false; offer_looked = (seat == LOOKING); seat = NOBODY;
                             mine = false; got = true
            :: else -> got = false
            fi
          };
          if
          :: got -> got = false; offer_given = true
          :: else ->
               atomic {
                 if
                 :: queue > 0 -> queue--; got = true
                 :: else -> got = false
                 fi
               };
               if
               :: got -> got = false; run_task()
               :: else ->
                    look();
                    if
                    :: queue > 0 -> skip
                    :: true -> skip             /* goes on spinning */
                    :: queue == 0 ->            /* the spin is over */
                         leave();
                         if
#ifdef PLANTED
                         :: true -> mine = false   /* does not look once more */
#else
                         :: queue == 0 -> mine = false
#endif
                         :: else ->
                              atomic {          /* take_if_needed */
                                if
                                :: taken < SEATS && looking == 0 ->
                                     taken++; looking++; seat = LOOKING
                                :: else -> mine = false
                                fi
                              }
                         fi
                    fi
               fi
          fi
     od
  od
}

proctype Pusher() {
  bool called = false;
  byte i = 0;
  do
  :: i < TASKS -> push_task(); i++
  :: else -> break
  od;
  pushers_over++
}

#define all_done (pushers_over == PUSHERS && done == total)

/* ThreadedEngine::wait_until. */
proctype Waiter() {
  byte seat = NOBODY;
  bool called = false, was_last = false, next = false, got = false;

  do
  :: all_done -> break
  :: !all_done ->
       atomic {                         /* ask_for_seat */
         if
         :: taken < SEATS -> taken++; looking++; seat = LOOKING
         :: else -> skip
         fi
       };
       if
       :: seat == NOBODY ->
            atomic {
              if
              :: calls > 0 -> calls--; seat = LOOKING
              :: else -> skip
              fi
            }
       :: else -> skip
       fi;
       if
       :: seat == NOBODY ->
            offer_open = true;
            if
            :: offer_given -> skip
            :: all_done -> skip
            :: true -> skip             /* the spin is over */
            fi;
            atomic {
              if
              :: offer_open -> offer_open = false; got = false
              :: else -> got = true
              fi
            };
            if
            :: got ->
                 atomic { offer_given -> offer_given = false; got = false;
                          seat = (offer_looked -> LOOKING : WORKING) }
            :: else -> skip
            fi
       :: else -> skip
       fi;
       if
       :: seat != NOBODY ->             /* help */
            do
            :: all_done -> break
            :: !all_done ->
                 atomic {
                   if
                   :: queue > 0 -> queue--; got = true
                   :: else -> got = false
                   fi
                 };
                 if
                 :: got -> got = false; run_task()
                 :: else ->
                      look();
                      if
                      :: true -> skip
                      :: queue == 0 -> break
                      fi
                 fi
            od;
            leave();
            if
            :: queue > 0 -> call_one()
            :: else -> skip
            fi
       :: else -> skip
       fi;
       if
       :: queue > 0 -> skip             /* once more */
       :: queue == 0 -> all_done        /* asleep until then */
       fi
  od;
  waiter_over = true
}

active proctype Bounds() {
end: assert(taken <= SEATS && looking <= taken)
}

init {
  byte i;
  atomic {
    for (i : 1 .. SEATS) { run Worker() };
    for (i : 1 .. PUSHERS) { run Pusher() };
    run Waiter()
  };
  waiter_over;
  timeout;                              /* when nobody has anything left to do */
  assert(queue == 0 && jobs == 0 && taken == 0 && looking == 0 && calls == 0)
}
