/** Files of a build of the page, relative to it. */
export interface PageFiles {
  /** Hash of all of them: another build is another version. */
  readonly version: string
  /** What the page needs to open. */
  readonly shell: readonly string[]
  /** Large ones (the runtime of the models): kept once they were needed. Their names have the hash of their contents in them. */
  readonly later: readonly string[]
}
