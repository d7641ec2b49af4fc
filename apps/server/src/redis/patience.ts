import { QueueFullError } from '../jobs/errors.js'

/**
 * What the broker answers, if it does in time: while it is away, commands wait for it to come back.
 * @param timeout milliseconds
 * @throws QueueFullError for a broker that does not answer, or whose memory is full; what the task rejects with
 */
export async function inTime<T>(task: Promise<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueFullError('the broker does not answer', 5)), timeout)
  })
  try {
    return await Promise.race([task, late])
  } catch (error) {
    // With `noeviction` a broker whose memory is full takes nothing more.
    if ((error as Error).message.startsWith('OOM')) throw new QueueFullError('the broker is full', 30, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
  }
}
