/** The thread in which the VM of a guest runs that stands in for a program of the host. */
import { parentPort, workerData } from 'node:worker_threads';
import type { GuestMessage, GuestStart } from './outside_messages.ts';
import { endingText, runPc } from './pc.ts';
import { StandardStreams } from './standard_streams.ts';

const memoryBytes = 2 ** 31;
const stoppedStatus = 1;
const panicStatus = 134;

function run(start: GuestStart, post: (message: GuestMessage) => void): void {
  const streams = new StandardStreams(start, post);
  const result = runPc({
    wasm: start.wasm,
    archive: start.archive,
    memoryBytes,
    seed: BigInt(Date.now()),
    mounts: [{ host: '/', guest: '/' }],
    command: { words: start.words, variables: start.variables, streams },
    onSerial: (bytes) => streams.writeAnyway(2, bytes),
    wallClockNs: BigInt(Date.now()) * 1_000_000n,
  });
  if (result.panic !== undefined) post({ kind: 'over', status: panicStatus, text: result.panic });
  else if (result.status === null) {
    const text = `the system stopped: ${endingText(result.ending)}`;
    post({ kind: 'over', status: stoppedStatus, text });
  } else post({ kind: 'over', status: result.status });
}

const parent = parentPort;
if (parent) run(workerData as GuestStart, (message) => parent.postMessage(message));
