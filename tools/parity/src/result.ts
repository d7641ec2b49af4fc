/** What a set of recorded cases gave. */
export interface SetResult {
  readonly set: string
  readonly cases: number
  readonly passed: number
  /** Largest absolute error; in exact sets 1 stands for any difference. */
  readonly worst: number
  readonly tolerance: number
  /** One line for each case that failed: its id and the first difference. */
  readonly failures: readonly string[]
}
