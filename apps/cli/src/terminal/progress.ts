import type { Progress } from '@viscpm/core'
import type { Io } from '../io.js'
import type { Messages } from '../messages/index.js'
import { type Colors, colorsFor } from './colors.js'
import { formatSeconds } from './format.js'

const barWidth = 24
const frameMs = 80
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const eraseLine = '\r\u001b[2K'

/**
 * Says on standard error what is going on: one line that redraws itself in a terminal, else a plain line where
 * something begins and where it ends. Nothing at all when quiet.
 */
export class ProgressView {
  private readonly colors: Colors
  private readonly live: boolean
  private label = ''
  private plain = false
  private progress: Progress | undefined
  private timer: NodeJS.Timeout | undefined
  private frame = 0
  private started = 0

  constructor(
    private readonly io: Io,
    private readonly t: Messages,
    private readonly quiet: boolean,
  ) {
    this.colors = colorsFor(io.stderr, io.env)
    this.live = io.stderr.isTTY === true && io.env.TERM !== 'dumb' && !io.env.CI
  }

  /** Something begins. `plain`: worth a line where nothing can be redrawn. */
  start(label: string, plain = true): void {
    this.stop()
    this.label = label
    this.plain = plain
    this.progress = undefined
    this.started = performance.now()
    if (this.quiet) return
    if (!this.live) {
      if (plain) this.io.stderr.write(`${label}\n`)
      return
    }
    this.draw()
    this.timer = setInterval(() => this.draw(), frameMs)
    this.timer.unref()
  }

  readonly update = (progress: Progress): void => {
    this.progress = progress
  }

  /** It ended well. Where lines cannot be redrawn, `said` (given the seconds it took) is the line that says so. */
  done(said?: (seconds: string) => string): void {
    const wasPlain = this.plain
    this.stop()
    if (!this.quiet && !this.live && wasPlain && said)
      this.io.stderr.write(`${said(formatSeconds(performance.now() - this.started))}\n`)
  }

  /** It ended anyhow: the line goes away. */
  stop(): void {
    this.plain = false
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = undefined
    this.io.stderr.write(eraseLine)
  }

  private draw(): void {
    const spinner = this.colors.cyan(frames[this.frame++ % frames.length]!)
    this.io.stderr.write(`${eraseLine}${spinner} ${this.label}${this.detail()}`)
  }

  private detail(): string {
    if (!this.progress) return ''
    const { phase, done, total } = this.progress
    const name = this.t.progress.phases[phase] ?? phase
    if (!total) return this.colors.dim(` · ${name}`)
    const filled = Math.round((Math.min(done, total) / total) * barWidth)
    const bar = '█'.repeat(filled) + this.colors.dim('░'.repeat(barWidth - filled))
    return ` ${bar} ${this.colors.dim(`${Math.round((Math.min(done, total) / total) * 100)} % ${name}`)}`
  }
}
