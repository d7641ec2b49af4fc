import type { Image, TaskOptions, Verdict } from '@viscpm/core'
import type { Coverage, Decision } from '@viscpm/safety'

/** How an answer is searched for. Fields left out take the model's own defaults (the original: beam of 3). */
export interface DecodingOptions {
  readonly decoding?: 'beam' | 'greedy' | 'sample'
  /** Default 3; beam only. */
  readonly beamSize?: number
  /** At least 1; 1 is off. Default 1.1. */
  readonly repetitionPenalty?: number
  /** Exponent of the length that scores are divided by; beam only. Default 3. */
  readonly lengthPenalty?: number
  /** Default 0.7; beam and sample. */
  readonly temperature?: number
  /** Keep the k most likely tokens; sample only. 0 is off. */
  readonly topK?: number
  /** Keep the most likely tokens up to this probability; sample only. 1 is off. */
  readonly topP?: number
  /** Drop tokens less likely than this share of the best; sample only. 0 is off. */
  readonly minP?: number
  /** Same seed, same answer; sample only. */
  readonly seed?: number
  /**
   * Guess tokens from the prompt and the answer so far and check several in one step; greedy and sample only. Changes the
   * time, not the answer: on by itself where that is sure, that is not with quantized weights.
   */
  readonly lookup?: boolean
  /** Most tokens of an answer. Default 512. */
  readonly maxNewTokens?: number
}

export interface AskOptions extends DecodingOptions, TaskOptions {}

/** What the model reads, known before it answers. */
export interface PromptUsage extends Pick<Usage, 'promptTokens' | 'imageTokens'>, Pick<ChatAnswer, 'droppedTurns'> {}

/** For the form of asking that has no state. */
export interface AnswerOptions extends AskOptions {
  /** Called once, before the first token. */
  readonly onPrompt?: (prompt: PromptUsage) => void
}

export interface Usage {
  /** Tokens that the model read: picture, history, question. */
  readonly promptTokens: number
  /** Of these, the picture's. */
  readonly imageTokens: number
  readonly completionTokens: number
  /** Tokens that lookup fed on trial, and how many of them were right; absent where it was off. */
  readonly drafted?: number
  readonly accepted?: number
}

/** Milliseconds. */
export interface Timings {
  /** 0 when the picture's states were there already. */
  readonly vision: number
  readonly prefill: number
  readonly decode: number
  readonly total: number
}

/** What was checked, and what was said. */
export interface SafetyReport {
  /** The policy's name. */
  readonly policy: string
  /** Names of the checkers of each stage; a stage without one is 'none': what passed there is not known to be harmless. */
  readonly coverage: Coverage
  readonly image: Verdict | 'none'
  readonly question: Verdict | 'none'
  /** Of the window of the answer that stopped it, or else of the last one; 'none' where nobody was asked. */
  readonly answer: Verdict | 'none'
  /** Every decision about something that a checker did not allow, but the policy let pass; last the one that stopped the answer. */
  readonly flagged: readonly Decision[]
}

export interface ChatAnswer {
  readonly text: string
  /** Of the answer, by its script. */
  readonly language: 'zh' | 'en'
  /** 'length' when maxNewTokens cut it off; 'blocked' when a checker stopped it: `text` is what it was before. */
  readonly finishReason: 'stop' | 'length' | 'blocked'
  readonly usage: Usage
  readonly timings: Timings
  readonly safety: SafetyReport
  /** Turns of the history that did not fit any more, oldest first. */
  readonly droppedTurns: number
}

export interface Turn {
  readonly question: string
  readonly answer: string
}

/**
 * Parts of a streamed answer, in this order: one start, any number of deltas, one 'blocked' where a checker stopped it, one
 * end.
 */
export type ChatPart =
  | { readonly type: 'text-start' }
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'blocked'; readonly decision: Decision }
  | { readonly type: 'text-end'; readonly answer: ChatAnswer }

export interface ConversationOptions {
  /**
   * 'text' (default): questions and answers are plain text, and nothing typed can become a control token.
   * 'raw': both are in CPM-Bee's syntax, as the original takes and gives them (`<<` is a `<`, `<mask_1>` a token).
   */
  readonly syntax?: 'text' | 'raw'
  /** Earlier questions about the picture and their answers, oldest first: a talk that goes on. Default none. */
  readonly turns?: readonly Turn[]
}

/** A talk about one picture: keeps the history, and what the model saw of the picture. */
export interface Conversation {
  readonly image: Image
  readonly turns: readonly Turn[]
  /**
   * Asks and waits for the whole answer. Aborting rejects, and leaves the history as it was. So does an answer that a
   * safety checker stops: it has `finishReason` 'blocked'.
   * @throws InvalidArgumentError for an empty question or a wrong option
   * @throws BlockedInputError when a safety checker blocks the picture, the question or the history: the model saw nothing
   * @throws ContextTooLongError when picture and question alone are too long
   */
  ask(question: string, options?: AskOptions): Promise<ChatAnswer>
  /** The same as parts, while the answer grows. Leaving the loop early is like aborting. */
  stream(question: string, options?: AskOptions): AsyncIterable<ChatPart>
  /** Forgets the history, keeps the picture. */
  reset(): void
}
