import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Engine, JobQueue, JobRequest, JobResult, JobState, RunOptions } from '../jobs/types.js'

const seconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800]

/** What /metrics says. */
export class Metrics {
  readonly registry: Registry = new Registry()
  private readonly requests: Counter
  private readonly requestSeconds: Histogram
  private readonly jobs: Counter
  private readonly jobSeconds: Histogram
  private readonly waitSeconds: Histogram
  private readonly tokens: Counter
  private readonly steps: Counter

  constructor() {
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    const labelled = <T extends string>(name: string, help: string, labelNames: readonly T[]) => ({
      name: `viscpm_${name}`,
      help,
      labelNames,
      registers,
    })
    this.requests = new Counter(labelled('http_requests_total', 'Requests answered', ['method', 'route', 'status']))
    this.requestSeconds = new Histogram({
      ...labelled('http_request_seconds', 'Time until a request was answered, streams to their end', ['route']),
      buckets: seconds,
    })
    this.jobs = new Counter(labelled('jobs_total', 'Jobs that ended', ['kind', 'model', 'status']))
    this.jobSeconds = new Histogram({
      ...labelled('job_seconds', 'Time that jobs ran', ['kind', 'model']),
      buckets: seconds,
    })
    this.waitSeconds = new Histogram({
      ...labelled('job_wait_seconds', 'Time that jobs waited', ['kind', 'model']),
      buckets: seconds,
    })
    this.tokens = new Counter(labelled('tokens_total', 'Tokens read and written', ['model', 'type']))
    this.steps = new Counter(labelled('steps_total', 'Denoising steps of pictures', ['model']))
  }

  request(method: string, route: string, status: number, ms: number): void {
    this.requests.inc({ method, route, status })
    this.requestSeconds.observe({ route }, ms / 1000)
  }

  /** Jobs that wait and run, looked up when somebody asks; 0 for a model of which the queue says nothing. */
  watch(queue: Pick<JobQueue, 'countsByModel'>, models: () => Engine['models']): void {
    for (const [name, help] of [
      ['queued', 'Jobs that wait'],
      ['running', 'Jobs that run'],
    ] as const)
      new Gauge({
        name: `viscpm_jobs_${name}`,
        help,
        labelNames: ['kind', 'model'],
        registers: [this.registry],
        async collect() {
          // What a queue on another machine cannot say now must not keep back all the rest.
          const counts = await queue.countsByModel().catch(() => undefined)
          this.reset()
          if (!counts) return
          for (const { kind, id: model } of models()) this.set({ kind, model }, 0)
          for (const { kind, model, ...one } of counts) this.set({ kind, model }, one[name])
        },
      })
  }

  jobEnded({ kind, model, status, createdAt, startedAt, finishedAt }: JobState): void {
    this.jobs.inc({ kind, model, status })
    if (startedAt === undefined) return
    this.waitSeconds.observe({ kind, model }, (startedAt - createdAt) / 1000)
    if (finishedAt !== undefined) this.jobSeconds.observe({ kind, model }, (finishedAt - startedAt) / 1000)
  }

  /** An engine whose tokens and steps are counted. */
  counted(engine: Pick<Engine, 'run'>): Pick<Engine, 'run'> {
    return {
      run: async (request: JobRequest, options: RunOptions): Promise<JobResult> => {
        const result = await engine.run(request, options)
        const { model } = request
        if (result.kind === 'chat') {
          this.tokens.inc({ model, type: 'prompt' }, result.answer.usage.promptTokens)
          this.tokens.inc({ model, type: 'completion' }, result.answer.usage.completionTokens)
        } else
          this.steps.inc(
            { model },
            result.candidates.reduce((n, { metadata }) => n + metadata.steps, 0),
          )
        return result
      },
    }
  }
}
