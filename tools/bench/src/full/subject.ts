import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quantizeCheckpoint } from '@viscpm/core/node'
import { type CpmBeeConfig, cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large } from '@viscpm/qformer'
import { writeSynthChat } from '../synth/models.js'
import { type LlamaPeer, llamaPeer } from './llama.js'
import { openLanguageModel, weightsFile } from './model-folder.js'
import { checkSpace, hasDisk, neededSpace } from './preflight.js'
import { writeQuantizedModel } from './quantized-model.js'
import type { FullSizes } from './rows.js'
import { fullConfig, modelFormats } from './sizes.js'
import { llmPrefix, weightBytes } from './weight-bytes.js'

/** The model that is measured. */
export interface Subject extends FullSizes {
  readonly folder: string
  readonly file: string
  /** Whether the vision tower is there too: a whole VisCPM-Chat. */
  readonly chat: boolean
  /** How it came to be there. */
  readonly origin: string
}

export async function openSubject(folder: string, origin: string): Promise<Subject> {
  const opened = await openLanguageModel(folder)
  const { weights, config } = opened
  try {
    const { stored, perStep } = weightBytes(weights, config)
    const chat = llmPrefix(weights) !== ''
    return { folder, file: weightsFile(opened), config, fileBytes: stored, bytesPerStep: perStep, chat, origin }
  } finally {
    await weights.close()
  }
}

/**
 * A VisCPM-Chat that is there; or one of random weights with `layers` layers, written as published and converted by what
 * `viscpm quantize` runs; or, where the disk has no room for that, the converted language model alone.
 * @throws Error when there is no room even for that
 */
export async function subjectOf(
  folder: string,
  layers: number,
  chatModel: string | undefined,
  log: (text: string) => void,
): Promise<Subject> {
  if (chatModel !== undefined) {
    const subject = await openSubject(chatModel, 'a checkpoint converted before')
    await checkSpace(folder, neededSpace(subject.config.numLayers, 'nothing'))
    return subject
  }
  const ours = join(folder, 'ours')
  const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`
  const start = performance.now()
  if (await hasDisk(folder, neededSpace(layers, 'chat'))) {
    await checkSpace(folder, neededSpace(layers, 'chat'))
    const source = join(folder, 'source')
    const vision = { ...beit3Large, numLayers: Math.min(layers, beit3Large.numLayers) }
    const { file, bytes } = await writeSynthChat(source, { llm: { ...cpmBee10b, numLayers: layers }, vision })
    log(`${layers} layers of random weights, ${(bytes / 1e9).toFixed(1)} GB written in ${seconds(start)}`)
    const converting = performance.now()
    await quantizeCheckpoint(file, ours, { dtype: 'int4' })
    await rm(source, { recursive: true, force: true })
    log(`converted to int4 in ${seconds(converting)}`)
    return openSubject(ours, 'random weights in the published format, converted to int4')
  }
  await checkSpace(folder, neededSpace(layers, 'language'))
  const bytes = await writeQuantizedModel(ours, fullConfig(layers), modelFormats['int4/128']!, 1)
  log(`no room for a whole checkpoint; the language model alone, ${(bytes / 1e9).toFixed(1)} GB, in ${seconds(start)}`)
  return openSubject(
    ours,
    'random int4 weights of the language model alone: the disk has no room for a whole checkpoint',
  )
}

/** llama.cpp with a model of the same sizes. */
export type LlamaSubject = LlamaPeer & { readonly model: string }

/** Installs llama.cpp and writes its model. @returns why there is none, otherwise */
export async function llamaWith(
  peers: string,
  folder: string,
  python: string,
  { numLayers, dimModel, dimFF, numHeads, vocabSize }: CpmBeeConfig,
  log: (text: string) => void,
): Promise<LlamaSubject | { missing: string }> {
  await mkdir(peers, { recursive: true })
  const peer = await llamaPeer(peers, python, log)
  if ('missing' in peer) {
    log(`llama.cpp is not measured: ${peer.missing}`)
    return peer
  }
  const model = join(folder, 'peer.gguf')
  try {
    await peer.writeModel(model, { layers: numLayers, dim: dimModel, ff: dimFF, heads: numHeads, vocab: vocabSize })
  } catch (error) {
    return { missing: (error as Error).message.split('\n').at(-1)! }
  }
  return { ...peer, model }
}
