import { FileFormatError } from '@viscpm/core'

export type Language = 'en' | 'zh'

/** The same meaning in both languages. */
export interface TextPair {
  /** Unique among all lines of its type. */
  readonly id: string
  readonly en: string
  readonly zh: string
}

/** A question about a picture. */
export interface QuestionPair extends TextPair {
  /** The picture's file, relative to the file of pairs. */
  readonly picture: string
  /** Facts that a right answer states, by their names in the lexicon; absent where the truth is not known. */
  readonly facts?: readonly string[]
}

/** What is compared: each part needs some kind of pairs. */
export interface PairSet {
  /** What is painted; also what checkers and the painter's language model read. */
  readonly prompts: readonly TextPair[]
  /** What is asked; also what checkers and the chat's language model read. */
  readonly questions: readonly QuestionPair[]
  /** What only checkers read, harmful texts among it. */
  readonly texts: readonly TextPair[]
}

const types = { prompt: 'prompts', question: 'questions', text: 'texts' } as const

/**
 * Reads pairs from JSON Lines: on each line an object with `type` (prompt, question or text), `id`, `en` and `zh`; a question also
 * has `picture` and may have `facts`. Empty lines are skipped.
 * @param file for messages
 * @throws FileFormatError naming line and field
 */
export function parsePairs(jsonLines: string, file: string): PairSet {
  const set = { prompts: [] as TextPair[], questions: [] as QuestionPair[], texts: [] as TextPair[] }
  const seen = new Set<string>()
  for (const [i, line] of jsonLines
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue
    const fail = (message: string, cause?: unknown): never => {
      throw new FileFormatError({ file, message: `line ${i + 1}: ${message}`, cause })
    }
    const record = parsedLine(line, fail)
    const text = (field: string): string => {
      const value = record[field]
      if (typeof value !== 'string' || value.trim() === '') return fail(`'${field}' must be a text that is not empty`)
      return value
    }
    const type = text('type')
    if (!Object.hasOwn(types, type)) return fail(`'type' is ${JSON.stringify(type)}, not prompt, question or text`)
    const pair = { id: text('id'), en: text('en'), zh: text('zh') }
    if (seen.has(`${type} ${pair.id}`)) return fail(`'id' ${JSON.stringify(pair.id)} is there already`)
    seen.add(`${type} ${pair.id}`)
    if (type === 'question') set.questions.push({ ...pair, picture: text('picture'), ...factsOf(record.facts, fail) })
    else set[types[type as 'prompt' | 'text']].push(pair)
  }
  if (seen.size === 0) throw new FileFormatError({ file, message: 'has no pairs' })
  return set
}

function parsedLine(line: string, fail: (message: string, cause?: unknown) => never): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    return fail('is not JSON', cause)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail('is no object')
  return json as Record<string, unknown>
}

function factsOf(facts: unknown, fail: (message: string) => never): { facts?: readonly string[] } {
  if (facts === undefined) return {}
  if (!Array.isArray(facts) || facts.length === 0 || !facts.every(fact => typeof fact === 'string'))
    return fail("'facts' must be a list of names")
  return { facts: facts as string[] }
}
