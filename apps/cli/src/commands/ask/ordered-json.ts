import type { TaskInput, TaskText, TaskValue } from '@viscpm/cpm-bee'
import { marked } from './marked.js'

/** Reads the JSON of a task. The order of keys is part of CPM-Bee's input, and JSON.parse would move `"0"` to the front. */
export class OrderedJson {
  private at = 0

  private constructor(
    private readonly source: string,
    private readonly textOf: (text: string) => TaskText,
  ) {}

  /**
   * @param raw texts stay as they are; else the markers in them are found
   * @returns undefined where the JSON is no object of texts and objects
   * @throws SyntaxError where it is no JSON
   */
  static read(source: string, raw: boolean): TaskInput | undefined {
    // Syntax is left to the engine: after this, only its structure has to be walked.
    JSON.parse(source)
    const value = new OrderedJson(source, raw ? text => text : marked).value()
    return value instanceof Map ? value : undefined
  }

  private value(): TaskValue | undefined {
    const first = this.peek()
    if (first === '"') return this.textOf(this.string())
    return first === '{' ? this.object() : undefined
  }

  private object(): ReadonlyMap<string, TaskValue> | undefined {
    const entries = new Map<string, TaskValue>()
    this.at++
    if (this.peek() === '}') {
      this.at++
      return entries
    }
    for (;;) {
      this.peek()
      const key = this.string()
      this.peek()
      this.at++ // the colon
      // An answer to be written stays '' and is no text.
      const value = this.value()
      if (value === undefined || entries.has(key)) return undefined
      entries.set(key, value)
      const next = this.peek()
      this.at++
      if (next === '}') return entries
    }
  }

  private string(): string {
    const found = /"[^"\\]*(?:\\.[^"\\]*)*"/suy
    found.lastIndex = this.at
    const [text] = found.exec(this.source)!
    this.at += text.length
    return JSON.parse(text) as string
  }

  /** The next character that is not white space. */
  private peek(): string {
    while (/\s/.test(this.source[this.at] ?? '')) this.at++
    return this.source[this.at]!
  }
}
