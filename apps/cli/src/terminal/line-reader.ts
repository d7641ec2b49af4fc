import { createInterface, type Interface } from 'node:readline'
import type { Io, TextOutput } from '../io.js'

export type LineInput =
  | { readonly type: 'line'; readonly text: string }
  | { readonly type: 'interrupt' }
  | { readonly type: 'end' }

export interface LineReaderOptions {
  /** Shown before each line, in a terminal only. */
  readonly prompt: string
  /** Where prompt and typed text are shown. */
  readonly output: TextOutput
  /** Asked first at every Ctrl-C: true when it was meant for something that is going on. */
  readonly onInterrupt: () => boolean
}

/**
 * Reads typed lines one after the other. Lines that come while nobody waits are kept: a pipe brings them all at once.
 * Ctrl-C arrives as a key in a terminal, as a signal otherwise; both end up here.
 */
export class LineReader {
  readonly interactive: boolean
  private readonly rl: Interface
  private readonly queue: LineInput[] = []
  private waiting: ((input: LineInput) => void) | undefined
  private ended = false
  private readonly release: () => void

  constructor(
    io: Io,
    private readonly options: LineReaderOptions,
  ) {
    this.interactive = io.stdin.isTTY === true && options.output.isTTY === true
    this.rl = createInterface({
      input: io.stdin,
      ...(this.interactive ? { output: options.output } : {}),
      terminal: this.interactive,
      prompt: options.prompt,
      // A lone carriage return and a line feed long after it are one line break.
      crlfDelay: Number.POSITIVE_INFINITY,
    })
    this.rl.on('line', text => this.push({ type: 'line', text }))
    this.rl.on('SIGINT', () => this.interrupt())
    this.rl.on('close', () => {
      if (this.ended) return
      this.ended = true
      this.push({ type: 'end' })
    })
    this.release = io.onInterrupt(() => this.interrupt())
  }

  /** The next line; 'interrupt' for Ctrl-C at the prompt; 'end' for Ctrl-D or the end of the input, from then on. */
  next(): Promise<LineInput> {
    const queued = this.queue[0]
    if (queued) {
      if (queued.type !== 'end') this.queue.shift()
      return Promise.resolve(queued)
    }
    if (this.interactive) this.rl.prompt()
    return new Promise(resolve => {
      this.waiting = resolve
    })
  }

  close(): void {
    this.ended = true
    this.release()
    this.rl.close()
  }

  private push(input: LineInput): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting && input.type !== 'end') waiting(input)
    else {
      this.queue.push(input)
      waiting?.(input)
    }
  }

  private interrupt(): void {
    if (this.options.onInterrupt()) return
    if (this.interactive) {
      // Forget what was typed, as shells do. Not by Ctrl-U: readline does not know it where TERM is dumb.
      Object.assign(this.rl, { line: '', cursor: 0 })
      this.options.output.write('\n')
    }
    // Lines that were typed ahead are forgotten as well; that the input has ended is not.
    this.queue.length = 0
    this.push({ type: 'interrupt' })
    if (this.ended) this.push({ type: 'end' })
  }
}
