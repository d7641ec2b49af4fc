import { limits } from './limits.js'

const quote = 0x22
const backslash = 0x5c

/** Where and why a JSON text is not what was expected; the caller knows the file. */
export class JsonSyntaxError extends Error {
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message)
  }
}

// All tensors that may be, and __metadata__.
const maxKeys = limits.tensors + 1
const digits = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y
const space = /[ \t\r\n]*/y
const scalar = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y

/**
 * Reads JSON of a known form token by token. Unlike JSON.parse it sees duplicate keys, and makes nothing that was not
 * asked for.
 */
export class JsonCursor {
  position = 0
  constructor(readonly text: string) {}

  fail(message: string): JsonSyntaxError {
    return new JsonSyntaxError(message, this.position)
  }

  /** Consumes `token` if it is next. */
  accept(token: string): boolean {
    this.#match(space)
    if (!this.text.startsWith(token, this.position)) return false
    this.position += token.length
    return true
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.fail(`'${token}' was expected`)
  }

  string(): string {
    this.#match(space)
    const start = this.position
    if (this.text[start] !== '"') throw this.fail('a string was expected')
    let end = start + 1
    while (end < this.text.length && this.text.charCodeAt(end) !== quote)
      end += this.text.charCodeAt(end) === backslash ? 2 : 1
    if (end >= this.text.length) throw this.fail('a string without end')
    let value: string
    try {
      value = JSON.parse(this.text.slice(start, end + 1)) as string
    } catch {
      throw this.fail('a broken string')
    }
    if (/\p{Surrogate}/u.test(value)) throw this.fail('half a surrogate pair in a string')
    this.position = end + 1
    return value
  }

  /** A whole number >= 0 that a double holds exactly. */
  size(): number {
    this.#match(space)
    const value = Number(this.#match(digits) ?? Number.NaN)
    if (!Number.isSafeInteger(value)) throw this.fail('a whole number >= 0 was expected')
    return value
  }

  /** Calls `read` for each element of an array. */
  array(read: () => void): void {
    this.expect('[')
    if (this.accept(']')) return
    do read()
    while (this.accept(','))
    this.expect(']')
  }

  /** Calls `read` at the value of each key of an object; a key that comes twice, or too many of them, is an error. */
  object(read: (key: string) => void): void {
    this.expect('{')
    if (this.accept('}')) return
    const seen = new Set<string>()
    do {
      const key = this.string()
      if (seen.size >= maxKeys) throw this.fail(`over ${maxKeys} keys`)
      if (seen.has(key)) throw this.fail(`the key ${JSON.stringify(key.slice(0, 80))} is there twice`)
      seen.add(key)
      this.expect(':')
      read(key)
    } while (this.accept(','))
    this.expect('}')
  }

  /** Passes over any value, at most `depth` levels deep. */
  skip(depth = 16): void {
    if (depth === 0) throw this.fail('nested too deeply')
    this.#match(space)
    const c = this.text[this.position]
    if (c === '{') this.object(() => this.skip(depth - 1))
    else if (c === '[') this.array(() => this.skip(depth - 1))
    else if (c === '"') this.string()
    else if (this.#match(scalar) === undefined) throw this.fail('a value was expected')
  }

  end(): void {
    this.#match(space)
    if (this.position !== this.text.length) throw this.fail('something follows the end')
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.position += found.length
    return found
  }
}
