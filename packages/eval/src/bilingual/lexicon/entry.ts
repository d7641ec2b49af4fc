import { FileFormatError } from '@viscpm/core'

/** Words of both languages that say the same. */
export interface LexiconEntry {
  /** What they say, such as `colour:red`; several where one word says several things ('top right'). */
  readonly facts: readonly string[]
  readonly en: readonly string[]
  readonly zh: readonly string[]
}

/**
 * Reads a lexicon from JSON Lines: on each line an object with `fact` (a name), `en` and `zh` (lists of words).
 * @param file for messages
 * @throws FileFormatError naming line and field
 */
export function parseLexicon(jsonLines: string, file: string): LexiconEntry[] {
  return jsonLines.split('\n').flatMap((line, i): LexiconEntry[] => {
    if (line.trim() === '') return []
    const fail = (message: string, cause?: unknown): never => {
      throw new FileFormatError({ file, message: `line ${i + 1}: ${message}`, cause })
    }
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch (cause) {
      return fail('is not JSON', cause)
    }
    const { fact, en, zh } = (json ?? {}) as Record<string, unknown>
    if (typeof fact !== 'string' || fact === '') return fail("'fact' must be a name")
    const words = (field: string, value: unknown): string[] =>
      Array.isArray(value) && value.length > 0 && value.every(word => typeof word === 'string' && word !== '')
        ? (value as string[])
        : fail(`'${field}' must be a list of words`)
    return [{ facts: [fact], en: words('en', en), zh: words('zh', zh) }]
  })
}
