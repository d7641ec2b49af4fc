import {
  type Image,
  type ImageChecker,
  InvalidArgumentError,
  type PromptChecker,
  type Stage,
  type TaskOptions,
  type Verdict,
} from '@viscpm/core'
import { type AuditSink, auditVerdict, inputHash } from './audit/line.js'
import { type Action, isPictureStage, type Policy, stages, worstOf } from './policy/index.js'
import { type Askable, askChecker } from './safety-verdict.js'

export interface SafetyOptions {
  readonly policy: Policy
  /** Checkers of texts, asked in this order until one blocks. */
  readonly prompt?: readonly PromptChecker[]
  /** Checkers of pictures, likewise. */
  readonly image?: readonly ImageChecker[]
  /** How long a checker may take for one input. Default 30,000. */
  readonly timeoutMs?: number
  /** Gets a line for every decision. */
  readonly audit?: AuditSink
  /** Of the model that is guarded, for the audit. */
  readonly modelHash?: string
}

/** What is done about one input, and why. */
export interface Decision {
  readonly stage: Stage
  readonly action: Action
  /** The worst one; 'none' where no checker was there to ask, which is no proof of harmlessness. */
  readonly verdict: Verdict | 'none'
  /** Of every checker that was asked: after one that blocks no further one is. */
  readonly verdicts: readonly Verdict[]
}

/** Whether a checker was asked and did not allow it. */
export const isFlagged = ({ verdict }: Decision): boolean => verdict !== 'none' && verdict.decision !== 'allow'

/** Names of the checkers of each stage, or 'none'. */
export type Coverage = Readonly<Record<Stage, readonly string[] | 'none'>>

const defaultTimeoutMs = 30_000
const longestTimeoutMs = 2 ** 31 - 1

function checked<T extends { readonly name: string }>(
  argument: string,
  checkers: readonly T[] | undefined,
): readonly T[] {
  if (checkers === undefined) return []
  if (!Array.isArray(checkers)) throw new InvalidArgumentError({ argument, message: 'must be a list of checkers' })
  for (const [i, checker] of checkers.entries() as Iterable<[number, unknown]>) {
    const { name, check } = (checker ?? {}) as Record<string, unknown>
    if (typeof check !== 'function' || typeof name !== 'string' || name === '')
      throw new InvalidArgumentError({ argument: `${argument}[${i}]`, message: 'must be a checker: {name, check}' })
  }
  return [...checkers]
}

/** Checkers and a policy: what every text and picture passes on its way into a model, or out of it. */
export class Safety {
  readonly policy: Policy
  readonly timeoutMs: number
  private readonly prompt: readonly PromptChecker[]
  private readonly image: readonly ImageChecker[]
  private readonly audit: AuditSink | undefined
  private readonly modelHash: string | undefined

  /** @throws InvalidArgumentError for what is no checker, or no time */
  constructor({ policy, prompt, image, timeoutMs = defaultTimeoutMs, audit, modelHash }: SafetyOptions) {
    if (typeof policy?.actionFor !== 'function')
      throw new InvalidArgumentError({ argument: 'policy', message: 'must be a Policy', hint: 'e.g. strictPolicy' })
    if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs))
      throw new InvalidArgumentError({
        argument: 'timeoutMs',
        message: `must be above 0 and at most ${longestTimeoutMs}, not ${String(timeoutMs)}`,
      })
    if (audit !== undefined && typeof audit !== 'function')
      throw new InvalidArgumentError({
        argument: 'audit',
        message: 'must be a function',
        hint: 'e.g. auditLogger(logger)',
      })
    this.policy = policy
    this.timeoutMs = timeoutMs
    this.prompt = checked('prompt', prompt)
    this.image = checked('image', image)
    this.audit = audit
    this.modelHash = modelHash
  }

  /** The checkers of each stage, or 'none': what passes there is not known to be harmless. */
  coverage(): Coverage {
    const names = (stage: Stage) => this.checkersOf(stage).map(({ name }) => name)
    return Object.fromEntries(
      stages.map(stage => [stage, names(stage).length === 0 ? 'none' : names(stage)]),
    ) as unknown as Coverage
  }

  /** Whether somebody is asked at a stage. */
  covers(stage: Stage): boolean {
    return this.checkersOf(stage).length > 0
  }

  /**
   * Decides about a text of any length.
   * @throws InvalidArgumentError when the stage is one of pictures, or the text no text; the signal's reason when aborted;
   * whatever the audit sink throws
   */
  async checkText(stage: Stage, text: string, options: Pick<TaskOptions, 'signal'> = {}): Promise<Decision> {
    if (isPictureStage(stage) || !stages.includes(stage))
      throw new InvalidArgumentError({ argument: 'stage', message: `${String(stage)} is no stage of texts` })
    if (typeof text !== 'string') throw new InvalidArgumentError({ argument: 'text', message: 'must be a string' })
    return this.decide(stage, this.policy.checks(stage) ? this.prompt : [], text, options.signal)
  }

  /**
   * Decides about a picture.
   * @throws InvalidArgumentError when the stage is one of texts; the signal's reason when aborted; whatever the audit sink
   * throws
   */
  async checkImage(stage: Stage, image: Image, options: Pick<TaskOptions, 'signal'> = {}): Promise<Decision> {
    if (!isPictureStage(stage))
      throw new InvalidArgumentError({ argument: 'stage', message: `${String(stage)} is no stage of pictures` })
    return this.decide(stage, this.policy.checks(stage) ? this.image : [], image, options.signal)
  }

  private checkersOf(stage: Stage): readonly { readonly name: string }[] {
    if (!this.policy.checks(stage)) return []
    return isPictureStage(stage) ? this.image : this.prompt
  }

  private async decide<T extends string | Image>(
    stage: Stage,
    checkers: readonly Askable<T>[],
    input: T,
    signal: TaskOptions['signal'],
  ): Promise<Decision> {
    signal?.throwIfAborted()
    const verdicts: Verdict[] = []
    for (const checker of checkers) {
      const verdict = await askChecker(checker, input, this.timeoutMs, signal)
      verdicts.push(verdict)
      if (verdict.decision === 'block') break
    }
    const verdict = worstOf(verdicts)
    const decision: Decision = { stage, action: this.policy.actionFor(stage, verdict), verdict, verdicts }
    await this.record(decision, input)
    return decision
  }

  private async record({ stage, action, verdict, verdicts }: Decision, input: string | Image): Promise<void> {
    await this.audit?.({
      time: new Date().toISOString(),
      stage,
      input: await inputHash(input),
      verdict: verdict === 'none' ? 'none' : verdict.decision,
      action,
      policy: this.policy.name,
      checker: verdict === 'none' ? 'none' : verdict.checker,
      ...(verdict !== 'none' && verdict.modelHash !== undefined && { modelHash: verdict.modelHash }),
      ...(this.modelHash !== undefined && { model: this.modelHash }),
      verdicts: verdicts.map(auditVerdict),
    })
  }
}
