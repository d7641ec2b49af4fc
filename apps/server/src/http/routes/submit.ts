import type { Context } from 'hono'
import type { Job, JobRequest } from '../../jobs/types.js'
import type { AppEnv, Services } from '../context.js'

/** A job that belongs to one request: it is cancelled when the client leaves. @throws QueueFullError, ClosingError */
export async function submitFor(c: Context<AppEnv>, { queue }: Services, request: JobRequest): Promise<Job> {
  const { signal } = c.req.raw
  signal.throwIfAborted()
  const job = await queue.submit(request, { owner: c.get('owner') })
  const leave = () => void job.cancel().catch(() => {})
  signal.addEventListener('abort', leave, { once: true })
  const stopListening = () => signal.removeEventListener('abort', leave)
  job.result().then(stopListening, stopListening)
  if (signal.aborted) leave()
  return job
}
