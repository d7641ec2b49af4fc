import type { Answer } from './client.js'
import { Fault } from './faults.js'

type Headers = Pick<Answer, 'header'>

/** Bytes of an answer's body, where it says so. */
export function lengthOf(answer: Headers): number | undefined {
  const length = answer.header('content-length')
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}

/**
 * Bytes of the whole file, of an answer to `bytes=FROM-`; undefined where that is not said.
 * @throws Fault when it is not the part that was asked for
 */
export function rangeTotal(answer: Headers, from: number): number | undefined {
  const said = answer.header('content-range') ?? ''
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(said) ?? []
  const length = lengthOf(answer)
  const whole = total === undefined || total === '*' ? undefined : Number(total)
  const runs = start !== undefined && Number(start) === from && Number(end) >= from
  const fits = length === undefined || length === Number(end) - from + 1
  const inside = whole === undefined || Number(end) < whole
  if (from > 0 && runs && fits && inside) return whole
  throw new Fault(`the server sends another part than was asked for (${said || 'no Content-Range'})`, 'lie')
}
