import type { Logger } from '../logger.js'
import type { Progress } from '../progress.js'
import type { WireError } from './wire-error.js'

/** Caller -> hosted side. `id` names one exchange: a load, a call or a stream. */
export type ToHost =
  | { kind: 'load'; id: number; module: string; export: string; args: readonly unknown[] }
  | { kind: 'call'; id: number; method: string; args: readonly unknown[] }
  | { kind: 'stream'; id: number; method: string; args: readonly unknown[]; ahead: number }
  /** The reader took an item: one more may be sent. */
  | { kind: 'more'; id: number }
  /** The reader left the stream. */
  | { kind: 'return'; id: number }
  | { kind: 'abort'; id: number; reason: WireError }
  /** Stop when everything that runs has settled. */
  | { kind: 'dispose' }

/** Hosted side -> caller. Every exchange ends with exactly one result, end or error. */
export type FromHost =
  | { kind: 'result' | 'item' | 'end'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: WireError; aborted: boolean }
  | { kind: 'progress'; id: number; progress: Progress }
  | { kind: 'log'; level: keyof Logger; message: string; fields?: Record<string, unknown> }

/** One end of a two-way connection that keeps order. */
export interface Channel<In, Out> {
  /** @throws DataCloneError when the message cannot be copied. */
  send(message: Out, transfer: readonly ArrayBuffer[]): void
  /** Sets the one receiver. */
  receive(listener: (message: In) => void): void
}

/** The caller's end, and the life of the thread or process at the other. */
export interface HostTransport extends Channel<FromHost, ToHost> {
  /** Resolves when the other side is gone, with what is known about why, in words. */
  readonly exited: Promise<{ reason: string; cause?: unknown }>
  /** Whether to keep this process alive for it. */
  setBusy(busy: boolean): void
  /** Ends the other side at once; absent where that would take this process along. */
  kill?(): void
}
