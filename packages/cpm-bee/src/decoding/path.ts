/** A chosen token, linked to the one before it: hypotheses share their common beginning. */
export interface PathNode {
  readonly parent: PathNode | undefined
  /** As the logits number it: vocabulary id, or vocabulary size + ext column. -1 at the root. */
  readonly id: number
  /** Number of the answer that it belongs to, from 1. */
  readonly answer: number
  /** Base id that the model is fed for it: `<s>` of the next answer in place of a `</s>`. */
  readonly fed: number
  readonly logProb: number
  /** Tokens up to here; 0 at the root. */
  readonly length: number
}

/** One token of an answer as it leaves the decoder. */
export interface PathToken {
  readonly id: number
  readonly answer: number
  readonly logProb: number
}

/** The empty answer: only `<s>` has been fed. */
export function rootNode(bosId: number): PathNode {
  return { parent: undefined, id: -1, answer: 0, fed: bosId, logProb: 0, length: 0 }
}

/** Tokens of `node` after the first `from`, first to last. */
export function tokensOf(node: PathNode, from = 0): PathToken[] {
  const tokens: PathToken[] = new Array(Math.max(0, node.length - from))
  for (let at = node; at.length > from; at = at.parent!)
    tokens[at.length - from - 1] = { id: at.id, answer: at.answer, logProb: at.logProb }
  return tokens
}

/** The ids fed so far, newest first, at most `window` of them (0: all). Written into `out`, which is returned. */
export function fedIds(node: PathNode, window: number, out: number[]): number[] {
  out.length = 0
  for (let at: PathNode | undefined = node; at && (window === 0 || out.length < window); at = at.parent)
    out.push(at.fed)
  return out
}

/** Deepest node that all of `nodes` descend from. */
export function commonAncestor(nodes: readonly PathNode[]): PathNode {
  let common = nodes[0]!
  for (const node of nodes) {
    let at = node
    while (at.length > common.length) at = at.parent!
    while (common.length > at.length) common = common.parent!
    while (at !== common) {
      at = at.parent!
      common = common.parent!
    }
  }
  return common
}
