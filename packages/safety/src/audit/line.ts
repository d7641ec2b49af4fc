import { type Image, type Logger, type Stage, sha256, type Verdict } from '@viscpm/core'
import type { Action } from '../policy/index.js'

/** What one checker said, without its reason: that may quote the input. */
export type AuditVerdict = Pick<Verdict, 'decision' | 'checker' | 'category' | 'score' | 'threshold' | 'modelHash'>

/** One decision, for the record. Never the content: only its hash. JSON. */
export interface AuditLine {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly stage: Stage
  /** SHA-256 in hexadecimal: of a text's UTF-8, or of a picture's width and height (big-endian uint32) and pixels. */
  readonly input: string
  /** The worst of the verdicts; 'none' where there is no checker. */
  readonly verdict: Verdict['decision'] | 'none'
  readonly action: Action
  /** The policy's name. */
  readonly policy: string
  /** Who gave the worst verdict; 'none' where there is no checker. */
  readonly checker: string
  /** Of the weights or word list behind that verdict. */
  readonly modelHash?: string
  /** Of the model that is guarded, where it was given. */
  readonly model?: string
  readonly verdicts: readonly AuditVerdict[]
}

/** Where audit lines go. One that throws stops the check: there is no decision without its line. */
export type AuditSink = (line: AuditLine) => void | Promise<void>

/** Writes audit lines to a logger: 'info', or 'warn' where something was not allowed. */
export function auditLogger(logger: Logger): AuditSink {
  return line => {
    const level = line.action === 'allow' ? 'info' : 'warn'
    logger[level]('safety decision', { ...line })
  }
}

/** What is kept of a verdict. */
export function auditVerdict({ decision, checker, category, score, threshold, modelHash }: Verdict): AuditVerdict {
  return {
    decision,
    checker,
    ...(category !== undefined && { category }),
    ...(score !== undefined && { score }),
    ...(threshold !== undefined && { threshold }),
    ...(modelHash !== undefined && { modelHash }),
  }
}

/** See `AuditLine.input`. Lone surrogates of a text count as U+FFFD. */
export async function inputHash(input: string | Image): Promise<string> {
  return sha256(bytesOf(input))
}

function bytesOf(input: string | Image): Uint8Array<ArrayBuffer> {
  if (typeof input === 'string') return new TextEncoder().encode(input)
  const bytes = new Uint8Array(8 + input.data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, input.width)
  view.setUint32(4, input.height)
  bytes.set(input.data, 8)
  return bytes
}
