/** What OTP's erts_literal_area_collector asks of the VM. */
import { badarg, notsup, outOfMemory, trapTo } from '../errors';
import {
  am_check_gc,
  am_copy_literals,
  am_false,
  am_init,
  am_need_gc,
  am_ok,
  am_true,
} from '../gen/atoms';
import { reasonsUnderWay } from '../exit';
import { BIF_releaseAreaSwitch0 } from '../gen/bifs';
import { P_ID, P_PRIORITY } from '../gen/layout';
import { beginBatch, endBatch } from '../literal_areas';
import {
  collectorLooks,
  hasCollector,
  literalCollector,
  setLiteralCollector,
} from '../literal_collector';
import { deliver, livingProcess, tuple3 } from '../signals';
import { chargeReductions, current, spendSlice } from '../state';
import { TASK_FIND_LITERALS, TASK_MOVE_LITERALS, requestTask } from '../system_tasks';
import { isLocalPid } from '../term';

/** Off-heap objects that are freed before others may run. */
const OBJECTS_AT_ONCE: u32 = 64;

/**
 * Free the areas about which all processes have been asked, and begin with others; false when there
 * are none. On a VM without OTP's processes whoever asks is the collector.
 */
// bif: erts_literal_area_collector:release_area_switch/0
export function releaseAreaSwitch0(): u64 {
  if (!hasCollector()) setLiteralCollector(load<u64>(current, P_ID));
  if (literalCollector() != current) return notsup();
  chargeReductions(OBJECTS_AT_ONCE as i32);
  // Nobody asks processes that exit, but their reasons may still refer to literals.
  if (reasonsUnderWay) {
    spendSlice();
    return trapTo(BIF_releaseAreaSwitch0, 0);
  }
  if (!endBatch(OBJECTS_AT_ONCE)) return trapTo(BIF_releaseAreaSwitch0, 0);
  collectorLooks();
  return beginBatch() ? am_true : am_false;
}
/** The answer is the message {copy_literals, {Area, How, Pid}, Result}. */
// bif: erts_literal_area_collector:send_copy_request/3
export function sendCopyRequest3(pid: u64, area: u64, how: u64): u64 {
  if (literalCollector() != current) return notsup();
  const moves = how == am_need_gc || how == am_check_gc;
  if (!isLocalPid(pid) || (how != am_init && !moves)) return badarg();
  const id = tuple3(area, how, pid);
  const process = livingProcess(pid);
  if (!process)
    return deliver(current, tuple3(am_copy_literals, id, am_ok)) ? am_ok : outOfMemory();
  const kind = moves ? TASK_MOVE_LITERALS : TASK_FIND_LITERALS;
  const priority = load<u32>(process, P_PRIORITY);
  return requestTask(process, priority, kind, 0, load<u64>(current, P_ID), id)
    ? am_ok
    : outOfMemory();
}
