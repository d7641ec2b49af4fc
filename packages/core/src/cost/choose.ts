import { type Alternative, chooseWay, leastOf, type MemoryOption, type Way } from './budget.js'
import { type ChatMode, chatCost, chatModes, ordinaryTalk, type Talk } from './chat.js'
import { type ChatFacts, type PaintFacts, quantizedChat, quantizedPainter } from './facts.js'
import { usualCache } from './language.js'
import { type Machine, referenceMachine } from './machine.js'
import { ordinaryPainting, type Painting, type PaintMode, paintCost, paintModes } from './paint.js'

/** Where the cache is exact by default, others are taken where nothing else fits, the less exact one last. */
const cacheLoss = { float32: 0, float16: 1, int8: 2 } as const

/** Every way to keep a chat, with what it takes. */
export function chatWays(facts: ChatFacts, machine: Machine, talk: Talk = ordinaryTalk): Way<ChatMode>[] {
  const usual = cacheLoss[usualCache(facts.language)]
  return chatModes(facts).map(mode => ({
    mode,
    cost: chatCost(facts, mode, machine, talk),
    loss: Math.max(0, cacheLoss[mode.kvCache] - usual),
  }))
}

/** Every way to keep a painter, with what it takes. */
export function paintWays(
  facts: PaintFacts,
  machine: Machine,
  painting: Painting = ordinaryPainting,
): Way<PaintMode>[] {
  return paintModes(facts).map(mode => ({
    mode,
    cost: paintCost(facts, mode, machine, painting),
    loss: mode.vaeTile === undefined ? 0 : 1,
  }))
}

/** What decides in which way a model is loaded. */
export interface Wish<M> {
  /** For messages: the model's name or path. */
  readonly model: string
  readonly memory?: MemoryOption | undefined
  readonly machine: { readonly total: number; readonly free: number }
  /** What the caller has settled. */
  readonly fixed: { readonly [K in keyof M]?: M[K] | undefined }
  /** What is not settled and not asked for. */
  readonly normal: M
}

/**
 * How to load a chat. An ordinary answer must fit where nothing is asked for; where a size is, the longest answer `talk`.
 * @throws InsufficientMemoryError, InvalidArgumentError
 */
export function chooseChatMode(facts: ChatFacts, talk: Talk, wish: Wish<ChatMode>): ChatMode {
  const counted = wish.memory === undefined ? ordinaryTalk : talk
  const cost = (mode: ChatMode) => chatCost(facts, mode, referenceMachine, counted)
  // Where all is in blocks already, converting again helps only from int8.
  const sources = facts.language.half + facts.language.float32 > facts.language.int8 + facts.language.int4
  const bits = sources ? ([8, 4] as const) : facts.language.int8 > facts.language.int4 ? ([4] as const) : []
  const others = bits.map(bits => ({
    hint: `viscpm quantize --dtype int${bits}${sources ? '' : ' from the original'}`,
    memory: leastOf(chatWays(quantizedChat(facts, bits), referenceMachine, counted)).cost.memory,
  }))
  return choose(chatWays(facts, referenceMachine, counted), cost, wish, others)
}

/** How to load a painter that paints `painting` by default. @throws InsufficientMemoryError, InvalidArgumentError */
export function choosePaintMode(facts: PaintFacts, painting: Painting, wish: Wish<PaintMode>): PaintMode {
  const cost = (mode: PaintMode) => paintCost(facts, mode, referenceMachine, painting)
  const smaller = leastOf(paintWays(quantizedPainter(facts, 4), referenceMachine, painting)).cost.memory
  const others = facts.language.half > 0 ? [{ hint: 'viscpm quantize --dtype int4', memory: smaller }] : []
  return choose(paintWays(facts, referenceMachine, painting), cost, wish, others)
}

function choose<M extends object>(
  all: readonly Way<M>[],
  cost: (mode: M) => Way<M>['cost'],
  { model, memory, machine, fixed, normal }: Wish<M>,
  others: readonly Alternative[],
): M {
  const settled = Object.entries(fixed).filter(([, value]) => value !== undefined)
  const ways = all.filter(({ mode }) =>
    settled.every(([name, value]) => (mode as Record<string, unknown>)[name] === value),
  )
  const usual = { ...normal, ...Object.fromEntries(settled) } as M
  const way = { mode: usual, cost: cost(usual) }
  return chooseWay({ model, ways: ways.length > 0 ? ways : [way], normal: way, memory, machine, others })
}
