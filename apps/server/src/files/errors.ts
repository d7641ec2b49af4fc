/** There is no room for a further file of this owner, or of anybody. */
export class FilesFullError extends Error {
  readonly code = 'FILES_FULL'
  /** Seconds after which to try again. */
  readonly retryAfter: number
  constructor(message: string, retryAfter: number) {
    super(message)
    this.name = 'FilesFullError'
    this.retryAfter = retryAfter
  }
}
