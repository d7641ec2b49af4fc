import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large } from '@viscpm/qformer'
import { writeSynthChat } from '../synth/models.js'
import { fingerprint } from './folders.js'
import { mustSucceed, viscpm } from './viscpm.js'

/** A published model in small: 100 MB, matrices of several pieces, all kinds of tensors. It loads, and answers nonsense. */
const llm = { ...cpmBee10b, vocabSize: 2048, dimModel: 1024, dimFF: 2560, numLayers: 4, numHeads: 8 }
const vision = {
  ...beit3Large,
  ...{ dim: 256, dimFF: 1024, numLayers: 2, numHeads: 4, dimModel: llm.dimModel, textVocab: 1000 },
  mimHead: [256, 512],
} as const

export interface Prepared {
  readonly source: string
  /** The result of an undisturbed conversion: folder, fingerprint, seconds. */
  readonly expected: string
  readonly print: string
  readonly seconds: number
}

/** Writes a small checkpoint and converts it undisturbed, by one worker. @param options of the conversion @throws Error */
export async function prepareSmallModel(folder: string, options: readonly string[] = []): Promise<Prepared> {
  const source = join(folder, 'source')
  await mkdir(source)
  await writeSynthChat(source, { llm, vision })
  const expected = join(folder, 'expected')
  const argv = ['quantize', source, '-o', expected, '--workers', '1', ...options]
  const { seconds } = mustSucceed(await viscpm(argv), 'the conversion')
  return { source, expected, print: (await fingerprint(expected))!, seconds }
}
