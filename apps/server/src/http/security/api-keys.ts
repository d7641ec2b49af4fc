import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError, FileNotFoundError } from '@viscpm/core'

/** A key as it is kept: its hash, never itself. */
interface KnownKey {
  readonly name: string
  readonly hash: Buffer
  /** Milliseconds since 1970. */
  readonly until: number
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key, 'utf8').digest()

/** Keys that clients may have, each with a name, which is who its jobs belong to. */
export class ApiKeys {
  private constructor(private readonly known: readonly KnownKey[]) {}

  get names(): readonly string[] {
    return this.known.map(({ name }) => name)
  }

  /**
   * Reads lines of `NAME KEY`, or `NAME KEY until=YYYY-MM-DD`; lines that begin with # are comments.
   * @throws ConfigError naming the line
   */
  static parse(text: string, file: string): ApiKeys {
    const keys: KnownKey[] = []
    for (const [i, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() === '' || line.trimStart().startsWith('#')) continue
      const refuse = (message: string): never => {
        throw new ConfigError({
          field: `${file}, line ${i + 1}`,
          message,
          hint: 'A line is NAME KEY, or NAME KEY until=YYYY-MM-DD.',
        })
      }
      const [name = '', key = '', until, ...rest] = line.trim().split(/\s+/)
      if (!/^[\w.@-]{1,64}$/.test(name) || name === 'anonymous') refuse('has no name that can be used')
      if (!/^[\x21-\x7e]{16,256}$/.test(key)) refuse('has no key of 16 to 256 visible ASCII characters')
      if (rest.length > 0) refuse('has too many words')
      if (until !== undefined && !/^until=\d{4}-\d\d-\d\d$/.test(until))
        refuse('has no date of the form until=YYYY-MM-DD')
      const end = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${until.slice(6)}T23:59:59.999Z`)
      if (Number.isNaN(end)) refuse('has a date that is none')
      const hash = hashOf(key)
      if (keys.some(one => one.name === name)) refuse(`names '${name}' again`)
      if (keys.some(one => one.hash.equals(hash))) refuse('has a key that another line has')
      keys.push({ name, hash, until: end })
    }
    if (keys.length === 0)
      throw new ConfigError({
        field: file,
        message: 'holds no key',
        hint: 'A line is NAME KEY; try `openssl rand -hex 32`.',
      })
    return new ApiKeys(keys)
  }

  /** @throws FileNotFoundError, ConfigError */
  static async read(file: string): Promise<ApiKeys> {
    const text = await readFile(file, 'utf8').catch(cause => {
      throw new FileNotFoundError({ file, message: 'no such file of API keys', cause })
    })
    return ApiKeys.parse(text, file)
  }

  /** Whose key it is. Takes as long for a wrong key as for any right one. */
  ownerOf(key: string, now: number = Date.now()): string | undefined {
    const hash = hashOf(key)
    let owner: string | undefined
    for (const one of this.known) if (timingSafeEqual(hash, one.hash) && now <= one.until) owner = one.name
    return owner
  }
}
