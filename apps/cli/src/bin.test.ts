import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { files, recordedModel } from './fixtures/harness.js'
import { hasCheckers, recordedCheckers, recordedPrompt } from './fixtures/recorded-checkers.js'
import { hasPainter, recordedPainter } from './fixtures/recorded-painter.js'

const bin = fileURLToPath(new URL('./fixtures/bin-from-source.mjs', import.meta.url))
const env = { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', CI: '1' }

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

interface Spawned {
  /** Called with everything written to standard output so far. */
  readonly onStdout?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
  /** The same of standard error. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
  readonly stdout?: number | 'pipe'
  /** Stop reading at once. */
  readonly deaf?: boolean
}

/** The command as its users start it: a process of its own, real signals, real pipes. */
function viscpm(
  argv: readonly string[],
  { onStdout, onStderr, stdout = 'pipe', deaf = false }: Spawned = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...argv], { env, stdio: ['ignore', stdout, 'pipe'] })
  const texts = { stdout: '', stderr: '' }
  child.stderr?.on('data', chunk => {
    texts.stderr += chunk
    onStderr?.(texts.stderr, signal => child.kill(signal))
  })
  if (deaf) child.stdout?.destroy()
  child.stdout?.on('data', chunk => {
    texts.stdout += chunk
    onStdout?.(texts.stdout, signal => child.kill(signal))
  })
  return new Promise(resolve => child.on('close', (code, signal) => resolve({ code, signal, ...texts })))
}

describe('the process', () => {
  it('answers a question in a worker thread and ends by itself', async () => {
    const argv = ['chat', files.picture, '这是什么？', ...recordedModel, '--max-new-tokens', '4', '--json']
    const { code, stdout, stderr } = await viscpm(argv)
    expect(stderr).toMatch(/^loading .*\nloaded .*\n/)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ question: '这是什么？', finishReason: 'length' })
  })

  it.skipIf(process.platform === 'win32')('stops at Ctrl-C with 130', async () => {
    let sent = false
    const argv = ['chat', files.picture, 'What?', ...recordedModel, '--max-new-tokens', '2000']
    const { code, signal, stderr } = await viscpm(argv, {
      onStdout: (text, kill) => {
        if (sent || text.length < 4) return
        sent = true
        kill('SIGINT')
      },
    })
    expect(sent).toBe(true)
    expect(signal).toBe(null)
    expect(stderr).toContain('error: stopped')
    expect(code).toBe(130)
  })

  it.skipIf(!hasPainter || process.platform === 'win32')('stops painting at Ctrl-C, and leaves no file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
    let sent = false
    const argv = ['paint', 'x', '--steps', '900', '--size', '128', '-o', join(folder, 'x.png'), ...recordedPainter]
    const { code, signal, stdout, stderr } = await viscpm(argv, {
      onStderr: (text, kill) => {
        if (sent || !text.includes('\npainting\n')) return
        sent = true
        kill('SIGINT')
      },
    })
    expect(stderr).toContain('error: stopped')
    expect([sent, signal, code, stdout]).toEqual([true, null, 130, ''])
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  })

  it('paints with the embedded model, paints the same again, and ranks', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
    const [red, blue] = [join(folder, 'red.png'), join(folder, 'blue.png')]
    const paint = (prompt: string, file: string) =>
      viscpm(['paint', prompt, '-o', file, '--seed', '42', '--steps', '12', '--scheduler', 'dpm-solver++', '--json'])
    const painted = await paint('一辆红色的汽车', red)
    expect([painted.code, painted.stderr]).toEqual([0, expect.stringContaining('painting')])
    const { candidates, ranking } = JSON.parse(painted.stdout)
    expect(candidates).toHaveLength(4)
    expect(ranking.languages).toEqual(['zh', 'en'])
    expect(await viscpm(['replay', red])).toMatchObject({ code: 0, stdout: expect.stringContaining('same') })
    await paint('a blue car', blue)
    const { code, stdout } = await viscpm(['rank', 'a red car', blue, red, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).ranking[0]).toMatchObject({ file: red })
    rmSync(folder, { recursive: true })
  })

  it('checks texts and pictures: exit code 3 where one is blocked', async () => {
    const blocked = await viscpm(['check', 'a p0rn picture', '一只猫', files.picture])
    expect(blocked.code).toBe(3)
    expect(blocked.stdout).toMatch(/^a p0rn picture +block .*\n一只猫 +allow .*\n.*gradient\.png +not checked /m)
    expect(blocked.stderr).toContain('1 picture not checked')
    expect((await viscpm(['check', '一只猫', 'Scunthorpe'])).code).toBe(0)
  })

  it('paints no blocked prompt in its thread: exit code 3', { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await viscpm([
      'paint',
      'a p0rn picture',
      '-o',
      join(tmpdir(), 'none.png'),
      '--json',
    ])
    expect(code).toBe(3)
    expect(stderr).toContain('error: the prompt was blocked by word-list (sexual)')
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'BLOCKED', stage: 'prompt' })
    expect(existsSync(join(tmpdir(), 'none.png'))).toBe(false)
  })

  it.skipIf(!hasCheckers)('loads checkers in the thread that paints', { timeout: 60_000 }, async () => {
    const argv = ['paint', recordedPrompt(true).text, '-o', join(tmpdir(), 'none.png')]
    const { code, stderr } = await viscpm([...argv, ...recordedCheckers.prompt, ...recordedCheckers.image])
    expect(code).toBe(3)
    expect(stderr).toContain('texts: word-list, bert-prompt-checker; pictures: stable-diffusion-safety-checker\n')
    expect(stderr).toContain('error: the prompt was blocked by bert-prompt-checker (LABEL_1)')
  })

  it('a reader that went away is no error', async () => {
    const { code, stderr } = await viscpm(['inspect', files.model, '--keys'], { deaf: true })
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it.skipIf(!existsSync('/dev/full'))('a full disk is an error of one line', async () => {
    const full = openSync('/dev/full', 'w')
    const { code, stderr } = await viscpm(['--help'], { stdout: full })
    closeSync(full)
    expect(stderr).toBe('error: cannot write to stdout: the disk is full\n')
    expect(code).toBe(1)
  })

  it('a hostile file executes nothing and leaves one line', async () => {
    const { code, stdout, stderr } = await viscpm(['inspect', `${files.unsafe}os-system.pt`])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: .*system.*\n(hint: .*\n)?$/)
    expect(existsSync('/tmp/pwned-viscpm')).toBe(false)
  })
})
