/** What identifies weights in verdicts, or how to find it. */
export type ModelHash = string | (() => Promise<string | undefined>)

export async function hashOf(given: ModelHash | undefined): Promise<string | undefined> {
  return typeof given === 'function' ? given() : given
}
