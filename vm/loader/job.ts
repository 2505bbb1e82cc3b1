/**
 * The one module that is being loaded, in slices (architecture D6). The loader keeps its state in
 * variables of its own, so there is one job at a time. Whoever wants to load something else goes on
 * with it first, in his own time: so it does not matter whether the process that began it has its
 * turn, or lives on.
 *
 * A job belongs to a *ticket*, which gets the result: that of a process (vm/bif/code.ts), or the
 * one of the boot archive, whose modules become current at once, whoever finishes them.
 *
 *   ticket: +-------+----------+---------------+----------------+----------+
 *           | state | instance | report, bytes | address, bytes | lineless |   u32 each
 *           +-------+----------+---------------+----------------+----------+
 */
import { allocate, release } from '../alloc';
import { chargeReductions } from '../state';
import { somethingWaits } from '../walk';
import { resetChunks, setLineless } from './chunks';
import { literalsReset, releaseLiterals, releasePlain } from './literals';
import { releasePlaced, takePlaced } from './place';
import { clearReport, reportLength, reportText, restoreReport } from './report';
import { releaseScratch } from './scratch';
import { PREPARE_DONE, PREPARE_MORE, beginSteps, continueSteps } from './steps';

export const TICKET_BYTES: u32 = 32;
const STATE: u32 = 0;
const INSTANCE: u32 = 4;
const REPORT: u32 = 8;
const REPORT_BYTES: u32 = 12;
const ADDRESS: u32 = 16;
const BYTES: u32 = 20;
/** Line numbers are left out. */
const LINELESS: u32 = 24;

const WAITS: u32 = 0;
const UNDER_WAY: u32 = 1;
const PREPARED: u32 = 2;
const REFUSED: u32 = 3;

/** Work of one slice (slices.ts), and what it counts as. */
const SLICE_WORK: i32 = 160;
const SLICE_REDUCTIONS: i32 = 14;
const ALL_WORK: i32 = 0x7fff_ffff;

/** The ticket of the job under way, 0 = there is none. */
let ticket: usize = 0;

/** A fresh ticket for the file at `address`, which must stay there until the job is over. */
export function writeTicket(at: usize, address: usize, bytes: u32, lineless: bool): void {
  store<u64>(at, 0);
  store<u64>(at, 0, REPORT);
  store<u32>(at, address as u32, ADDRESS);
  store<u32>(at, bytes, BYTES);
  store<u32>(at, lineless ? 1 : 0, LINELESS);
}
/** The instance of a ticket whose job is over, 0 after a report, which is restored. */
export function takeInstance(at: usize): usize {
  const instance = load<u32>(at, INSTANCE) as usize;
  store<u32>(at, 0, INSTANCE);
  const report = load<u32>(at, REPORT) as usize;
  if (report) restoreReport(report, load<u32>(at, REPORT_BYTES));
  release(report);
  store<u32>(at, 0, REPORT);
  return instance;
}
/** Nobody is interested in the result any more. */
export function tearTicket(at: usize): void {
  if (ticket == at) {
    releasePlaced();
    abandon();
  }
  release(load<u32>(at, REPORT));
  store<u32>(at, 0, REPORT);
}

/**
 * Go on with the job of the ticket, or before it with the one under way, until something else must
 * run. True when the ticket has its result.
 */
export function advance(at: usize): bool {
  do {
    if (load<u32>(at, STATE) >= PREPARED) return true;
    if (!ticket) begin(at);
    chargeReductions(SLICE_REDUCTIONS);
    slice(SLICE_WORK);
  } while (!somethingWaits());
  return load<u32>(at, STATE) >= PREPARED;
}
/** The same to the end at once, for callers that cannot be left. */
export function finishAll(at: usize): void {
  while (load<u32>(at, STATE) < PREPARED) {
    if (!ticket) begin(at);
    slice(ALL_WORK);
  }
}

function begin(at: usize): void {
  ticket = at;
  store<u32>(at, UNDER_WAY, STATE);
  clearReport();
  resetChunks();
  setLineless(load<u32>(at, LINELESS) != 0);
  literalsReset();
  beginSteps(load<u32>(at, ADDRESS), load<u32>(at, BYTES));
}
function slice(units: i32): void {
  const state = continueSteps(units);
  if (state == PREPARE_MORE) return;
  const at = ticket;
  if (state == PREPARE_DONE) {
    store<u32>(at, takePlaced() as u32, INSTANCE);
    store<u32>(at, PREPARED, STATE);
    literalsReset();
  } else {
    releasePlaced();
    keepReport(at);
    store<u32>(at, REFUSED, STATE);
  }
  abandon();
}
/** What is left of the job is freed. */
function abandon(): void {
  releasePlain();
  releaseLiterals();
  releaseScratch();
  ticket = 0;
}
/** Other modules may be refused before the process of the ticket asks why. */
function keepReport(at: usize): void {
  const length = reportLength();
  const copy = allocate(max(length, 1));
  if (!copy) return;
  memory.copy(copy, reportText(), length);
  store<u32>(at, copy as u32, REPORT);
  store<u32>(at, length, REPORT_BYTES);
}
