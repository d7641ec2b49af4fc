import { createHash } from 'node:crypto'

/** SHA-256 of bytes or text (hex). */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** SHA-256 over digests (hex) of pieces: see TreeHash. */
export function treeRoot(digests: readonly string[]): string {
  const hash = createHash('sha256')
  for (const digest of digests) hash.update(Buffer.from(digest, 'hex'))
  return hash.digest('hex')
}
