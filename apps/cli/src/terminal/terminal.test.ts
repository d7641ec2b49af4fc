import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import type { Io, TextOutput } from '../io.js'
import { messagesOf } from '../messages/index.js'
import { colorDepth, colorsFor } from './colors.js'
import { displayWidth, formatBytes, formatCount, padTo } from './format.js'
import { pictureLines } from './picture.js'
import { oneLine, printable } from './printable.js'
import { ProgressView } from './progress.js'

function output(isTTY: boolean): TextOutput & { text(): string } {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', chunk => {
    text += chunk
  })
  return Object.assign(stream, { isTTY, columns: 80, getColorDepth: () => 24, text: () => text })
}

describe('printable', () => {
  it('shows control characters, keeps text, line breaks and tabs', () => {
    expect(printable('a\tb\n中文 é 🐱')).toBe('a\tb\n中文 é 🐱')
    expect(printable('\u001b]0;x\u0007\r\u009b\u202ea\u2066')).toBe('\\x1b]0;x\\x07\\x0d\\x9b\\u202ea\\u2066')
  })

  it('oneLine leaves no line break', () => {
    expect(oneLine(' a\n  b\tc\r\nd ')).toBe('a b c d')
  })
})

describe('format', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1048575, '1.0 MiB'],
    [20636450816, '19.2 GiB'],
    [2 ** 52, '4096.0 TiB'],
  ])('%d bytes', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('counts as people of each language do', () => {
    expect(formatCount(10_318_225_408, 'en')).toBe('10.32B')
    expect(formatCount(10_318_225_408, 'zh')).toBe('103.2亿')
  })

  it('knows that Chinese characters are wide and colours are not', () => {
    expect(displayWidth('参数a')).toBe(5)
    expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3)
    expect(padTo('参数', 6)).toBe('参数  ')
    expect(padTo('long', 2)).toBe('long')
  })
})

describe('colours', () => {
  it.each<[Record<string, string>, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('%j, terminal %j', (env, tty, colored) => {
    expect(colorsFor(output(tty), env).red('x') !== 'x').toBe(colored)
    expect(colorDepth(output(tty), env) > 1).toBe(colored)
  })
})

describe('pictureLines', () => {
  const red = [255, 0, 0]
  const blue = [0, 0, 255]

  it('draws two pixels with each character', () => {
    const image = { width: 2, height: 2, data: Uint8Array.from([...red, ...blue, ...blue, ...red]) }
    expect(pictureLines(image, 10, 24)).toEqual([
      '\u001b[38;2;255;0;0m\u001b[48;2;0;0;255m▀\u001b[38;2;0;0;255m\u001b[48;2;255;0;0m▀\u001b[0m',
    ])
  })

  it('averages large pictures, keeps their shape, and does not enlarge small ones', () => {
    const width = 64
    const data = new Uint8Array(width * 32 * 3).map((_, i) => ((i / 3) % 2 < 1 ? 0 : 200))
    const lines = pictureLines({ width, height: 32, data }, 16, 24)
    expect(lines).toHaveLength(4)
    expect(lines[0]?.match(/▀/g)).toHaveLength(16)
    expect(lines[0]).toContain('38;2;100;100;100m')
    expect(pictureLines({ width: 1, height: 1, data: Uint8Array.from(red) }, 40, 24)).toHaveLength(1)
    expect(pictureLines({ width: 10_000, height: 1, data: new Uint8Array(30_000) }, 40, 24)).toHaveLength(1)
  })

  it.each([
    [[0, 0, 0], 16],
    [[255, 255, 255], 231],
    [[128, 128, 128], 244],
    [[255, 0, 0], 196],
    [[0, 0, 255], 21],
    [[95, 135, 175], 67],
  ])('finds %j in the palette of 256', (rgb, index) => {
    const data = Uint8Array.from([...rgb, ...rgb])
    expect(pictureLines({ width: 1, height: 2, data }, 4, 8)[0]).toContain(`38;5;${index}m`)
  })
})

describe('ProgressView', () => {
  const view = (tty: boolean, quiet = false, env: Record<string, string> = {}) => {
    const stderr = output(tty)
    const io = { stderr, env: { TERM: 'xterm', NO_COLOR: '1', ...env } } as unknown as Io
    return { stderr, progress: new ProgressView(io, messagesOf('en'), quiet) }
  }

  it('writes plain lines where nothing can be redrawn', async () => {
    for (const { stderr, progress } of [view(false), view(true, false, { CI: '1' })]) {
      progress.start('loading x')
      progress.update({ phase: 'weights', done: 1, total: 2 })
      progress.done(seconds => `loaded x in ${seconds} s`)
      progress.start('thinking', { plain: false })
      progress.stop()
      await vi.waitFor(() => expect(stderr.text()).toMatch(/^loading x\nloaded x in 0\.0 s\n$/))
    }
  })

  it('draws a bar in a terminal and removes it', async () => {
    const { stderr, progress } = view(true)
    progress.start('loading x')
    progress.update({ phase: 'weights', done: 1, total: 2, unit: 'tensors' })
    await vi.waitFor(() => expect(stderr.text()).toContain(`${'█'.repeat(12)}${'░'.repeat(12)} 50 % weights`))
    progress.update({ phase: 'something', done: 5 })
    await vi.waitFor(() => expect(stderr.text()).toContain('· something'))
    progress.done(() => 'loaded')
    await vi.waitFor(() => expect(stderr.text().endsWith('\r\u001b[2K')).toBe(true))
    expect(stderr.text()).not.toContain('loaded')
  })

  it('counts steps, says how long they will take, and shows a picture above', async () => {
    const { stderr, progress } = view(true)
    progress.start('painting', { phases: { denoise: 'x', text: 'reading the prompt' } })
    progress.update({ phase: 'text', done: 1, total: 1 })
    await vi.waitFor(() => expect(stderr.text()).toContain('100 % reading the prompt'))
    progress.update({ phase: 'denoise', done: 1, total: 4 })
    await vi.waitFor(() => expect(stderr.text()).toMatch(/ step 1 of 4\r/))
    progress.update({ phase: 'denoise', done: 2, total: 4 })
    await vi.waitFor(() => expect(stderr.text()).toMatch(/ step 2 of 4 · 0:0\d left/))
    progress.picture(['ab', 'cd'])
    progress.picture(['ef'])
    // The second picture takes the place of the first.
    expect(stderr.text()).toContain('\r\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2Kef\n')
    progress.stop()
    expect(stderr.text().endsWith('\r\u001b[2K\u001b[1A\u001b[2K')).toBe(true)
    const before = stderr.text()
    progress.picture(['gh'])
    expect(stderr.text()).toBe(before)
  })

  it('shows no picture that would not fit, and no line that would wrap', async () => {
    const { stderr, progress } = view(true)
    Object.assign(stderr, { rows: 5, columns: 40 })
    progress.start('painting')
    progress.picture(['1', '2', '3', '4'])
    progress.picture(['x'.repeat(40)])
    progress.update({ phase: 'denoise', done: 1, total: 4 })
    await vi.waitFor(() => expect(stderr.text()).toContain('painting step 1 of 4'))
    expect(stderr.text()).not.toMatch(/█|\n/)
    progress.stop()
  })

  it('says nothing when quiet', async () => {
    const { stderr, progress } = view(true, true)
    progress.start('loading x')
    progress.done(() => 'loaded')
    await new Promise(resolve => setTimeout(resolve, 120))
    expect(stderr.text()).toBe('')
  })
})
