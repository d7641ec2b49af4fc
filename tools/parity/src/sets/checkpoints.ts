import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isVisCPMError, type Tensor, toFloat32, type WeightSource } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { maxDifference } from './tensors.js'

/** The file that the hostile checkpoints would write if anything in them were executed. */
const proofOfExecution = '/tmp/pwned-viscpm'

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function sameBytes(a: Tensor, b: Tensor): boolean {
  const left = bytesOf(a)
  const right = bytesOf(b)
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}

async function tensorProblem(
  ours: WeightSource,
  key: string,
  expected: WeightSource,
  name: string,
): Promise<string | undefined> {
  if (!ours.has(key)) return `no key ${key}`
  const a = await ours.read(key)
  const b = await expected.read(name)
  if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape))
    return `${key} is ${a.dtype}[${a.shape}], not ${b.dtype}[${b.shape}]`
  return sameBytes(a, b) ? undefined : `${key} has other values`
}

/** Every readable file gives exactly the recorded tensors; deflated entries may be refused cleanly instead. */
async function runReader(folder: string): Promise<SetResult> {
  const tally = new Tally('checkpoints/reader', 0)
  const expected = await openCheckpoint(join(folder, 'expected.safetensors'))
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Record<
    string,
    { same_as?: string }
  >
  for (const [file, { same_as: twin }] of Object.entries(manifest)) {
    const stem = `${(twin ?? file).replace(/\.(pt|bin)$/, '')}/`
    const names = expected.keys().filter(name => name.startsWith(stem))
    try {
      const source = await openCheckpoint(join(folder, file))
      const problems = await Promise.all(
        names.map(name => tensorProblem(source, name.slice(stem.length), expected, name)),
      )
      const extra = source.keys().filter(key => !names.includes(stem + key))
      const problem = problems.find(p => p !== undefined) ?? (extra.length ? `unexpected key ${extra[0]}` : undefined)
      tally.check(file, names.length === 0 ? 'nothing recorded for it' : problem)
      await source.close()
    } catch (error) {
      const clean = file.startsWith('deflated') && isVisCPMError(error)
      tally.check(file, clean ? undefined : String(error))
    }
  }
  await expected.close()
  return tally.result()
}

/** The one healthy file holds float32 [[0, 1, 2], [3, 4, 5]]. */
function goodProblem([weight]: readonly Tensor[]): string | undefined {
  return weight?.dtype === 'float32' && String(weight.shape) === '2,3' && String(weight.data) === '0,1,2,3,4,5'
    ? undefined
    : 'has other values'
}

/** Hostile and broken files end in a typed error, and nothing in them is executed; the good one opens. */
async function runUnsafe(folder: string): Promise<SetResult> {
  const tally = new Tally('checkpoints/unsafe', 0)
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Record<
    string,
    { expect?: string }
  >
  for (const [file, { expect = '' }] of Object.entries(manifest)) {
    let outcome: string | undefined
    try {
      const source = await openCheckpoint(join(folder, file))
      const read = await Promise.all(source.keys().map(key => source.read(key)))
      await source.close()
      outcome = expect.includes('clear') ? 'was opened and read' : goodProblem(read)
    } catch (error) {
      const typed = isVisCPMError(error) && !error.message.includes('\n')
      outcome = typed && expect.includes('clear') ? undefined : `ended in ${String(error)}`
    }
    tally.check(file, existsSync(proofOfExecution) ? 'something was executed' : outcome)
  }
  return tally.result()
}

/** The first key whose shape is not the recorded one, or whose values are not those of `first`. */
async function formProblem(
  source: WeightSource,
  first: WeightSource,
  shapes: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): Promise<string | undefined> {
  for (const [key, { shape }] of Object.entries(shapes)) {
    if (!source.has(key)) return `no key ${key}`
    if (String(source.info(key).shape) !== String(shape)) return `${key} has another shape`
    if (maxDifference(toFloat32(await source.read(key)), toFloat32(await first.read(key))) !== 0)
      return `${key} has other values than in ${first.name}`
  }
  return undefined
}

/** All forms of one model's checkpoint hold the same values (they are exact in half precision). */
async function runForms(folder: string): Promise<SetResult[]> {
  const results: SetResult[] = []
  const models = (await readdir(folder, { withFileTypes: true })).filter(e => e.isDirectory()).map(e => e.name)
  for (const model of models.filter(m => m !== 'reader' && m !== 'unsafe').sort()) {
    const tally = new Tally(`checkpoints/${model}`, 0)
    const shapes = JSON.parse(await readFile(join(folder, model, 'keys.json'), 'utf8'))
    const files = (await readdir(join(folder, model))).filter(f => /\.(pt|bin)$/.test(f)).sort()
    const sources = await Promise.all(files.map(file => openCheckpoint(join(folder, model, file))))
    for (const [i, source] of sources.entries()) tally.check(files[i]!, await formProblem(source, sources[0]!, shapes))
    await Promise.all(sources.map(source => source.close()))
    results.push(tally.result())
  }
  return results
}

export async function runCheckpoints(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'checkpoints')
  return [await runReader(join(folder, 'reader')), await runUnsafe(join(folder, 'unsafe')), ...(await runForms(folder))]
}
