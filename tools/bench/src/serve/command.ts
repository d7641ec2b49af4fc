import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { askAlone } from './expected.js'
import { healthWhilePainting } from './health.js'
import { measureOverhead } from './overhead.js'
import { startServer } from './server.js'
import { soak } from './soak.js'

const usage = `pnpm bench serve speed [--pairs N]
pnpm bench serve soak [--minutes N] [--clients N] [--seed N]

Starts 'viscpm serve' with the embedded model on a free port of this machine.
speed  what the server adds to an answer's time (--pairs, default 100), /healthz while pictures are painted, requests a second
soak   clients that ask all at once for answers that are known (--clients, default 32; --minutes, default 60); a fifth is broken off, a
       tenth is wrong. Exit code 1 when an answer is wrong or another's, or, in runs from 30 minutes on, memory grows by 1 MB a minute or more`

/** Minutes of a run that says something of memory: results are kept for ten, and collected in bursts. */
const judgeMemoryFrom = 30

/** Most that the server may add to an answer, most that /healthz may take, MB a minute. */
const goals = { overhead: 1.05, health: 20, slope: 1 }

/** `pnpm bench serve ...` @returns the exit code */
export async function serve(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { pairs: text, minutes: text, clients: text, seed: text, help: { type: 'boolean' } },
  })
  const number = (name: 'pairs' | 'minutes' | 'clients' | 'seed', fallback: number): number => {
    const value = Number(values[name] ?? fallback)
    if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${values[name]}`)
    return value
  }
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (positionals[0] === 'speed') return speed(number('pairs', 100))
  if (positionals[0] === 'soak')
    return soaked(number('minutes', 60), number('clients', 32), number('seed', 1 + Math.floor(Math.random() * 1e9)))
  console.log(usage)
  return 2
}

const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`

async function speed(pairs: number): Promise<number> {
  const server = await startServer('--model', 'tiny', '--max-queue', '256')
  try {
    const overheads = await measureOverhead(server.url, pairs)
    for (const { what, pipeline, added, http, ratio } of overheads)
      console.log(
        `${what}: ${pipeline.toFixed(0)} ms from the pipeline; the server adds ${added.toFixed(1)} ms (a bare HTTP server ${http.toFixed(1)}), ${percent(ratio.median)} (${percent(ratio.min)} to ${percent(ratio.max)}; goal: under ${percent(goals.overhead)})`,
      )
    const health = await healthWhilePainting(server.url, 30)
    console.log(
      `/healthz while ${health.painted} pictures were painted: ${health.median.toFixed(1)} ms, p99 ${health.p99.toFixed(1)} ms of ${health.requests} (goal: under ${goals.health} ms)`,
    )
    for (const path of ['/healthz', '/v1/models', '/']) {
      const { requests, latency, errors, non2xx } = await autocannon({
        url: server.url + path,
        connections: 32,
        duration: 5,
      })
      console.log(
        `GET ${path}: ${requests.average.toFixed(0)} a second, p99 ${latency.p99} ms, ${errors + non2xx} failed`,
      )
    }
    return overheads.every(({ ratio }) => ratio.median < goals.overhead) && health.p99 < goals.health ? 0 : 1
  } finally {
    await server.stop()
  }
}

/** The same words of several clients, counted; the twenty most frequent. */
function countsOf(wrong: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of wrong) {
    const what = one.replace(/^client \d+: /, '')
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a).slice(0, 20))
}

async function soaked(minutes: number, clients: number, seed: number): Promise<number> {
  console.log(`${clients} clients for ${minutes} minutes; --seed ${seed}`)
  const server = await startServer('--model', 'tiny', '--max-queue', String(4 * clients))
  try {
    const known = await askAlone(server.url)
    const result = await soak({
      server,
      known,
      seconds: 60 * minutes,
      clients,
      seed,
      onTick: line => console.error(line),
    })
    const { asked, memory, handles, latency } = result
    console.log(`answers: ${asked.chat} whole, ${asked.streamed} in pieces; ${asked.paint} pictures; ${result.aborted} broken off, ${result.bad} wrong requests refused
faults: ${result.wrong.length}${[...countsOf(result.wrong)].map(([what, count]) => `\n  ${count} x ${what}`).join('')}
memory of server and models after the first third: ${memory.first.toFixed(0)} to ${memory.last.toFixed(0)} MB, at most ${memory.peak.toFixed(0)}; it grows by ${result.memorySlope.toFixed(2)} MB a minute (goal: under ${goals.slope}${minutes < judgeMemoryFrom ? `, judged from ${judgeMemoryFrom} minutes on` : ''})
open files and sockets: ${handles.first} to ${handles.last}
an answer: ${(latency.median / 1000).toFixed(1)} s, p99 ${(latency.p99 / 1000).toFixed(1)} s`)
    const answers = asked.chat + asked.streamed + asked.paint
    const steady = minutes < judgeMemoryFrom || result.memorySlope < goals.slope
    return answers > 0 && result.wrong.length === 0 && steady ? 0 : 1
  } finally {
    await server.stop()
  }
}
