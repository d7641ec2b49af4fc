/** A picture file that the page holds: PNG, JPEG, WebP or GIF. */
export type Picture = Blob

export interface Turn {
  readonly question: string
  readonly answer: string
}

/** How long something is. */
export interface EngineProgress {
  readonly phase: string
  readonly done: number
  readonly total?: number
}

/** What a checker said of something. */
export interface SafetyNote {
  readonly stage: 'picture' | 'text' | 'answer' | 'prompt' | 'painted'
  readonly decision: 'allow' | 'block' | 'unknown'
  readonly category?: string
  readonly checker: string
  readonly reason?: string
}

export interface ChatRequest {
  readonly picture: Picture
  readonly turns: readonly Turn[]
  readonly question: string
  readonly decoding: 'greedy' | 'beam' | 'sample'
  readonly maxNewTokens?: number
  readonly signal: AbortSignal
  readonly onText: (added: string) => void
  readonly onProgress?: (progress: EngineProgress) => void
}

export interface ChatReply {
  readonly text: string
  readonly finishReason: 'stop' | 'length' | 'blocked'
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
  readonly safety: readonly SafetyNote[]
  /** Milliseconds. */
  readonly took: number
}

export interface PaintSettings {
  readonly prompt: string
  readonly negativePrompt: string
  /** Decimal. Absent: drawn by the engine. */
  readonly seed?: string
  readonly steps?: number
  readonly guidanceScale?: number
  /** diffusers' class name, e.g. 'DPMSolverMultistepScheduler'. */
  readonly scheduler?: string
  readonly width?: number
  readonly height?: number
  readonly candidates?: number
  readonly strength?: number
}

export interface PaintRequest extends PaintSettings {
  readonly image?: Picture
  readonly mask?: Picture
  readonly signal: AbortSignal
  readonly onProgress?: (progress: EngineProgress) => void
  readonly onPreview?: (images: readonly Picture[], step: number, steps: number) => void
}

export interface Painted {
  readonly picture: Picture
  readonly score?: number
  readonly chosen: boolean
  readonly withheld: boolean
  readonly safety: readonly SafetyNote[]
}

export interface PaintReply {
  readonly status: 'painted' | 'blocked'
  readonly candidates: readonly Painted[]
  /** As used, seed included: painting with these again gives the same pixels. */
  readonly settings: PaintSettings
  readonly safety: readonly SafetyNote[]
  /** Milliseconds. */
  readonly took: number
}

export interface EngineModel {
  readonly id: string
  readonly kind: 'chat' | 'paint'
  /** Side in pixels that it paints by default; paint only. */
  readonly size?: number
  /** What it takes where nothing is asked for; paint only. */
  readonly steps?: number
  readonly guidanceScale?: number
  readonly schedulers?: readonly string[]
  readonly languages?: readonly string[]
}

/** What the page works with: a server, or the browser itself. Errors are Error with a `code` where there is one. */
export interface Engine {
  readonly place: 'server' | 'browser'
  models(signal?: AbortSignal): Promise<readonly EngineModel[]>
  chat(request: ChatRequest): Promise<ChatReply>
  paint(request: PaintRequest): Promise<PaintReply>
  dispose(): Promise<void>
}
