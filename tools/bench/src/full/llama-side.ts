// llama.cpp's side of the benchmark: a process that answers JSON lines, as `ours/side.ts` does.
// Arguments: the entry file of node-llama-cpp, its version.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { Clock } from '../ours/clock.js'
import type { Commands, Timing } from '../protocol.js'
import type { Llama, LlamaModule, LlamaSequence } from './llama-runtime.js'

const [entry, version] = process.argv.slice(2) as [string, string]

/** Fits every prompt measured here. */
const contextSize = 512

class LlamaSide {
  private llama: Llama | undefined
  private sequence: LlamaSequence | undefined

  readonly commands = {
    info: async ({ threads }: { threads: number }) => {
      const { getLlama } = (await import(pathToFileURL(entry).href)) as LlamaModule
      this.llama = await getLlama({
        gpu: false,
        build: 'never',
        skipDownload: true,
        progressLogs: false,
        logLevel: 'error',
        maxThreads: threads,
      })
      const release = this.llama.llamaCppRelease?.release
      return {
        version: `node-llama-cpp ${version}${release ? ` (llama.cpp ${release})` : ''}`,
        importMs: performance.now(),
      }
    },
    load: async ({ folder, threads }: { folder: string; threads: number }) => {
      const clock = new Clock()
      const model = await this.llama!.loadModel({ modelPath: folder, gpuLayers: 0 })
      const context = await model.createContext({ contextSize, batchSize: contextSize, threads, sequences: 1 })
      this.sequence = context.getSequence()
      return { ms: clock.lap().ms }
    },
    prefill: async ({ prompt }: Parameters<Commands['prefill']>[0]) => {
      const sequence = this.sequence!
      await sequence.clearHistory()
      const clock = new Clock()
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.ids)
      return clock.lap()
    },
    decode: async ({ prompt, steps }: Parameters<Commands['decode']>[0]) => {
      const sequence = this.sequence!
      await sequence.clearHistory()
      const timings: Timing[] = []
      const words: number[] = []
      const clock = new Clock()
      // The first lap also holds the prefill, as on our side.
      for await (const token of sequence.evaluate(prompt.ids, { temperature: 0, yieldEogToken: true })) {
        timings.push(clock.lap())
        words.push(token)
        if (timings.length === steps) break
      }
      return { ms: timings.map(t => t.ms), cpuMs: timings.map(t => t.cpuMs), words }
    },
  }

  async dispose(): Promise<void> {
    await this.llama?.dispose()
  }
}

const side = new LlamaSide()
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...request } = JSON.parse(line) as { command: keyof LlamaSide['commands'] }
  let reply: unknown
  try {
    reply = await side.commands[command](request as never)
  } catch (error) {
    reply = { error: String((error as Error).stack ?? error) }
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
await side.dispose()
