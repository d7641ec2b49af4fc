import type { Progress } from '@viscpm/core'
import type { Io } from '../io.js'
import type { Messages } from '../messages/index.js'
import { type Colors, colorsFor } from './colors.js'
import { displayWidth, formatSeconds } from './format.js'
import { RemainingTime } from './remaining-time.js'

const barWidth = 24
const frameMs = 80
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const eraseLine = '\r\u001b[2K'
const lineAbove = '\u001b[1A\u001b[2K'

export interface StartOptions {
  /** Worth a line where nothing can be redrawn. Default true. */
  readonly plain?: boolean
  /** What its phases are called; others have the names of loading and answering. */
  readonly phases?: Readonly<Record<string, string>>
  /** Steps are long and alike: how many are done is said, and how long the others will take. */
  readonly counted?: boolean
}

/**
 * Says on standard error what is going on: one line that redraws itself in a terminal, else a plain line where
 * something begins and where it ends. Nothing at all when quiet.
 */
export class ProgressView {
  /** Whether lines can be redrawn. */
  readonly live: boolean
  private readonly colors: Colors
  private label = ''
  private plain = false
  private phases: Readonly<Record<string, string>> = {}
  private counted = false
  private progress: Progress | undefined
  private remaining = new RemainingTime()
  private timer: NodeJS.Timeout | undefined
  private frame = 0
  private started = 0
  /** Lines of a picture that stand above the one that is redrawn. */
  private pictureLines = 0

  constructor(
    private readonly io: Io,
    private readonly t: Messages,
    private readonly quiet: boolean,
  ) {
    this.colors = colorsFor(io.stderr, io.env)
    this.live = io.stderr.isTTY === true && io.env.TERM !== 'dumb' && !io.env.CI && !quiet
  }

  /** Something begins. */
  start(label: string, { plain = true, phases = {}, counted = false }: StartOptions = {}): void {
    this.stop()
    this.label = label
    this.plain = plain
    this.phases = phases
    this.counted = counted
    this.progress = undefined
    this.remaining = new RemainingTime()
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
    this.remaining.update(progress)
  }

  /** Shows a picture above the line, in place of the one before. Nothing where it would not fit. */
  picture(lines: readonly string[]): void {
    const rows = this.io.stderr.rows || 24
    if (!this.timer || lines.length + 2 > rows || lines.some(line => displayWidth(line) >= this.columns)) return
    this.io.stderr.write(`${this.erasing()}${lines.map(line => `${line}\n`).join('')}`)
    this.pictureLines = lines.length
    this.draw()
  }

  /** It ended well. Where lines cannot be redrawn, `said` (given the seconds it took) is the line that says so. */
  done(said?: (seconds: string) => string): void {
    const wasPlain = this.plain
    this.stop()
    if (!this.quiet && !this.live && wasPlain && said)
      this.io.stderr.write(`${said(formatSeconds(performance.now() - this.started))}\n`)
  }

  /** It ended anyhow: the line goes away, and the picture above it. */
  stop(): void {
    this.plain = false
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = undefined
    this.io.stderr.write(this.erasing())
    this.pictureLines = 0
  }

  /** Some terminals say that they have none. */
  private get columns(): number {
    return this.io.stderr.columns || 80
  }

  private erasing(): string {
    return eraseLine + lineAbove.repeat(this.pictureLines)
  }

  private draw(): void {
    const spinner = this.colors.cyan(frames[this.frame++ % frames.length]!)
    // A line that wraps could not be erased: the first form that fits.
    const line =
      [this.bar() + this.detail(), this.detail(), '']
        .map(rest => `${spinner} ${this.label}${rest}`)
        .find(text => displayWidth(text) < this.columns) ?? spinner
    this.io.stderr.write(`${eraseLine}${line}`)
  }

  private bar(): string {
    const share = this.share()
    if (share === undefined) return ''
    const filled = Math.round(share * barWidth)
    return ` ${'█'.repeat(filled)}${this.colors.dim('░'.repeat(barWidth - filled))}`
  }

  private detail(): string {
    if (!this.progress) return ''
    const { phase, done, total } = this.progress
    const name = this.phases[phase] ?? this.t.progress.phases[phase] ?? phase
    const share = this.share()
    if (share === undefined || !total) return this.colors.dim(` · ${name}`)
    if (phase !== 'denoise' && !this.counted) return this.colors.dim(` ${Math.round(share * 100)} % ${name}`)
    const left = this.remaining.seconds()
    const timed = left === undefined ? '' : ` · ${this.t.progress.timeLeft(duration(left))}`
    const steps = this.counted ? `${done}/${total} ${name}` : this.t.progress.step(done, total)
    return this.colors.dim(` ${steps}${timed}`)
  }

  private share(): number | undefined {
    const { done = 0, total } = this.progress ?? {}
    return total ? Math.min(done, total) / total : undefined
  }
}

/** Seconds as a clock shows them: 0:07, 12:34, 1:02:03. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts
  return [String(first), ...rest.map(part => String(part).padStart(2, '0'))].join(':')
}
