/**
 * The ids of a long text in pieces that the model can read, each between the text's first and last id ([CLS] and [SEP]).
 * Neighbours share at least `overlap` ids, so that whatever is no longer than that lies whole in one of them. All are
 * `maxTokens` long: the last one ends with the text.
 */
export function windows(ids: readonly number[], maxTokens: number, overlap: number): (readonly number[])[] {
  if (ids.length <= maxTokens) return [ids]
  const [first, last] = [ids[0]!, ids.at(-1)!]
  const inner = ids.slice(1, -1)
  const size = maxTokens - 2
  const found: number[][] = []
  for (let start = 0; ; start += size - overlap) {
    const at = Math.min(start, inner.length - size)
    found.push([first, ...inner.slice(at, at + size), last])
    if (at + size === inner.length) return found
  }
}
