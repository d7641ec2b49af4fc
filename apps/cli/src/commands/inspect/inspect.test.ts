import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { float32 } from '@viscpm/core'
import { openAtomicSink } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import { InferenceSession } from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { files, run } from '../../fixtures/harness.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-inspect-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('hostile and broken files', () => {
  const manifest = JSON.parse(readFileSync(join(files.unsafe, 'manifest.json'), 'utf8')) as Record<string, unknown>
  const names = Object.keys(manifest).filter(name => name !== 'good.pt')

  it('are all there', () => {
    expect(names.length).toBe(17)
  })

  it.each(names)('%s: one line, a hint at most, exit code 1, nothing executed', async name => {
    for (const lang of ['en', 'zh']) {
      const { code, stdout, stderr } = await run(['inspect', join(files.unsafe, name), '--lang', lang])
      expect(code).toBe(1)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^(error: |错误：).*\n((hint: |提示：).*\n)?$/)
      expect(stderr).toContain(name)
      expect(stderr).not.toMatch(/\bat .*:\d+|node_modules/)
    }
    expect(existsSync('/tmp/pwned-viscpm')).toBe(false)
  })

  it('good.pt is shown', async () => {
    const { code, stdout } = await run(['inspect', join(files.unsafe, 'good.pt'), '--keys'])
    expect(code).toBe(0)
    expect(stdout).toContain('no model that is known here')
    expect(stdout).toMatch(/^weight {2}float32 +\[2, 3\] {2}24 B$/m)
  })

  it.each([
    ['/nowhere/model.pt', '/nowhere/model.pt: no such file or folder'],
    [files.picture, 'neither a PyTorch checkpoint nor a safetensors file'],
    [join(files.unsafe, '..', '..'), 'no checkpoint in this folder'],
    [files.config, 'a JSON file, not a checkpoint'],
  ])('%s', async (path, message) => {
    const { code, stderr } = await run(['inspect', path])
    expect(code).toBe(1)
    expect(stderr).toContain(message)
  })

  it('names in a file cannot command the terminal', async () => {
    const file = join(folder, 'x.safetensors')
    await writeSafetensors(await openAtomicSink(file), memoryWeights({ '\u001b[2Jevil\u202e': float32([1]) }))
    const { code, stdout } = await run(['inspect', file, '--keys'])
    expect(code).toBe(0)
    expect(stdout).toContain('\\x1b[2Jevil\\u202e')
    expect(stdout).not.toContain('\u001b')
  })
})

describe('a VisCPM-Chat checkpoint', () => {
  it('is described', async () => {
    const { code, stdout } = await run(['inspect', files.model])
    expect(code).toBe(0)
    for (const line of [
      'what        VisCPM-Chat, own sizes',
      'container   PyTorch (zip), 554.9 KiB',
      'float16',
      'llm.*  language model',
      'vocabulary 614 · width 64 · feed-forward 96 · layers 3 · heads 4 · head width 16',
      'picture 56 · queries 8',
      'vpm.mim_head.weight: only needed for training',
      'vocabulary: ',
      'in float32: about ',
      'this machine has ',
    ])
      expect(stdout).toContain(line)
  })

  it('is described in Chinese', async () => {
    const { stdout } = await run(['inspect', files.model, '--lang', 'zh'])
    expect(stdout).toContain('VisCPM-Chat 对话模型, 自定尺寸')
    expect(stdout).toContain('仅训练时需要')
    // Labels are aligned by the width of the characters.
    const columns = stdout.split('\n').flatMap(line => /^ {2}(内容 {4}|不使用 {2}) *\S/.exec(line) ?? [])
    expect(columns.length).toBeGreaterThan(0)
  })

  it('is one object with --json', async () => {
    const { stdout } = await run(['inspect', files.model, '--json', '--keys'])
    const object = JSON.parse(stdout)
    expect(object).toMatchObject({
      kind: 'viscpm-chat',
      published: false,
      format: 'torch-zip',
      tensors: 168,
      sizes: { vocabSize: 614, numLayers: 3, imageSize: 56, queryNum: 8 },
      beside: { config: files.config, vocabulary: files.vocabulary },
    })
    expect(object.keys).toHaveLength(object.tensors)
    expect(object.memory.keepHalf.bytes).toBeLessThan(object.memory.float32.bytes)
    expect(object.memory.float32.verdict).toMatch(/^fits/)
  })

  it('is found in a folder, without vocabulary', async () => {
    copyFileSync(files.model, join(folder, 'viscpm_chat_balance_checkpoint.pt'))
    const { code, stdout } = await run(['inspect', folder])
    expect(code).toBe(0)
    expect(stdout).toContain('VisCPM-Chat (balance), own sizes')
    expect(stdout).toContain('no vocabulary (give it with --vocab)')
  })
})

describe('--graph', () => {
  it('writes both graphs beside the weights; onnxruntime loads them with their weights', async () => {
    copyFileSync(files.model, join(folder, 'model.bin'))
    const out = join(folder, 'out.onnx')
    const argv = ['inspect', join(folder, 'model.bin'), '--config', files.config, '--graph', out]
    const { code, stdout } = await run(argv)
    expect(code).toBe(0)
    expect(stdout).toMatch(/wrote .*out\.onnx: [\d,]+ nodes, \d+ tensors left in the checkpoint/)
    expect(stdout).toContain('out.vision.onnx')
    expect(stdout).not.toContain('another folder')
    expect(readdirSync(folder).sort()).toEqual(['model.bin', 'out.onnx', 'out.vision.onnx'])
    for (const [name, output] of [
      ['out.onnx', 'logits'],
      ['out.vision.onnx', 'vision_hidden_states'],
    ] as const) {
      const session = await InferenceSession.create(join(folder, name))
      expect(session.outputNames).toContain(output)
      await session.release()
    }
  })

  it('of a CPM-Bee, into another folder', async () => {
    const sub = join(folder, 'sub')
    mkdirSync(sub)
    copyFileSync(files.cpmBee, join(folder, 'bee.pt'))
    copyFileSync(files.cpmBeeConfig, join(folder, 'config.json'))
    const { code, stdout } = await run(['inspect', join(folder, 'bee.pt'), '--graph', join(sub, 'g.onnx')])
    expect(code).toBe(0)
    expect(stdout).toContain('weights in another folder')
    const bytes = readFileSync(join(sub, 'g.onnx'))
    expect(bytes.includes('../bee.pt')).toBe(true)
    expect(readdirSync(sub)).toEqual(['g.onnx'])
  })

  it('fails in one line, leaving nothing, when it cannot be', async () => {
    copyFileSync(files.model, join(folder, 'model.bin'))
    const model = join(folder, 'model.bin')
    writeFileSync(join(folder, 'broken.json'), '{')
    writeFileSync(
      join(folder, 'wrong.json'),
      readFileSync(files.config, 'utf8').replace('"num_layers": 3', '"num_layers": 4'),
    )
    for (const [argv, message] of [
      [[model, '--graph', join(folder, 'o.onnx')], 'there is no configuration'],
      [[model, '--config', join(folder, 'broken.json'), '--graph', join(folder, 'o.onnx')], 'broken.json'],
      [[model, '--config', join(folder, 'wrong.json'), '--graph', join(folder, 'o.onnx')], 'llm.encoder.layers.3'],
      [[model, '--config', files.config, '--graph', join(folder, 'no', 'o.onnx')], 'folder'],
      [[model, '--config', files.config, '--graph', folder], 'folder'],
      [[join(files.unsafe, 'good.pt'), '--graph', join(folder, 'o.onnx')], 'no graph can be built'],
    ] as const) {
      const { code, stderr } = await run(['inspect', ...argv])
      expect(stderr).toContain(message)
      expect(stderr).toMatch(/^error: .*\n(hint: .*\n)?$/)
      expect(code).toBe(1)
    }
    expect(readdirSync(folder).sort()).toEqual(['broken.json', 'model.bin', 'wrong.json'])
  })
})
