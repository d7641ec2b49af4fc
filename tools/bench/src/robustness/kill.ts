import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomNumbers } from '@viscpm/core/random'
import { atMoment, type Moment, momentNames } from './aim.js'
import { fingerprint, namesIn } from './folders.js'
import { type Prepared, prepareSmallModel } from './small-model.js'
import { answerOf, type Ended, mustSucceed, startViscpm, viscpm } from './viscpm.js'

export interface KillOptions {
  /** How often a conversion is killed. */
  readonly points: number
  readonly seed: number
  /** An empty folder to work in. */
  readonly folder: string
  /** Every so many points the model that is there is verified, and answers. */
  readonly useEvery: number
  readonly onPoint?: (point: number, text: string) => void
}

/** What was seen; every number counts points. */
export interface KillReport {
  readonly killed: number
  /** Killed at a moment too short to be met by chance, not after a random time. */
  readonly aimed: number
  /** Killed while it went on with a killed run. */
  readonly again: number
  /** What lay at the destination then. */
  readonly older: number
  readonly complete: number
  /** Neither by its name: killed between the two renames that exchange them. Loading finds the older one all the same. */
  readonly between: number
  /** What was there was verified, and answered: always where it was neither by its name. */
  readonly used: number
  /** Runs that went on with what a killed one had done, and runs that ended before they could be killed. */
  readonly resumed: number
  readonly missed: number
}

const picture = fileURLToPath(new URL('../../../../packages/tiny/pictures/apple.png', import.meta.url))
/** Of all points. */
const shareAimed = 0.25
const shareAgain = 0.25

/**
 * Kills conversions with SIGKILL at random points, each over an older model, and converts again. Every time: what is there is the
 * older model or the new one, byte by byte, and can be used; the next run gives the same bytes as one that nothing disturbed, whatever
 * the number of workers; and it leaves nothing else.
 * @throws Error saying at which point what was wrong
 */
export async function killConversions(options: KillOptions): Promise<KillReport> {
  const { points, seed, folder, onPoint = () => {} } = options
  const random = randomNumbers(seed)
  const small = await prepareSmallModel(folder)
  const older = join(folder, 'older')
  mustSucceed(await viscpm(['quantize', small.source, '-o', older, '--dtype', 'int8']), 'the older conversion')
  const olderPrint = (await fingerprint(older))!
  const place = join(folder, 'place')
  const target = join(place, 'model')
  const count = { killed: 0, aimed: 0, again: 0, older: 0, complete: 0, between: 0, used: 0, resumed: 0, missed: 0 }
  let again = false
  let whole = small.seconds
  while (count.killed < points) {
    if (!again) {
      await rm(place, { recursive: true, force: true })
      await mkdir(place)
      await cp(older, target, { recursive: true })
    }
    const aim: Aim = random() < shareAimed ? momentNames[Math.floor(random() * momentNames.length)]! : random()
    const workers = 1 + Math.floor(random() * 4)
    const where = `point ${count.killed + 1}, ${typeof aim === 'string' ? `at ${aim}` : `after ${aim.toFixed(4)}`}, ${workers} workers`
    const ended = await killedAt(small, target, aim, workers, whole)
    if (ended.signal !== 'SIGKILL') {
      mustSucceed(ended, `${where}: a conversion that was not killed`)
      // The machine may have become faster since.
      whole = (whole + Math.min(whole, ended.seconds)) / 2
      if (++count.missed > 3 * points + 20) throw new Error(`${where}: most conversions end before they are killed`)
      again = false
      continue
    }
    count.killed++
    if (typeof aim === 'string') count.aimed++
    if (again) count.again++

    const state = await stateOf(target, { older: olderPrint, complete: small.print }, where)
    count[state]++
    onPoint(count.killed, `${where}: ${state}`)
    if (state === 'between' || count.killed % options.useEvery === 0) {
      await useModel(target, where)
      count.used++
    }
    again = random() < shareAgain && count.killed < points
    if (!again && (await finishes(small, target, where)) > 0) count.resumed++
    const names = await namesIn(place)
    if (!again && String(names) !== 'model') throw new Error(`${where}: the next run left ${names.join(', ')}`)
  }
  return count
}

/** A moment by its name, or a share of the time that a conversion takes. */
type Aim = Moment | number

const quantizeArgs = ({ source }: Prepared, target: string, workers: number) => {
  const from = ['quantize', source, '-o', target, '--dtype', 'int4']
  return [...from, '--force', '--workers', String(workers), '--quiet', '--json']
}

/** @param whole seconds that a conversion takes @returns how it ended: it may have been over before */
async function killedAt(small: Prepared, target: string, aim: Aim, workers: number, whole: number): Promise<Ended> {
  const child = startViscpm(quantizeArgs(small, target, workers))
  const stop = typeof aim === 'string' ? atMoment(aim, target, child.kill) : after(aim * whole * 1000, child.kill)
  const ended = await child.ended
  stop()
  return ended
}

function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms)
  return () => clearTimeout(timer)
}

interface Prints {
  readonly older: string
  readonly complete: string
}

async function stateOf(target: string, prints: Prints, where: string): Promise<'older' | 'complete' | 'between'> {
  const found = await fingerprint(target)
  if (found === prints.older) return 'older'
  if (found === prints.complete) return 'complete'
  const aside = await fingerprint(join(target, '..', '.model.replaced'))
  if (found === undefined && aside === prints.older) return 'between'
  throw new Error(`${where}: what lies there is neither the older model nor the new one:\n${found}`)
}

/** Verifies every byte, loads, and answers. */
async function useModel(target: string, where: string): Promise<void> {
  mustSucceed(await viscpm(['verify', target]), `${where}: viscpm verify`)
  const question = ['chat', picture, '这是什么？', '--model', target, '--decoding', 'greedy', '--max-new-tokens', '1']
  mustSucceed(await viscpm([...question, '--json']), `${where}: viscpm chat`)
}

/** The next run. @returns bytes that the killed one had done */
async function finishes(small: Prepared, target: string, where: string): Promise<number> {
  const ended = mustSucceed(await viscpm(quantizeArgs(small, target, 2)), `${where}: the next run`)
  if ((await fingerprint(target)) !== small.print) throw new Error(`${where}: the next run gave other bytes`)
  return Number(answerOf(ended).resumed)
}
