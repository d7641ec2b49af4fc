import { type Promised, workersFor } from './erlang.js'
import type { Figures } from './figures.js'

/** What is supposed of users and of the promise to them: change it, and make the tables anew. */
export interface Assumptions {
  /** Of each user and day. */
  readonly questions: number
  readonly pictures: number
  /** How many times as much as on average comes in the busiest hour. */
  readonly peak: number
  /** Tokens of an answer. */
  readonly answer: number
  readonly promised: Readonly<Record<'chat' | 'paint', Promised>>
  /** Of a core for an hour, in any currency. */
  readonly corePrice: number
  /** How much of the time a worker is busy, where their number follows the load. */
  readonly busy: number
  /** Bytes of a painted file, at most: 512 x 512 pixels of 3 bytes. */
  readonly pictureBytes: number
}

export const assumptions: Assumptions = {
  questions: 5,
  pictures: 1,
  peak: 3,
  answer: 64,
  promised: { chat: { share: 0.9, seconds: 10 }, paint: { share: 0.9, seconds: 60 } },
  corePrice: 0.04,
  busy: 0.7,
  pictureBytes: 512 * 512 * 3,
}

/** Seconds of each kind of job on the measured machine. */
export function serviceTimes(
  { sight, firstToken, token, readPrompt, pictureFast }: Figures,
  { answer }: Assumptions,
): Readonly<Record<'beam' | 'greedy' | 'paint', number>> {
  const chat = (step: number): number => sight + firstToken + answer * step
  return { beam: chat(token.beam), greedy: chat(token.greedy), paint: readPrompt + pictureFast }
}

/** For one kind of job. */
export interface Fleet {
  /** Jobs a second in the busiest hour, and workers that are busy then on average. */
  readonly arrivals: number
  readonly load: number
  readonly workers: number
  readonly cores: number
  /** GB in all. */
  readonly memory: number
  /** A day, if all run all day, and if their number follows the load. */
  readonly cost: number
  readonly costFollowing: number
}

export interface Plan {
  readonly users: number
  readonly chat: Fleet
  readonly paint: Fleet
  /** GB of results in the broker where they are kept for an hour. */
  readonly results: number
}

/** What so many users need. */
export function planFor(users: number, figures: Figures, supposed: Assumptions = assumptions): Plan {
  const { questions, pictures, peak, promised, corePrice, busy, pictureBytes } = supposed
  const times = serviceTimes(figures, supposed)
  const fleet = (kind: 'chat' | 'paint', each: number, service: number): Fleet => {
    const arrivals = (users * each * peak) / 86_400
    const load = arrivals * service
    const workers = workersFor(load, service, promised[kind])
    const price = (count: number): number => count * figures.cores * 24 * corePrice
    return {
      arrivals,
      load,
      workers,
      cores: workers * figures.cores,
      memory: workers * figures.memory[kind],
      cost: price(workers),
      costFollowing: price(Math.max(1, load / peak / busy)),
    }
  }
  const [chat, paint] = [fleet('chat', questions, times.beam), fleet('paint', pictures, times.paint)]
  return { users, chat, paint, results: (paint.arrivals * 3600 * pictureBytes) / 1e9 }
}
