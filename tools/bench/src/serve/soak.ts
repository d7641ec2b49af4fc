import { setTimeout as sleep } from 'node:timers/promises'
import { randomNumbers } from '@viscpm/core/random'
import { badRequests } from './bad-requests.js'
import { answerText, chatBody, paintBody, paintedFile, post } from './client.js'
import type { Known } from './expected.js'
import { openHandles, ownMegabytes } from './process-tree.js'
import type { RunningServer } from './server.js'
import { quantile, theilSen } from './slope.js'

export interface SoakOptions {
  readonly server: RunningServer
  readonly known: readonly Known[]
  readonly seconds: number
  readonly clients: number
  readonly seed: number
  readonly onTick?: (text: string) => void
}

export interface SoakResult {
  readonly asked: { readonly chat: number; readonly streamed: number; readonly paint: number }
  readonly aborted: number
  readonly bad: number
  /** What came back wrong, of whatever kind; the first of them in words. */
  readonly wrong: readonly string[]
  /** Growth of the memory of the server and what it started, after a third of the time; MB a minute. */
  readonly memorySlope: number
  readonly memory: { readonly first: number; readonly last: number; readonly peak: number }
  readonly handles: { readonly first: number; readonly last: number }
  /** Milliseconds of answers that nobody broke off. */
  readonly latency: { readonly median: number; readonly p99: number }
}

/** Of every ten requests two are broken off, and one is wrong. */
const shareAborted = 0.2
const shareBad = 0.1
const sharePaint = 0.15

/** Clients that ask all at once for answers that are known. */
export async function soak({ server, known, seconds, clients, seed, onTick }: SoakOptions): Promise<SoakResult> {
  const asked = { chat: 0, streamed: 0, paint: 0 }
  const wrong: string[] = []
  const latencies: number[] = []
  const counts = { aborted: 0, bad: 0 }
  const samples: { x: number; y: number; handles: number }[] = []
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  const [talks, paintings] = [known.filter(k => k.kind === 'chat'), known.filter(k => k.kind === 'paint')]

  async function one(random: () => number): Promise<void> {
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
    const kind = random()
    if (kind < shareBad) {
      const { path, body, status } = pick(badRequests)
      const reply = await post(server.url, path, body)
      counts.bad++
      if (reply.status !== status)
        throw new Error(`${path} ${JSON.stringify(body).slice(0, 80)}: ${reply.status}, not ${status}`)
      return
    }
    const item = random() < sharePaint && paintings.length > 0 ? pick(paintings) : pick(talks)
    const stream = random() < 0.5
    const leave = kind < shareBad + shareAborted ? AbortSignal.timeout(Math.ceil(random() ** 2 * 3000)) : undefined
    const before = performance.now()
    try {
      const found =
        item.kind === 'chat'
          ? answerText(await post(server.url, '/v1/chat/completions', chatBody(item.ask, { stream }), leave))
          : paintedFile(await post(server.url, '/v1/images/generations', paintBody(item.ask), leave))
      asked[item.kind === 'paint' ? 'paint' : stream ? 'streamed' : 'chat']++
      latencies.push(performance.now() - before)
      if (found === item.right) return
      const whose = known.find(other => other.right === found)
      throw new Error(
        `${whose ? "another's" : 'a wrong'} answer to ${JSON.stringify(item.ask).slice(-120)}: ${found.slice(0, 80)}`,
      )
    } catch (error) {
      if (!leave?.aborted) throw error
      counts.aborted++
    }
  }

  async function client(number: number): Promise<void> {
    const random = randomNumbers(seed + 7919 * number)
    while (elapsed() < seconds)
      try {
        await one(random)
      } catch (error) {
        wrong.push(`client ${number}: ${(error as Error).message}`)
        await sleep(100)
      }
  }

  const watch = setInterval(() => {
    samples.push({ x: elapsed() / 60, y: ownMegabytes(server.pid), handles: openHandles(server.pid) })
    if (samples.length % 15 === 0)
      onTick?.(
        `${elapsed().toFixed(0)} s: ${latencies.length} answers, ${counts.aborted} broken off, ${counts.bad} wrong requests, ${wrong.length} faults, ${samples.at(-1)!.y.toFixed(0)} MB`,
      )
  }, 1000)
  await Promise.all(Array.from({ length: clients }, (_, i) => client(i)))
  clearInterval(watch)
  const warm = samples.filter(({ x }) => x * 60 > seconds / 3)
  const megabytes = warm.map(({ y }) => y)
  return {
    asked,
    ...counts,
    wrong,
    memorySlope: theilSen(warm),
    memory: { first: megabytes[0] ?? 0, last: megabytes.at(-1) ?? 0, peak: Math.max(...megabytes) },
    handles: { first: warm[0]?.handles ?? 0, last: warm.at(-1)?.handles ?? 0 },
    latency: { median: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
  }
}
