import { appendFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WriteFailedError } from '@viscpm/core'
import type { AuditLine, AuditSink } from '../audit/index.js'

/**
 * Appends audit lines to a file, one JSON object each, in the order of the decisions. The file is made if it is not there,
 * readable by its owner only; what is in it stays. Lines are whole: each is one write.
 * @throws (the sink) WriteFailedError
 */
export function auditFile(path: string): AuditSink {
  const file = resolve(path)
  let last: Promise<void> = Promise.resolve()
  const append = async (line: AuditLine): Promise<void> => {
    try {
      await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      throw new WriteFailedError({ file, message: `the audit line cannot be written (${code ?? message})`, cause })
    }
  }
  return line => {
    const mine = last.then(() => append(line))
    last = mine.catch(() => {})
    return mine
  }
}
