import { readFileSync } from 'node:fs'
import { presets } from '@viscpm/paint'
import { describe, expect, it } from 'vitest'
import { run } from './fixtures/harness.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

describe('help', () => {
  it('is shown without arguments, with --help, and by the command help', async () => {
    const outputs = await Promise.all([run([]), run(['--help']), run(['help'])])
    for (const { code, stdout, stderr } of outputs) {
      expect(code).toBe(0)
      expect(stderr).toBe('')
      expect(stdout).toBe(outputs[0].stdout)
    }
    for (const command of ['chat', 'ask', 'paint', 'replay', 'rank', 'check', 'calibrate', 'inspect', 'doctor', 'demo'])
      expect(outputs[0].stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    expect(outputs[0].stdout).toContain('Exit codes: 0 done, 1 error, 2 wrong command line, 3 blocked')
  })

  it.each(['chat', 'ask', 'paint', 'replay', 'rank', 'check', 'calibrate', 'inspect', 'doctor', 'demo'])(
    'of %s exists in both languages',
    async command => {
      const english = await run([command, '--help'])
      const chinese = await run([command, '--help', '--lang', 'zh'])
      expect([english.code, chinese.code]).toEqual([0, 0])
      expect(english.stdout).toContain('Usage: viscpm')
      expect(english.stdout.split('Examples')[0]).not.toMatch(/\p{Script=Han}/u)
      expect(chinese.stdout).toContain('用法： viscpm')
      expect(chinese.stdout).not.toMatch(/Usage:|Options:|Arguments:|Commands:|default:|choices:/)
      // Every option and argument has a description in Chinese.
      const described = chinese.stdout.split('\n').filter(line => /^ {2}(-|\w+ {2,})/.test(line))
      expect(described.length).toBeGreaterThan(2)
      for (const line of described.filter(l => l.startsWith('  -'))) expect(line).toMatch(/\p{Script=Han}/u)
      // The same options in both.
      const flags = (text: string) => text.match(/--[a-z-]+/g)?.sort()
      expect(flags(chinese.stdout.split('示例')[0]!)).toEqual(flags(english.stdout.split('Examples')[0]!))
    },
  )

  it('tells the two options --keep apart', async () => {
    expect((await run(['paint', '--help', '--lang', 'en'])).stdout).toContain('all candidates as well')
    expect((await run(['quantize', '--help', '--lang', 'en'])).stdout).toContain('leave the tensors')
  })

  it('says what a preset stands for', async () => {
    const { steps, guidanceInterval, deepCache, tokenMerging } = presets.fast
    const { interval, branch } = deepCache
    const flags = [
      `--scheduler dpm-solver++ --steps ${steps} --guidance-interval ${guidanceInterval}`,
      ` --deep-cache ${interval}${branch ? `,${branch}` : ''}`,
      tokenMerging > 0 ? ` --token-merging ${tokenMerging}` : '',
    ].join('')
    for (const lang of ['en', 'zh'])
      expect((await run(['paint', '--help', '--lang', lang])).stdout.replaceAll(/\s+/g, ' ')).toContain(flags)
  })

  it('follows the locale', async () => {
    expect((await run([], { env: { LC_ALL: 'zh_CN.UTF-8' } })).stdout).toContain('用法：')
    expect((await run(['--lang=en'], { env: { LC_ALL: 'zh_CN.UTF-8' } })).stdout).toContain('Usage:')
  })

  it('has no colours with NO_COLOR, and some in a terminal', async () => {
    expect((await run(['--help'], { tty: true })).stdout).not.toContain('\u001b[')
    expect((await run(['--help'], { tty: true, env: { NO_COLOR: '' } })).stdout).toContain('\u001b[')
  })
})

describe('version', () => {
  it.each(['--version', '-V'])('%s', async flag => {
    expect(await run([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('wrong command lines', () => {
  const cases: [string, string[], string, string][] = [
    [
      'an unknown option',
      ['chat', 'a.png', '--beam-sise', '3'],
      'unknown option --beam-sise',
      'Did you mean --beam-size?',
    ],
    ['an unlike option', ['doctor', '--zzzzzz'], 'unknown option --zzzzzz', 'See: viscpm doctor --help'],
    ['an unknown command', ['chatt', 'a.png'], 'unknown command chatt', 'Did you mean chat?'],
    ['a missing argument', ['chat'], 'IMAGE is missing', 'See: viscpm chat --help'],
    ['a missing value', ['chat', 'a.png', '--seed'], '--seed <n> needs a value', 'See: viscpm chat --help'],
    ['too many arguments', ['inspect', 'a', 'b'], 'too many arguments', 'See: viscpm inspect --help'],
    ['no number', ['chat', 'a', '--top-p', 'x'], '--top-p cannot be "x"', 'a number is needed'],
    ['a fraction', ['chat', 'a', '--seed', '1.5'], '--seed cannot be "1.5"', 'a whole number of at least 0 is needed'],
    ['zero beams', ['chat', 'a', '--beam-size', '0'], '--beam-size cannot be "0"', 'a whole number of at least 1'],
    ['an unknown way', ['chat', 'a', '--decoding', 'x'], '--decoding cannot be "x"', 'Allowed: beam, greedy, sample.'],
    ['an unknown language', ['--lang', 'fr', 'doctor'], '--lang cannot be "fr"', 'Allowed: en, zh.'],
    ['an empty question', ['chat', 'a.png', '  '], 'the question is empty', ''],
    ['a picture and no question from stdin', ['chat', '-'], 'the question has to be on the command line', ''],
    ['no prompt', ['paint'], 'PROMPT is missing', 'See: viscpm paint --help'],
    ['no size', ['paint', 'x', '--size', 'big'], '--size cannot be "big"', 'a size in pixels is needed'],
    ['no seed', ['paint', 'x', '--seed', 'x'], '--seed cannot be "x"', 'a whole number of up to 64 bits is needed'],
    [
      'no such policy',
      ['paint', 'x', '--safety', 'mild'],
      '--safety cannot be "mild"',
      'Allowed: strict, upstream, off.',
    ],
    ['nothing to check', ['check'], 'INPUTS is missing', 'See: viscpm check --help'],
    ['no task', ['ask'], 'a task is needed', 'answer, fill, continue, translate'],
    ['an unknown task', ['ask', 'sing', 'x'], 'there is no task "sing"', 'answer, fill'],
  ]
  it.each(cases)('%s: one line, a hint, exit code 2', async (_what, argv, message, hint) => {
    const { code, stdout, stderr } = await run(argv)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: .*\n$/)
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
  })

  it.each(cases)('%s: the hint on a line of its own for people', async (_what, argv, message, hint) => {
    const { stderr } = await run(argv, { tty: true, env: { NO_COLOR: '1' } })
    const [first = '', second = '', ...rest] = stderr.split('\n')
    expect(first).toContain(message)
    expect(second).toContain(hint)
    expect(rest.join('')).toBe('')
  })

  it.each(cases)('%s: in Chinese', async (_what, argv) => {
    const { code, stderr } = await run(argv, { env: { LC_ALL: 'zh_CN.UTF-8' } })
    expect(code).toBe(2)
    const lines = stderr.trim().split('\n')
    expect(lines[0]).toMatch(/^错误：/)
    for (const line of lines) expect(line).toMatch(/\p{Script=Han}/u)
    expect(stderr).not.toMatch(/error|hint/)
  })

  it('shows where an error comes from only when asked', async () => {
    expect((await run(['chat', '/nowhere/cat.png', 'q'])).stderr).not.toMatch(/^\s+at /m)
    expect((await run(['chat', '/nowhere/cat.png', 'q', '--verbose'])).stderr).toMatch(/^at /m)
  })

  it('tells programs as well', async () => {
    const { code, stdout } = await run(['chat', '/nowhere/cat.png', 'q', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({
      error: expect.objectContaining({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('/nowhere/cat.png') }),
    })
  })
})
