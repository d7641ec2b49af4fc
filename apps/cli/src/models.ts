import type { AskOptions, ChatPart } from '@viscpm/chat'
import type { Image, TaskOptions } from '@viscpm/core'
import type { MemoryOption } from '@viscpm/core/cost'
import type { KeyValueDType, TaskInput, TaskPart, TaskResult, TaskRunOptions } from '@viscpm/cpm-bee'
import type { CritiqueChat } from '@viscpm/eval'
import type { GenerateOptions, PaintResult } from '@viscpm/paint'
import type { PaintPlaces } from '@viscpm/paint/node'
import type { Reranker } from '@viscpm/reranker'
import type { Safety, SafetySetup, SafetyState } from '@viscpm/safety'
import type { DenoisingStep, SchedulerConfig } from '@viscpm/unet-sampler'
import type { DeviceOptions } from './options/device.js'

/** How a model is loaded; what is left out is found or chosen by the library. */
export interface LoadOptions extends TaskOptions, DeviceOptions {
  readonly vocabulary?: string
  readonly config?: string
  readonly threads?: number
  readonly keepHalf?: boolean
  readonly kvCache?: KeyValueDType
  readonly memory?: MemoryOption
}

/** A chat's questions, answers and pictures are checked in the thread that asks. */
export interface ChatLoadOptions extends LoadOptions {
  readonly safety: Safety
}

/** How a painter is loaded, and where its parts are if not beside it. */
export interface PainterOptions extends TaskOptions, PaintPlaces, DeviceOptions {
  readonly threads?: number
  readonly keepHalf?: boolean
  readonly memory?: MemoryOption
  /** What texts and pictures pass, made where the painter runs. Default: strict. */
  readonly safety?: SafetySetup
  /** Chooses in this thread, in place of the painter's own. */
  readonly reranker?: Reranker
}

/** How a ranker is loaded. */
export interface RankerOptions extends TaskOptions, DeviceOptions {
  readonly threads?: number
}

/** What the command needs of a conversation. */
export interface Talk {
  stream(question: string, options?: AskOptions): AsyncIterable<ChatPart>
  reset(): void | Promise<void>
}

/** What the command needs of a model that sees. */
export interface ChatModel {
  readonly name: string
  conversation(image: Image): Talk
  dispose(): Promise<void>
}

/** What tells a chat apart: results of one must not be taken for those of another. */
export interface ChatIdentity {
  readonly hash: string
  /** How it answers where nothing is said; absent: the original's way. */
  readonly generation?: unknown
}

/** What the command needs of a chat that judges pictures. */
export interface Critic extends CritiqueChat {
  dispose(): Promise<void>
}

/** What the command needs of a model for text. */
export interface TextModel {
  stream(input: TaskInput, options?: TaskRunOptions): AsyncGenerator<TaskPart, TaskResult>
  dispose(): Promise<void>
}

/** What is seen of a step; `preview` is absent where the model's latents have no known colours. */
export interface PaintStep extends Pick<DenoisingStep, 'step' | 'steps'> {
  readonly preview?: readonly Image[]
}

export interface PaintRequest extends Omit<GenerateOptions, 'generators' | 'onStep'> {
  readonly onStep?: ((step: PaintStep) => void) | undefined
}

/** What the command needs of a model that paints. */
export interface Painter {
  readonly name: string
  readonly modelHash: string
  /** Side in pixels of a picture whose size is not given. */
  readonly defaultSize: number
  readonly safety: SafetyState
  /** How it was trained, as diffusers' scheduler_config.json; absent where no such file lies beside it. */
  readonly schedulerConfig?: SchedulerConfig | undefined
  generate(request: PaintRequest): Promise<PaintResult>
  dispose(): Promise<void>
}

/** What the command needs of a model that ranks. */
export interface Ranker extends Pick<Reranker, 'name' | 'languages' | 'score'> {
  dispose(): Promise<void>
}
