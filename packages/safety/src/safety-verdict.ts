import type { TaskOptions, Verdict } from '@viscpm/core'

type Signal = TaskOptions['signal']

/** A checker, as far as asking it goes. */
export interface Askable<T> {
  readonly name: string
  check(input: T, options?: { signal?: AbortSignal }): Promise<Verdict>
}

/**
 * A checker's verdict on one input, whatever the checker does: one that throws, takes longer than `timeoutMs`, or says
 * what is no verdict (NaN scores, unknown decisions, missing fields) gives 'unknown'. Nobody's failure passes as 'allow'.
 * @throws the signal's reason when aborted, at once, even while the checker hangs
 */
export async function askChecker<T>(
  checker: Askable<T>,
  input: T,
  timeoutMs: number,
  signal: Signal,
): Promise<Verdict> {
  signal?.throwIfAborted()
  const unknown = (reason: string): Verdict => ({ decision: 'unknown', checker: checker.name, reason })
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
  })
  const late = new Promise<Verdict>(resolve => {
    timer = setTimeout(() => resolve(unknown(`the checker did not answer within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    const said = (async () => checkedVerdict(await checker.check(input, { signal: stop.signal }), checker.name))()
    // A checker that fails after its time, or after an abort, has nobody to tell.
    said.catch(() => {})
    const verdict = await Promise.race([said, late, aborted])
    signal?.throwIfAborted()
    return verdict
  } catch (error) {
    signal?.throwIfAborted()
    return unknown(`the checker failed: ${messageOf(error)}`)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    stop.abort()
  }
}

function messageOf(error: unknown): string {
  try {
    return String((error as Error)?.message ?? error)
  } catch {
    return 'it threw what cannot be shown'
  }
}

const decisions: readonly unknown[] = ['allow', 'block', 'unknown']

/** A copy of what a checker said, with every field looked at. @throws Error naming the field that is not as it should be */
function checkedVerdict(said: unknown, asked: string): Verdict {
  if (said === null || typeof said !== 'object') throw new Error('what it said is no verdict')
  const { decision, category, score, threshold, checker, modelHash, reason } = said as Record<string, unknown>
  if (!decisions.includes(decision)) throw new Error('its verdict has no known decision')
  for (const [name, value] of Object.entries({ score, threshold }))
    if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value)))
      throw new Error(`its verdict has a ${name} that is no finite number`)
  for (const [name, value] of Object.entries({ category, checker, modelHash, reason }))
    if (value !== undefined && typeof value !== 'string') throw new Error(`its verdict has a ${name} that is no text`)
  return {
    decision: decision as Verdict['decision'],
    checker: (checker as string | undefined) ?? asked,
    ...(category !== undefined && { category: category as string }),
    ...(score !== undefined && { score: score as number }),
    ...(threshold !== undefined && { threshold: threshold as number }),
    ...(modelHash !== undefined && { modelHash: modelHash as string }),
    ...(reason !== undefined && { reason: reason as string }),
  }
}
