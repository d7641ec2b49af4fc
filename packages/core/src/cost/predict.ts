import { bestWithin, type Way } from './budget.js'
import { type ChatMode, chatCost, ordinaryTalk, type Talk } from './chat.js'
import { chatWays, paintWays } from './choose.js'
import { type ChatFacts, type PaintFacts, quantizedChat, quantizedPainter, quantizedUNet } from './facts.js'
import type { Machine } from './machine.js'
import { ordinaryPainting, type Painting, type PaintMode } from './paint.js'
import type { Cost } from './types.js'

/** Whether so much memory is there: free now, there but taken by others now, or not there. */
export type Fit = 'fits' | 'tight' | 'no'

/** As the model is, or what converting it would make of it. */
export type Form = 'as it is' | 'int8' | 'int4' | 'int8 UNet' | 'int4, int8 UNet'

interface Predicted<M> {
  readonly form: Form
  readonly mode: M
  /** Bytes, at the most. */
  readonly memory: number
  /** Seconds until it is ready. */
  readonly load: number
  readonly fits: Fit
  readonly cost: Cost
}

export interface PredictedChat extends Predicted<ChatMode> {
  /** Bytes with the longest answer. */
  readonly longest: number
  /** Seconds from question to first token, with a picture not seen before. */
  readonly firstToken: number
  readonly tokensPerSecond: { readonly greedy: number; readonly beam: number }
}

export interface PredictedPaint extends Predicted<PaintMode> {
  readonly secondsPerPicture: number
}

/** Bytes. */
export interface MemoryHere {
  readonly total: number
  readonly free: number
}

/** The original's longest answer. */
export const longestTalk: Talk = { ...ordinaryTalk, answer: 512 }

/** Every way to run a chat that keeps its cache exact, as it is and converted. */
export function predictChat(facts: ChatFacts, machine: Machine, here: MemoryHere): PredictedChat[] {
  return chatForms(facts).flatMap(([form, own]) =>
    chatWays(own, machine).flatMap(({ mode, cost, loss }) =>
      loss ? [] : [predictedChat(form, own, mode, cost, machine, here)],
    ),
  )
}

/** What a size would choose among the forms of a chat: the fastest that fits with its longest answer. */
export function chatWithin(facts: ChatFacts, machine: Machine, bytes: number): PredictedChat[] {
  const here = { total: bytes, free: bytes }
  return chatForms(facts).flatMap(([form, own]) => {
    const best = bestWithin(chatWays(own, machine, longestTalk), bytes)
    return best ? [predictedChat(form, own, best.mode, chatCost(own, best.mode, machine), machine, here)] : []
  })
}

function predictedChat(
  form: Form,
  facts: ChatFacts,
  mode: ChatMode,
  cost: Cost,
  machine: Machine,
  here: MemoryHere,
): PredictedChat {
  const greedy = chatCost(facts, mode, machine, { ...ordinaryTalk, beams: 1 })
  const waiting = cost.stages.filter(({ stage }) => stage === 'see' || stage === 'read')
  return {
    ...predicted(form, { mode, cost }, here),
    longest: chatCost(facts, mode, machine, longestTalk).memory,
    firstToken: waiting.reduce((sum, { seconds }) => sum + seconds, 0),
    tokensPerSecond: { greedy: greedy.tokensPerSecond!, beam: cost.tokensPerSecond! },
  }
}

/** Every way to run a painter that changes no pixel, as it is and converted. */
export function predictPaint(
  facts: PaintFacts,
  machine: Machine,
  here: MemoryHere,
  painting: Painting = ordinaryPainting,
): PredictedPaint[] {
  return paintForms(facts).flatMap(([form, own]) =>
    paintWays(own, machine, painting)
      // In turns halves stay in the file: that the few of them outside the language model could be widened is no way of its own.
      .filter(({ loss, mode }, _, all) => !loss && (mode.memory === 'normal' || mode.keepHalf || !keepsHalf(all)))
      .map(way => predictedPaint(form, way, here)),
  )
}

/** What a size would choose among the forms of a painter. */
export function paintWithin(
  facts: PaintFacts,
  machine: Machine,
  bytes: number,
  painting: Painting = ordinaryPainting,
): PredictedPaint[] {
  return paintForms(facts).flatMap(([form, own]) => {
    const best = bestWithin(paintWays(own, machine, painting), bytes)
    return best ? [predictedPaint(form, best, { total: bytes, free: bytes })] : []
  })
}

const keepsHalf = (ways: readonly Way<PaintMode>[]): boolean => ways.some(({ mode }) => mode.keepHalf)

function predictedPaint(form: Form, way: Way<PaintMode>, here: MemoryHere): PredictedPaint {
  return { ...predicted(form, way, here), secondsPerPicture: way.cost.secondsPerPicture! }
}

function predicted<M>(form: Form, { mode, cost }: Way<M>, { total, free }: MemoryHere): Predicted<M> {
  const { memory, load } = cost
  return { form, mode, memory, load, cost, fits: memory <= free ? 'fits' : memory <= total ? 'tight' : 'no' }
}

/** What it is, and what it can become: from halves or floats to blocks. */
function chatForms(facts: ChatFacts): (readonly [Form, ChatFacts])[] {
  const { float32, half, int8, int4 } = facts.language
  if (int8 + int4 > float32 + half) return [['as it is', facts]]
  return [
    ['as it is', facts],
    ['int8', quantizedChat(facts, 8)],
    ['int4', quantizedChat(facts, 4)],
  ]
}

function paintForms(facts: PaintFacts): (readonly [Form, PaintFacts])[] {
  const { language, unet } = facts
  const text = language.float32 + language.half > language.int8 + language.int4
  const picture = unet.float32 + unet.half > unet.int8
  return [
    ['as it is', facts],
    ...(text ? ([['int4', quantizedPainter(facts, 4)]] as const) : []),
    ...(picture ? ([['int8 UNet', quantizedUNet(facts)]] as const) : []),
    ...(text && picture ? ([['int4, int8 UNet', quantizedUNet(quantizedPainter(facts, 4))]] as const) : []),
  ]
}
