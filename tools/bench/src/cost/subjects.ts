import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quantizeCheckpoint } from '@viscpm/core/node'
import { cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large } from '@viscpm/qformer'
import { writeSynthChat, writeSynthPaint } from '../synth/models.js'
import type { ChatRun, PaintRun } from './hosted.js'

/** A model of random weights, and how it is run. */
export interface Subject {
  readonly name: string
  readonly kind: 'chat' | 'paint'
  /** Writes it into `folder`; absent for the embedded model. */
  readonly write?: (folder: string) => Promise<void>
  readonly chats: readonly ChatRun[]
  readonly paints: readonly PaintRun[]
}

const few = 4
const many = 12

const chat = (layers: number) => (folder: string) =>
  writeSynthChat(folder, { llm: { ...cpmBee10b, numLayers: layers }, vision: beit3Large })

/** Writes the half-precision model first, and removes it. */
const converted = (layers: number, dtype: 'int4' | 'int8') => async (folder: string) => {
  const source = `${folder}-source`
  try {
    const { file } = await chat(layers)(source)
    await rm(folder, { recursive: true, force: true })
    await quantizeCheckpoint(file, folder, { dtype })
  } finally {
    await rm(source, { recursive: true, force: true })
  }
}

const kept = { releaseVision: false, kvCache: 'float32' } as const
const short: ChatRun = { mode: { keepHalf: false, ...kept }, beams: 3, answer: 10, words: 20 }
const greedy: ChatRun = { ...short, beams: 1 }
const long: ChatRun = { ...short, words: 230 }
const longAnswer: ChatRun = { ...short, answer: 150 }
const half = (run: ChatRun): ChatRun => ({ ...run, mode: { ...run.mode, keepHalf: true } })
const released = (run: ChatRun): ChatRun => ({ ...run, mode: { ...run.mode, releaseVision: true } })
const cached = (run: ChatRun, kvCache: 'float16' | 'int8'): ChatRun => ({ ...run, mode: { ...run.mode, kvCache } })

const painted = (memory: 'normal' | 'low', side: number, batch = 1): PaintRun => ({
  mode: { keepHalf: true, memory },
  side,
  steps: 2,
  batch,
})

/** Models of the published widths with fewer layers, so that all of them take minutes. */
export const subjects: readonly Subject[] = [
  { name: 'tiny', kind: 'chat', chats: [short, released(short)], paints: [] },
  { name: 'tiny-paint', kind: 'paint', chats: [], paints: [painted('normal', 64, 4), painted('low', 64, 1)] },
  {
    name: `chat-fp16-${few}`,
    kind: 'chat',
    write: async folder => void (await chat(few)(folder)),
    chats: [half(short), half(released(short)), half(greedy), short, released(greedy)],
    paints: [],
  },
  {
    name: `chat-int8-${few}`,
    kind: 'chat',
    write: converted(few, 'int8'),
    chats: [short, released(greedy), long],
    paints: [],
  },
  {
    name: `chat-int4-${many}`,
    kind: 'chat',
    write: converted(many, 'int4'),
    chats: [
      short,
      greedy,
      released(short),
      released(long),
      long,
      longAnswer,
      cached(long, 'float16'),
      cached(long, 'int8'),
      cached(longAnswer, 'int8'),
    ],
    paints: [],
  },
  {
    name: `paint-fp16-${few}`,
    kind: 'paint',
    write: async folder => void (await writeSynthPaint(folder, { llm: { ...cpmBee10b, numLayers: few } })),
    chats: [],
    paints: [painted('normal', 256), painted('low', 256), painted('low', 512), painted('low', 256, 4)],
  },
]

/** The folder of a subject inside another. */
export const folderOf = (folder: string, { name, write }: Subject): string => (write ? join(folder, name) : 'tiny')
