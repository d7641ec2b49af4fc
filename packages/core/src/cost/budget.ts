import { InsufficientMemoryError, InvalidArgumentError } from '../errors.js'
import type { Cost } from './types.js'

/**
 * How much memory a model may take. '8g', '6.5gb', '800m' or bytes: so much, in units of 1024, and no more than is free. 'auto': what is
 * free. 'low': as little as can be, whatever is there; 'normal': everything loaded, whatever is there.
 */
export type MemoryOption = 'auto' | 'normal' | 'low' | number | `${number}${string}`

const units: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** @returns bytes, or one of the words. @throws InvalidArgumentError */
export function parseMemory(option: MemoryOption): number | 'auto' | 'normal' | 'low' {
  if (option === 'auto' || option === 'normal' || option === 'low') return option
  const [, count, unit] =
    typeof option === 'string' ? (/^\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)?\s*$/i.exec(option) ?? []) : []
  const bytes = typeof option === 'number' ? option : Number(count) * (unit ? units[unit.toLowerCase()]! : 1)
  if (Number.isFinite(bytes) && bytes > 0) return bytes
  throw new InvalidArgumentError({
    argument: 'memory',
    message: `must be auto, normal, low or a size such as 8g, not ${JSON.stringify(option) ?? String(option)}`,
  })
}

/** A way of running a model, and what it takes. */
export interface Way<M> {
  readonly mode: M
  readonly cost: Cost
  /** Ways that lose more of the model's exactness are taken only where no other fits. Default 0. */
  readonly loss?: number
}

const results = 3

/** Seconds until a few answers or pictures are there, loading included: what ways are compared by. */
function fewResults({ load, stages }: Cost): number {
  return load + results * stages.reduce((sum, { seconds }, i) => sum + (i === 0 ? 0 : seconds), 0)
}

/** Of the ways that fit into `bytes` the most exact one, of these the one whose results are there first. */
export function bestWithin<M>(ways: readonly Way<M>[], bytes: number): Way<M> | undefined {
  const [best] = ways
    .filter(({ cost }) => cost.memory <= bytes)
    .sort((a, b) => (a.loss ?? 0) - (b.loss ?? 0) || fewResults(a.cost) - fewResults(b.cost))
  return best
}

/** The way that takes the least memory. */
export function leastOf<M>(ways: readonly Way<M>[]): Way<M> {
  return ways.reduce((a, b) => (b.cost.memory < a.cost.memory ? b : a))
}

/** What else a model could become, and what it would take then. */
export interface Alternative {
  readonly hint: string
  readonly memory: number
}

export interface Choosing<M> {
  /** For messages: the model's name or path. */
  readonly model: string
  readonly ways: readonly Way<M>[]
  /** The way that 'normal' stands for, and no option. */
  readonly normal: Way<M>
  /** Absent: the normal way, refused where it clearly cannot be. */
  readonly memory?: MemoryOption | undefined
  /** Of the machine or container, in bytes; `free` is what this process may still take. */
  readonly machine: { readonly total: number; readonly free: number }
  /** The first one that fits is told. */
  readonly others?: readonly Alternative[]
}

/**
 * The way to run a model in the memory that it may take.
 * @throws InsufficientMemoryError when no way fits, with what would; InvalidArgumentError for what is no size
 */
export function chooseWay<M>(choosing: Choosing<M>): M {
  const { ways, normal, memory, machine } = choosing
  if (memory === undefined) return notHopeless(choosing)
  const wanted = parseMemory(memory)
  if (wanted === 'normal') return normal.mode
  if (wanted === 'low') return leastOf(ways).mode
  const available = wanted === 'auto' ? machine.free : Math.min(wanted, machine.free)
  const found = bestWithin(ways, available)
  if (found) return found.mode
  const kind = available === wanted ? 'are allowed' : 'are free'
  throw refusal(choosing, leastOf(ways).cost.memory, available, kind, 'at least')
}

/** Mapped weights that are not free at this moment may become so; what is not there at all, or must be the process's own, may not. */
function notHopeless<M>(choosing: Choosing<M>): M {
  const { normal, machine } = choosing
  const { memory, own } = normal.cost
  if (own > machine.free) throw refusal(choosing, own, machine.free, 'are free', 'of its own')
  if (memory > machine.total) throw refusal(choosing, memory, machine.total, 'are there', 'in all')
  return normal.mode
}

function refusal<M>(
  { model, ways, machine, others = [], memory }: Choosing<M>,
  needed: number,
  available: number,
  kind: string,
  how: string,
): InsufficientMemoryError {
  const within = memory === undefined ? bestWithin(ways, machine.free) : undefined
  const other = within
    ? { hint: "memory: 'auto' (--memory auto)", memory: within.cost.memory }
    : (others.find(({ memory }) => memory <= available) ?? smallest(others, needed))
  return new InsufficientMemoryError({
    needed,
    available,
    message: `${model} takes ${gigabytes(needed)} ${how}, and ${gigabytes(available)} ${kind}`,
    hint: `${other ? `${other.hint} would take ${gigabytes(other.memory)}. ` : ''}memory: 'low' (--memory low) tries all the same.`,
  })
}

function smallest(others: readonly Alternative[], below: number): Alternative | undefined {
  return [...others].sort((a, b) => a.memory - b.memory).find(({ memory }) => memory < below)
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`
