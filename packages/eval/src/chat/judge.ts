/** Two answers that are to be judged. */
export interface JudgeRequest {
  /** What the judge is told to be, and what it reads: see `judgePrompt`. */
  readonly system: string
  readonly prompt: string
  /** The same in parts, for judges that read no prose. */
  readonly reference: string
  readonly answers: readonly [string, string]
}

export interface JudgeReply {
  readonly text: string
  /** Which model says that it answered, where one says so. */
  readonly model?: string
}

/** Who says how good answers are. Its replies are read by `parseScores`. */
export interface Judge {
  /** Plain JSON: whatever its scores depend on. Reviews of other settings are not mixed with its own. */
  readonly settings: { readonly judge: string } & Readonly<Record<string, unknown>>
  /** @throws RemoteError when no reply can be had; the signal's reason */
  review(request: JudgeRequest, options?: { readonly signal?: AbortSignal }): Promise<JudgeReply>
}
