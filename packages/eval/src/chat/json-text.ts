import { FileFormatError } from '@viscpm/core'

/** Fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** @throws Error when it is no JSON object */
export function fieldsOf(json: unknown): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('is no JSON object')
  return json as Fields
}

/** @throws Error when the field is absent or no text */
export function textField(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new Error(`'${name}' is no text`)
  return value
}

/** Reads text of one JSON value a line; empty lines are passed over. @throws FileFormatError naming file and line */
export function parseJsonLines<T>(text: string, file: string, parse: (json: unknown) => T): T[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [parse(JSON.parse(line.replace(/^\ufeff/, '')))]
    } catch (cause) {
      throw new FileFormatError({ file, message: `line ${i + 1}: ${(cause as Error).message}`, cause })
    }
  })
}

/** By a key that must be there once. @throws FileFormatError naming what is there twice */
export function keyed<T>(records: readonly T[], file: string, keyOf: (record: T) => string): Map<string, T> {
  const found = new Map<string, T>()
  for (const record of records) {
    const key = keyOf(record)
    if (found.has(key)) throw new FileFormatError({ file, message: `'${key}' is there twice` })
    found.set(key, record)
  }
  return found
}
