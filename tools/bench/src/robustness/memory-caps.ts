import { fileURLToPath } from 'node:url'
import { type PeakMemory, watchMemory } from '../full/memory-watch.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { answerOf, type Ended, startViscpm } from './viscpm.js'

/** A command that is run under every limit. */
export interface CappedCommand {
  readonly name: string
  readonly argv: readonly string[]
}

export interface CapRow {
  readonly name: string
  /** Bytes. */
  readonly cap: number
  readonly outcome: Outcome
  readonly seconds: number
  /** MB; undefined where it was not seen. */
  readonly peak: PeakMemory | undefined
  /** The error's code and message, or how it was killed. */
  readonly said: string
}

/**
 * Limits the memory of its own that a process may have: pages of files that are mapped to be read do not count, which is as with a
 * machine of that much memory, for they can be dropped. What is reserved and never touched does count. Other limits can be given.
 */
export const capCommand = 'prlimit --data={bytes}'

/** @returns the command and its arguments, with the limit in the place of {bytes} */
export function cappedBy(command: string, bytes: number): string[] {
  if (!command.includes('{bytes}')) throw new Error(`--with needs {bytes}, where the limit goes: ${command}`)
  return command
    .trim()
    .split(/\s+/)
    .map(word => word.replaceAll('{bytes}', String(bytes)))
}

const picture = fileURLToPath(new URL('../../../../packages/tiny/pictures/apple.png', import.meta.url))

/** Looks at a picture and answers with five tokens. */
export const chatCommand = (model: string, args: readonly string[]): CappedCommand => ({
  name: ['chat', ...args].join(' '),
  argv: ['chat', picture, '这是什么？', '--model', model, '--max-new-tokens', '5', '--json', ...args],
})

/** Paints in two steps. @param file where to */
export const paintCommand = (model: string, file: string, args: readonly string[]): CappedCommand => ({
  name: ['paint', ...args].join(' '),
  argv: ['paint', 'a red cat', '-o', file, '--model', model, '--steps', '2', '--candidates', '1', '--json', ...args],
})

/** Runs a command under a limit. */
export async function runCapped({ name, argv }: CappedCommand, cap: number, by: string): Promise<CapRow> {
  const child = startViscpm(argv, cappedBy(by, cap))
  const stop = watchMemory(child.pid)
  const ended = await child.ended
  return { name, cap, outcome: outcomeOf(ended), seconds: ended.seconds, peak: stop(), said: saidBy(ended) }
}

function saidBy(ended: Ended): string {
  if (ended.code === 0) return ''
  const { error } = answerOf(ended)
  if (error) return `${error.code}: ${error.message}`
  const last = ended.stderr.trim().split('\n').at(-1) ?? ''
  return `${ended.signal ?? ended.code}: ${last}`
}

/** Rows of a Markdown table. */
export function capTable(rows: readonly CapRow[]): string {
  const mb = (value: number | undefined) => value?.toFixed(0) ?? ''
  const lines = rows.map(({ name, cap, outcome, seconds, peak, said }) => [
    name,
    (cap / 1e9).toFixed(0),
    outcome,
    seconds.toFixed(1),
    ...[mb(peak?.anonymous), mb(peak?.file), mb(peak?.resident)],
    said.replaceAll('|', '/').slice(0, 120),
  ])
  const head = ['command', 'limit, GB', 'outcome', 's', 'own MB', 'mapped MB', 'peak MB', 'said']
  return [head, head.map(() => '---'), ...lines].map(line => `| ${line.join(' | ')} |`).join('\n')
}
