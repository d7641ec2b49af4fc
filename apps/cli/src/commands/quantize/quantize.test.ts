import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run, start, until } from '../../fixtures/harness.js'

const model = fileURLToPath(new URL('../../../../../packages/tiny/model', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-cli-quantize-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const out = () => join(folder, 'int4')

describe('viscpm quantize', () => {
  it('converts the embedded model, which then answers and is verified', async () => {
    const { code, stdout, stderr } = await run(['quantize', model, '-o', out()])
    expect([code, stderr]).toEqual([0, expect.stringMatching(/converting .* to int4\nconverted in [\d.]+ s\n/)])
    expect(stdout).toMatch(/language model +int4\/64 +\d+ tensors, .* -> .* relative error \d+\.\d\d %/)
    expect(stdout).toMatch(/token table +int8\/64/)
    expect(stdout).toMatch(/4 tensors left out that running the model does not use/)
    expect(stdout).toContain(`written to ${out()}`)

    const picture = fileURLToPath(
      new URL('../../../../../packages/chat/src/fixtures/images/checker.png', import.meta.url),
    )
    const answered = await run(['chat', picture, 'What is it?', '--model', out(), '--max-new-tokens', '5', '--json'])
    expect(answered.code).toBe(0)
    expect(JSON.parse(answered.stdout.trim().split('\n').at(-1)!)).toHaveProperty('text')

    const verified = await run(['verify', out(), '--source', model])
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/All \d+ tensors .*\nConverting the source/),
    ])
  })

  it('tells programs what became of what', async () => {
    const rules = ['--keep', '*.project_q.weight', '--format', '*.w_out.weight=int8', '--block', '32']
    const options = ['--rounding', 'search', '--embedding', 'int4', '--vision', 'fp16', '--workers', '1']
    const { code, stdout } = await run(['quantize', model, '-o', out(), ...rules, ...options, '--json', '-q'])
    expect(code).toBe(0)
    const said = JSON.parse(stdout)
    expect(said).toMatchObject({
      existed: false,
      kind: 'viscpm-chat',
      resumed: 0,
      chain: expect.stringMatching(/^\w{64}$/),
    })
    expect(said.options).toMatchObject({ blockSize: 32, embedding: 'int4', vision: 'fp16', rounding: 'search' })
    const formats = said.groups.map((one: { group: string; format?: string }) => `${one.group} ${one.format ?? 'kept'}`)
    expect(formats).toEqual([
      'language int4/32',
      'language int8/32',
      'language kept',
      'embedding int4/64',
      'vision kept',
    ])
    expect(said.after).toBeLessThan(said.before)
  })

  it('speaks Chinese', async () => {
    const { code, stdout } = await run(['quantize', model, '-o', out(), '--lang', 'zh'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('相对误差')])
  })

  it('stopped with Ctrl-C says how to go on', async () => {
    const running = start(['quantize', model, '-o', out(), '--rounding', 'search', '--workers', '1'])
    await until(() => running.listeners() > 0, 'the conversion began')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(running.stderr()).toContain('the same command goes on from there')
    expect((await readdir(folder)).filter(name => !name.startsWith('.'))).toEqual([])
    expect((await run(['quantize', model, '-o', out(), '--rounding', 'search', '--workers', '1'])).code).toBe(0)
  })

  it.each([
    [['quantize', model], 'output', 2],
    [['quantize', model, '-o', 'X', '--dtype', 'int3'], '--dtype cannot be "int3"', 2],
    [['quantize', model, '-o', 'X', '--block', '48'], '--block cannot be "48"', 2],
    [['quantize', model, '-o', 'X', '--format', 'a=int3'], 'PATTERN=FORMAT', 2],
    [['quantize', 'nowhere.pt', '-o', 'X'], 'nowhere.pt', 1],
    [['verify', model], 'manifest.json', 1],
  ])('%s', async (args, said, exitCode) => {
    const { code, stderr } = await run(args.map(arg => (arg === 'X' ? out() : arg)))
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(said)])
  })

  it('does not overwrite what is there', async () => {
    await run(['quantize', model, '-o', out()])
    expect((await run(['quantize', model, '-o', out()])).stdout).toContain('in this way already')
    const other = await run(['quantize', model, '-o', out(), '--dtype', 'int8'])
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('--force')])
    expect((await run(['quantize', model, '-o', out(), '--dtype', 'int8', '--force'])).code).toBe(0)
  })
})

describe('viscpm verify', () => {
  it('names what is not as it was written', async () => {
    await run(['quantize', model, '-o', out()])
    const file = await open(join(out(), 'model.safetensors'), 'r+')
    await file.write(Uint8Array.of(1, 2, 3, 4), 0, 4, 3_000_000)
    await file.close()
    const { code, stdout } = await run(['verify', out()])
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/\.weight has other bytes than were written\none thing is not/),
    ])
    const { code: jsonCode, stdout: json } = await run(['verify', out(), '--json'])
    expect([jsonCode, JSON.parse(json)]).toEqual([
      1,
      expect.objectContaining({ ok: false, problems: [expect.objectContaining({ kind: 'tensor' })] }),
    ])
  })
})
