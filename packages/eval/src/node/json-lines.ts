import { open, readFile, truncate } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { FileFormatError, InvalidArgumentError } from '@viscpm/core'
import { isLock, tryLock, writeFailed } from '@viscpm/core/node'

/** A file of results that grows by a line at a time, and that a later run goes on with. */
export interface JsonLines<T> {
  readonly path: string
  /** What earlier runs wrote, in their order. */
  readonly found: readonly T[]
  /** Adds a line, after those that were given before; resolved when it is on the disk. @throws WriteFailedError, from then on always */
  append(record: T): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a file of results, or makes it: a first line with the settings that they hold for, then one JSON object a line.
 * A last line that a crash cut off is dropped. One process at a time writes to it.
 * @param settings plain JSON: whatever makes results comparable (model, prompts' hash, options)
 * @throws InvalidArgumentError when the file holds results of other settings, or another process writes to it
 * @throws FileFormatError when a whole line is no JSON object, or `parse` refuses it
 * @throws WriteFailedError
 */
export async function openJsonLines<S, T>(
  path: string,
  settings: S,
  parse: (json: unknown) => T,
): Promise<JsonLines<T>> {
  const lock = await tryLock(`${path}.lock`)
  if (!isLock(lock)) {
    throw new InvalidArgumentError({
      argument: path,
      message: `process ${lock.pid} on ${lock.host} writes to it`,
      hint: 'Wait until it ends, or name another file.',
    })
  }
  try {
    const { header, records, bytes, complete } = await readLines(path)
    if (header !== undefined && !isDeepStrictEqual(header, JSON.parse(JSON.stringify(settings)))) {
      throw new InvalidArgumentError({
        argument: path,
        message: `holds results of other settings: ${differing(header, settings)}`,
        hint: 'Name another file, or give the same settings again.',
      })
    }
    const found = records.map((record, i) => parsed(parse, record, path, i + 2))
    if (!complete) await truncate(path, bytes)
    const handle = await open(path, 'a')
    const write = async (value: unknown): Promise<void> => {
      try {
        await handle.appendFile(`${JSON.stringify(value)}\n`)
        await handle.datasync()
      } catch (cause) {
        throw writeFailed(path, cause)
      }
    }
    if (header === undefined)
      await write({ settings }).catch(async (error: unknown) => {
        await handle.close()
        throw error
      })
    // One after the other: lines must not run into each other, and nothing follows half a line.
    let last: Promise<void> = Promise.resolve()
    return {
      path,
      found,
      append: record => {
        last = last.then(() => write(record))
        return last
      },
      close: async () => {
        await handle.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Reads a file that `openJsonLines` made. @throws FileFormatError as there; or when it is not such a file */
export async function readJsonLines<T>(
  path: string,
  parse: (json: unknown) => T,
): Promise<{ readonly settings: unknown; readonly records: readonly T[] }> {
  const { header, records } = await readLines(path)
  if (header === undefined) throw new FileFormatError({ file: path, message: 'has no first line with settings' })
  return { settings: header, records: records.map((record, i) => parsed(parse, record, path, i + 2)) }
}

async function readLines(path: string) {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw writeFailed(path, error)
  })
  const end = text.lastIndexOf('\n') + 1
  const lines = text.slice(0, end).split('\n').slice(0, -1)
  const objects = lines.map((line, i) => {
    try {
      return JSON.parse(line) as unknown
    } catch (cause) {
      throw new FileFormatError({ file: path, message: `line ${i + 1} is not JSON`, cause })
    }
  })
  const [first, ...records] = objects
  const header = (first as { settings?: unknown } | undefined)?.settings
  if (first !== undefined && header === undefined) {
    throw new FileFormatError({ file: path, message: 'has no first line with settings' })
  }
  return { header, records, bytes: Buffer.byteLength(text.slice(0, end)), complete: end === text.length }
}

function parsed<T>(parse: (json: unknown) => T, record: unknown, file: string, line: number): T {
  try {
    return parse(record)
  } catch (cause) {
    throw new FileFormatError({ file, message: `line ${line}: ${(cause as Error).message}`, cause })
  }
}

/** The fields that differ, for a message. */
function differing(before: unknown, now: unknown): string {
  const [a, b] = [before, now].map(v => (typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {}))
  const keys = [...new Set([...Object.keys(a!), ...Object.keys(b!)])].filter(k => !isDeepStrictEqual(a![k], b![k]))
  return keys.map(key => `${key} was ${JSON.stringify(a![key])}, is ${JSON.stringify(b![key])}`).join('; ')
}
