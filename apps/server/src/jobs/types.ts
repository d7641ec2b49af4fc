import type { ChatAnswer, DecodingOptions, Turn } from '@viscpm/chat'
import type { Progress, Verdict } from '@viscpm/core'
import type { Candidate, PaintMetadata, PaintResult, PresetName } from '@viscpm/paint'
import type { SchedulerConfig } from '@viscpm/unet-sampler'

/** A question about a picture. Plain data, as all here: it goes to other threads, processes and machines. */
export interface ChatRequest {
  readonly kind: 'chat'
  /** A model's id, a key of what is served, never a path. */
  readonly model: string
  /** The file as it came: PNG, JPEG, WebP or GIF. */
  readonly image: Uint8Array
  /** Earlier questions about it and their answers, oldest first. */
  readonly turns: readonly Turn[]
  readonly question: string
  readonly decoding: DecodingOptions
}

/** Words to be painted. */
export interface PaintRequest {
  readonly kind: 'paint'
  readonly model: string
  readonly prompt: string
  readonly negativePrompt?: string
  readonly count: number
  readonly candidates?: number
  /** Decimal, as seeds may pass 2^53. Absent: drawn when it is taken in, so that a job taken up again paints the same. */
  readonly seed?: string
  readonly steps?: number
  readonly width?: number
  readonly height?: number
  readonly guidanceScale?: number
  readonly scheduler?: SchedulerConfig
  readonly preset?: PresetName
  /** Files, as with chat. */
  readonly image?: Uint8Array
  readonly mask?: Uint8Array
  readonly strength?: number
  /** Whether `preview` events are wanted. */
  readonly previews: boolean
}

export type JobRequest = ChatRequest | PaintRequest

/** What is told while a job runs. */
export type JobEvent =
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly progress: Progress }
  /** Chat: what was added to the answer. */
  | { readonly type: 'text'; readonly text: string }
  /** Paint: small PNG files of what can be seen so far, one for each picture in work. */
  | { readonly type: 'preview'; readonly step: number; readonly steps: number; readonly images: readonly Uint8Array[] }

export interface ChatResult {
  readonly kind: 'chat'
  readonly answer: ChatAnswer
}

/** One picture as a PNG file with its settings inside. */
export interface PaintedPicture extends Pick<Candidate, 'picture' | 'score' | 'verdict' | 'action' | 'withheld'> {
  readonly png: Uint8Array
  readonly metadata: PaintMetadata
}

export interface PaintedResult extends Pick<PaintResult, 'status' | 'chosen' | 'ranking' | 'safety' | 'timings'> {
  readonly kind: 'paint'
  /** All that were painted; `chosen` are indices in it. */
  readonly candidates: readonly PaintedPicture[]
}

export type JobResult = ChatResult | PaintedResult

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

/** What a client may know of a failure: a stable code and a fixed text, nothing of the inside. */
export interface JobFailure {
  readonly code: string
  readonly message: string
  /** Field of the request that is wrong, where one is. */
  readonly param?: string
  /** What a checker said of what it did not allow, as in the report of an answer. */
  readonly safety?: Readonly<Partial<Record<'image' | 'question', Verdict>>>
}

export interface JobState {
  readonly id: string
  readonly kind: JobRequest['kind']
  readonly model: string
  readonly status: JobStatus
  /** Jobs before it, while it is queued; 0 is the next. */
  readonly position?: number
  readonly progress?: Progress
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly failure?: JobFailure
}

export interface SubmitOptions {
  /** Who may see and cancel it: a name made of the API key, or 'anonymous'. */
  readonly owner: string
  /** Idempotency key: the same id of the same owner is the same job. Default: a random one. */
  readonly id?: string
  /** 0 is usual, less is sooner. */
  readonly priority?: number
}

/** A job that was taken in. */
export interface Job {
  readonly id: string
  /** What is told from now on, ended by the job's end. A reader that is too slow loses previews and progress, never text. */
  events(signal?: AbortSignal): AsyncIterable<JobEvent>
  /** @throws JobFailedError, the reason of the cancelling */
  result(): Promise<JobResult>
  state(): Promise<JobState>
  /** Stops it at the next token or step; one that is done stays done. */
  cancel(): Promise<void>
}

/** Jobs of one model and kind. */
export interface QueueCounts {
  readonly kind: JobRequest['kind']
  readonly model: string
  readonly queued: number
  readonly running: number
}

/** Where jobs wait for whom computes them: in this process, or Redis. */
export interface JobQueue {
  /** @throws QueueFullError (RateLimitedError) with the seconds after which to try again; ClosingError while it drains */
  submit(request: JobRequest, options: SubmitOptions): Promise<Job>
  /** Of this owner; undefined also for another's. */
  find(id: string, owner: string): Promise<Job | undefined>
  /** For /readyz. */
  counts(): Promise<{ readonly queued: number; readonly running: number }>
  /** The same for each model, for /metrics. One that nothing is known of is not in it. */
  countsByModel(): Promise<readonly QueueCounts[]>
  /** Takes in no more; waits at most so many milliseconds for what runs, then cancels (in process) or gives back (Redis). */
  close(options?: { readonly drain?: number }): Promise<void>
}

export interface RunOptions {
  readonly signal: AbortSignal
  /** Told in order; may be slow. */
  readonly emit: (event: JobEvent) => void | Promise<void>
}

/** What computes jobs: models in processes of their own, never on this thread. */
export interface Engine {
  /** Ids of the models it has, with what each can do. */
  readonly models: readonly { readonly id: string; readonly kind: JobRequest['kind'] }[]
  /** @throws a VisCPMError of the request or the model; the signal's reason */
  run(request: JobRequest, options: RunOptions): Promise<JobResult>
  dispose(): Promise<void>
}
