import { randomBytes } from 'node:crypto'
import { InvalidArgumentError } from '@viscpm/core'
import type { FileLimits } from './types.js'

const defaults: FileLimits = {
  maxFiles: 1000,
  maxBytes: 512 * 2 ** 20,
  maxFilesPerOwner: 100,
  maxBytesPerOwner: 128 * 2 ** 20,
  keepMs: 3_600_000,
}

/** @throws InvalidArgumentError for a limit that is no whole number above 0 */
export function fileLimits(given: Partial<FileLimits> = {}): FileLimits {
  const limits = { ...defaults, ...given }
  for (const [name, value] of Object.entries(limits))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError({ argument: `files.${name}`, message: 'must be a whole number above 0' })
  return limits
}

/** Nobody guesses one; whose it is is looked at all the same. */
export const newFileId = (): string => `file-${randomBytes(15).toString('hex')}`

/** Whether a text could be the id of an uploaded file. */
export const isFileId = (text: string): boolean => /^file-[A-Za-z0-9]{1,64}$/.test(text)
