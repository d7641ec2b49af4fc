import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor, WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { parseQFormerConfig, QFormer } from '@viscpm/qformer'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { comparePrompt } from './qformer-prompt.js'
import { maxDifference, values } from './tensors.js'

const tolerance = 1e-4

type Errors = Record<string, readonly [error: number, limit: number]>

/** Our name of a recorded tensor. */
const ours = (name: string): string => name.replace(/_hbtt$/, '')

async function errorOf(output: Tensor | undefined, recorded: WeightSource, key: string): Promise<number> {
  if (!output || `${output.shape}` !== `${recorded.info(key).shape}`) return Number.POSITIVE_INFINITY
  return maxDifference(output.data as Float32Array, await values(recorded, key))
}

/** Every tensor recorded for one picture batch: the fast graph, the one that shows intermediates, the tower alone. */
async function comparePixels(
  input: string,
  recorded: WeightSource,
  models: { readonly fast: QFormer; readonly full: QFormer; readonly alone: QFormer },
): Promise<Errors> {
  const pixels = await recorded.read(`${input}.pixel_values`)
  const full = await models.full.forward(pixels)
  const alone = await models.alone.forward(pixels)
  const errors: Errors = {}
  const names = recorded.keys().filter(key => key.startsWith(`${input}.`))
  for (const name of names.map(key => key.slice(input.length + 1))) {
    if (name === 'pixel_values') continue
    const output = name.startsWith('no_query.') ? alone[name.slice('no_query.'.length)] : full[ours(name)]
    errors[name] = [await errorOf(output, recorded, `${input}.${name}`), tolerance]
  }
  const states = await errorOf(await models.fast.encode(pixels), recorded, `${input}.vision_hidden_states`)
  return { ...errors, 'encode()': [states, tolerance] }
}

async function compareFile(set: string, file: string, json: unknown, recorded: WeightSource): Promise<SetResult> {
  const tally = new Tally(set, tolerance)
  const weights = await openCheckpoint(file)
  const load = (options: { intermediates?: true; withoutQueries?: true } = {}) =>
    QFormer.load({ weights, config: parseQFormerConfig(json), backend: onnxruntimeNode(), ...options })
  const models = {
    fast: await load(),
    full: await load({ intermediates: true }),
    alone: await load({ withoutQueries: true }),
  }
  for (const key of recorded.keys()) {
    const input = /^(.+)\.pixel_values$/.exec(key)?.[1]
    if (input) tally.add(input, await comparePixels(input, recorded, models))
  }
  if (recorded.has('vllm.embedding')) tally.add('picture in a prompt', await comparePrompt(json, weights, recorded))
  await Promise.all(Object.values(models).map(model => model.dispose()))
  await weights.close()
  return tally.result()
}

/** Every model of `qformer/`, from every form of its checkpoint, on all recorded pictures. */
export async function runQformer(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'qformer')
  const results: SetResult[] = []
  for (const golden of (await readdir(folder)).filter(f => f.endsWith('.safetensors')).sort()) {
    const checkpoints = join(goldens, 'checkpoints', golden.replace(/\.safetensors$/, ''))
    const json: unknown = JSON.parse(await readFile(join(checkpoints, 'config.json'), 'utf8'))
    const recorded = await openCheckpoint(join(folder, golden))
    for (const file of (await readdir(checkpoints)).filter(f => /\.(pt|bin|safetensors)$/.test(f)).sort())
      results.push(await compareFile(`qformer/${file}`, join(checkpoints, file), json, recorded))
    await recorded.close()
  }
  return results
}
