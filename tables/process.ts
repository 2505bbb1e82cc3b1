/**
 * The process control block, field by field; tools/gen.ts turns rows into offsets `P_NAME` for AssemblyScript.
 * Grouped by who writes them. Sizes in bytes; fields are aligned to their size in this order.
 */
export interface Field {
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly doc: string;
}
const f = (name: string, size: 1 | 2 | 4 | 8, doc: string): Field => ({ name, size, doc });

export const processFields: readonly Field[] = [
  // Heap: written by the process while it runs, by its collector otherwise. Addresses in bytes.
  f('HEAP_START', 4, 'first word of the young generation'),
  f('HEAP_END', 4, 'end of the block; the stack grows down from here'),
  f('HEAP_TOP', 4, 'next free word (saved while the process does not run)'),
  f('STACK_TOP', 4, 'lowest word of the stack (saved while the process does not run)'),
  f('MATURE', 4, 'words below survived a collection: the next one promotes them'),
  f('OLD_START', 4, 'old generation, 0 when there is none'),
  f('OLD_TOP', 4, 'next free word of the old generation'),
  f('OLD_END', 4, 'its end'),
  f('FRAGMENTS', 4, 'list of heap fragments that belong to the process (vm/heap.ts)'),
  f('FRAGMENT_WORDS', 4, 'words in them'),
  f('OFF_HEAP', 4, 'first object of the list of RefcBinary and magic Reference objects'),
  f(
    'OFF_HEAP_WORDS',
    4,
    'off-heap memory kept alive by new objects since the last collection, in words',
  ),
  f('OLD_OFF_HEAP', 4, 'the same list of the old generation'),
  f('OLD_OFF_HEAP_WORDS', 4, 'off-heap memory kept alive by the old generation, in words'),
  f('OLD_OFF_HEAP_LIMIT', 4, 'above this a full sweep is due'),
  f('GC_STATE', 4, 'address of the state of a collection in progress, 0 when none'),
  f('GC_MINOR_COUNT', 4, 'minor collections since the last full sweep'),
  f('GC_TOTAL_MINOR', 4, 'minor collections since the process started'),
  f('GC_NEED', 4, 'words to reserve when the collection in progress ends'),
  f('GC_BEFORE', 4, 'words in use when the collection in progress began'),
  f('GC_BEGAN', 4, 'when it began, ms since boot; only when somebody wants to know'),
  f('FULLSWEEP_AFTER', 4, 'minor collections between full sweeps'),
  f('MIN_HEAP', 4, 'least heap size in words'),
  f('MAX_HEAP', 8, 'largest heap size in words, 0 = none'),
  f('MAX_HEAP_FLAGS', 4, 'bit 0 kill, bit 1 error_logger'),
  // Where to go on.
  f('PC', 4, 'address of the next instruction'),
  f('CP', 8, 'continuation register'),
  f('LIVE', 4, 'X registers saved in SAVED_X'),
  f(
    'SAVED_X',
    4,
    'address of the saved X registers: INLINE_X of this block, or memory of their own',
  ),
  f('SAVED_X_CAPACITY', 4, 'registers that fit there'),
  f('CATCHES', 4, 'catches and tries on the stack'),
  f('INITIAL_MODULE', 8, 'atom'),
  f('INITIAL_FUNCTION', 8, 'atom'),
  f('INITIAL_ARITY', 4, ''),
  // Roots.
  f('DICTIONARY', 4, 'hash table of the process dictionary (vm/bif/dictionary.ts), 0 when empty'),
  f('GROUP_LEADER', 8, 'pid; may be an external one (boxed)'),
  f('EXIT_REASON', 8, 'reason with which the process exits'),
  f('EXIT_PHASE', 4, 'what its end does next (vm/exit.ts)'),
  f('EXIT_FRAGMENT', 4, 'fragment that holds the reason of a pending exit signal'),
  f('SEQ_TRACE', 8, 'sequential trace token'),
  f('TRAPPED_CALL', 8, 'arguments of the BIF that goes on in another one (a tuple), 0 = none'),
  f('TRAPPED_ENTRY', 4, 'its export entry'),
  f('TRAPPED_AT', 4, 'the instruction that called it in tail position, or 0'),
  f('ROOTS', 4, 'list of root blocks (vm/roots.ts)'),
  // Identity and state: scheduler and signals.
  f('ID', 8, 'pid term'),
  f('STATE', 4, 'waiting, runnable, running, collecting, exiting (vm/process.ts)'),
  f('FLAGS', 4, 'trap_exit and friends'),
  f('PRIORITY', 4, '0 max, 1 high, 2 normal, 3 low'),
  f('NEXT_RUN', 4, 'next process of the run queue'),
  f('PREVIOUS_RUN', 4, ''),
  f('SUSPENDED', 4, 'suspend count'),
  f('REDUCTIONS', 8, 'reductions executed'),
  f('NAME', 8, 'registered name, or 0'),
  f('ERROR_HANDLER', 8, 'module that takes calls of what is not there, 0 = error_handler'),
  f('PARENT', 8, 'pid of the parent'),
  f('TIMER', 4, 'receive timer, 1 = it fired'),
  f('SEND_TIMERS', 4, 'list of timers that will send to its pid (vm/send_timers.ts)'),
  f('RESOURCES', 4, 'list of hardware resources owned'),
  f('FILES', 4, 'list of open files owned (vm/files/open_file.ts)'),
  f('PORTS', 4, 'list of ports that this process drives'),
  f('BIG_JOB', 4, 'long operation on big integers under way (vm/big_job.ts), 0 when none'),
  f('WALK', 4, 'walk over a large term that was put aside (vm/walk.ts), 0 when none'),
  f('ALIASES', 4, 'list of active aliases'),
  f('TABLES', 4, 'list of ETS tables owned'),
  f('FIXATIONS', 4, 'list of ETS tables fixed'),
  f('LINKS', 4, 'list of links'),
  f('LINK_COUNT', 4, ''),
  f('MONITORS', 4, 'monitors this process holds'),
  f('MONITORED_BY', 4, 'monitors others hold on this process'),
  f('SUSPENDERS', 4, 'processes suspended by this one'),
  f('SEQUENTIAL', 4, 'clock and tokens of messages (vm/trace/sequential.ts), 0 = none'),
  f('TRACING', 4, 'how and by whom it is traced (vm/trace/tracing.ts), 0 when it is not'),
  // Mailbox.
  f('MAILBOX_FIRST', 4, 'first message'),
  f('MAILBOX_LAST', 4, 'last message'),
  f('MAILBOX_SAVE', 4, 'the last message that the current receive passed over, 0 = none'),
  f('MAILBOX_COUNT', 4, 'messages in the mailbox'),
  f(
    'MAILBOX_OPENED',
    4,
    'messages there whose terms are on the heap: a receive has looked at them',
  ),
  f('MARK_NODE', 4, 'the last message when a receive marker was reserved, 0 = none'),
  f('MARK_OWNER', 8, "whose marker that is (vm/receive_marker.ts), 0 = nobody's"),
  f('MARKERS', 4, 'its further receive markers, 0 = none'),
  // Room for the X registers of most swapped-out processes.
  f('INLINE_X', 8, 'first of three saved X registers'),
  f('INLINE_X1', 8, ''),
  f('INLINE_X2', 8, ''),
];
