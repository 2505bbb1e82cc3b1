/**
 * What the two threads of a guest that stands in for a program of the host tell each other: the VM
 * runs in one of them and never returns to Node's event loop, the other one has the loop, in which
 * Node serves streams, programs, signals and the terminal.
 *
 * Messages to the VM lie in the port's queue until the VM looks (receiveMessageOnPort); a counter
 * in shared memory says that there is one more, and wakes a VM that waits.
 */
import type { MessagePort } from 'node:worker_threads';

/** From the VM's thread. */
export type GuestMessage =
  /** Read from a standard stream from now on. */
  | { readonly kind: 'listen'; readonly descriptor: number }
  /** The VM has taken so many bytes of what was read. */
  | { readonly kind: 'taken'; readonly descriptor: number; readonly bytes: number }
  | { readonly kind: 'write'; readonly descriptor: number; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly descriptor: number }
  | { readonly kind: 'start'; readonly program: ProgramStart }
  | { readonly kind: 'signals'; readonly numbers: readonly number[] }
  | { readonly kind: 'terminalMode'; readonly keys: boolean }
  /** The run is over. */
  | { readonly kind: 'over'; readonly status: number; readonly text?: string };

/** A program to start; descriptors are those of the VM, null for none. */
export interface ProgramStart {
  readonly path: string;
  readonly folder: string | null;
  readonly words: readonly string[];
  readonly variables: readonly string[];
  readonly input: number | null;
  readonly output: number | null;
  readonly errorsToOutput: boolean;
  readonly otherDescriptors: boolean;
}

/** To the VM's thread. */
export type OutsideMessage =
  | { readonly kind: 'input'; readonly descriptor: number; readonly bytes: Uint8Array }
  /** No more input; `error` is a negative error number. */
  | { readonly kind: 'end'; readonly descriptor: number; readonly error: number }
  /** So many bytes were written, or an error has come. */
  | {
      readonly kind: 'written';
      readonly descriptor: number;
      readonly bytes: number;
      readonly error: number;
    }
  /** The answer to `start`: the number of the process, or a negative error number. */
  | { readonly kind: 'started'; readonly pid: number }
  /** `status` as of waitpid(2). */
  | { readonly kind: 'ended'; readonly pid: number; readonly status: number }
  | { readonly kind: 'signal'; readonly number: number }
  | { readonly kind: 'window'; readonly columns: number; readonly rows: number };

/** What the VM's thread is started with. */
export interface GuestStart {
  readonly wasm: WebAssembly.Module;
  readonly archive: Uint8Array;
  readonly words: readonly string[];
  readonly variables: readonly string[];
  /** Messages from outside, and how many there have been. */
  readonly port: MessagePort;
  readonly counter: Int32Array;
  /** Which standard streams are terminals, and the size of the terminal. */
  readonly terminals: readonly boolean[];
  readonly window: { readonly columns: number; readonly rows: number };
}

/** Bytes of a stream that may be on their way, in each direction. */
export const bytesOnTheWayMax = 1 << 17;
