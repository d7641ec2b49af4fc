import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { beamSearch, CpmBeeModel, drain, greedy, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { parseQFormerConfig, QFormer } from '@viscpm/qformer'
import { openLanguageModel } from '../full/model-folder.js'
import { toBatch } from '../prompt.js'
import type { CommandName, Reply, Request, Timing } from '../protocol.js'
import { Clock } from './clock.js'
import { answersWith } from './kv-answers.js'
import { keyValues } from './kv-cache.js'
import { lookupChat, lookupText } from './lookup.js'
import { paintWhole } from './paint-whole.js'
import { Painter } from './painter.js'
import { pictureTalk } from './picture-talk.js'
import { quantizePainter } from './quantize-painter.js'
import { chatOnce, tokenizeOnce } from './whole.js'

/** From the start of the process to here, with everything imported. */
const startedAt = performance.now()

/** No id: answers never end, so that every run has the same number of steps. */
const noId = -1

/** Of this process alone: what the system reports as its maximum starts at that of the process that started it. */
function peakMb(): number {
  const status = '/proc/self/status'
  const own = existsSync(status) ? /VmHWM:\s*(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1] : undefined
  return (own === undefined ? process.resourceUsage().maxRSS : Number(own)) / 1024
}

/** Answers the benchmark's requests with our packages. */
export class OursSide {
  private language: CpmBeeModel | undefined
  private vision: QFormer | undefined
  private painter: Painter | undefined

  async answer(request: { command: string }): Promise<unknown> {
    const command = this.commands[request.command as CommandName] as (request: never) => Promise<unknown>
    return command(request as never)
  }

  private readonly commands: { [K in CommandName]: (request: Request<K>) => Promise<Reply<K>> } = {
    info: async () => {
      const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
      const version = `onnxruntime-node ${runtime.version}, node ${process.versions.node}`
      return { version, importMs: startedAt }
    },
    load: async ({ folder, threads, kvCache = 'float32' }) => {
      const clock = new Clock()
      const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>
      const weights = await openCheckpoint(join(folder, 'model.safetensors'))
      const common = { weights, threads, backend: onnxruntimeNode() }
      if (config.unet) this.painter = await Painter.load(folder, config, common)
      else if (config.beit3) this.vision = await QFormer.load({ ...common, config: parseQFormerConfig(config) })
      else this.language = await CpmBeeModel.load({ ...common, kvCache, config: parseCpmBeeConfig(config.cpm_bee) })
      await weights.close()
      return { ms: clock.lap().ms }
    },
    loadLanguage: async ({ folder, threads }) => {
      const clock = new Clock()
      const { weights, config, prefix } = await openLanguageModel(folder)
      this.language = await CpmBeeModel.load({ weights, config, prefix, threads, backend: onnxruntimeNode() })
      await weights.close()
      return { ms: clock.lap().ms }
    },
    logits: async ({ prompt, ids }) => {
      const model = this.language!
      const generation = await model.prefill(toBatch(prompt, model.vocabSize), 0)
      const steps: number[][] = []
      for (const [position, id] of ids.entries()) {
        const row = { parent: position === 0 ? -1 : 0, id, sub: 0, position, segment: prompt.answerSegment }
        steps.push([...(await generation.step([row])).data])
      }
      generation.dispose()
      return { steps }
    },
    prefill: async ({ prompt }) => {
      const batch = toBatch(prompt, this.language!.vocabSize)
      const clock = new Clock()
      const generation = await this.language!.prefill(batch, 0)
      const timing = clock.lap()
      generation.dispose()
      return timing
    },
    decode: async ({ prompt, beams, steps, penalty, temperature }) => {
      const model = this.language!
      const batch = toBatch(prompt, model.vocabSize)
      const tokens = { bosId: prompt.bosId, eosId: noId, unkId: 0 }
      const common = { tokens, repetitionPenalty: penalty }
      const timings: Timing[] = []
      let clock = new Clock()
      const onProgress = ({ phase }: { phase: string }) => {
        if (phase === 'decode') timings.push(clock.lap())
        else clock = new Clock()
      }
      // The first lap also holds the prefill: callers drop the first steps as warm-up.
      const [decoded] =
        beams === 1
          ? await drain(greedy(model, batch, { ...common, maxLength: steps, lookup: false, onProgress }))
          : await beamSearch(model, batch, {
              ...common,
              beamSize: beams,
              temperature,
              maxLength: steps - 2,
              onProgress,
            })
      return {
        ms: timings.map(t => t.ms),
        cpuMs: timings.map(t => t.cpuMs),
        words: decoded!.tokens.map(t => t.id),
      }
    },
    encode: async ({ pixels, every }) => {
      const input = Float32Array.from(pixels)
      const clock = new Clock()
      const { data } = await this.vision!.encode(input)
      const timing = clock.lap()
      return { ...timing, sample: [...data.filter((_, i) => i % every === 0)] }
    },
    chat: ({ threads }) => chatOnce(threads),
    tokenize: () => tokenizeOnce(),
    lookupChat: ({ threads }) => lookupChat(threads),
    lookupText: ({ prompt, kind, tokens }) => lookupText(this.language!, prompt, kind, tokens),
    keyValues: ({ prompt, beams, steps }) => keyValues(this.language!, prompt, beams, steps),
    keyValueAnswers: async ({ kvCache, threads }) => ({ answers: await answersWith(kvCache, threads) }),
    preparePainter: async () => ({ peakMb: peakMb() }),
    predict: request => this.painter!.predict(request),
    evaluate: request => this.painter!.evaluate(request),
    decodeLatents: request => this.painter!.decodeLatents(request),
    paint: request => this.painter!.paint(request),
    quantizePainter: request => quantizePainter(request),
    paintWhole: request => paintWhole(request),
    pictureTalk: request => pictureTalk(request),
    memory: async () => ({ peakMb: peakMb() }),
  }

  async dispose(): Promise<void> {
    await this.language?.dispose()
    await this.vision?.dispose()
    await this.painter?.dispose()
  }
}
