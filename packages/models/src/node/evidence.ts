import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Answer } from './client.js'

/**
 * Who says what a file's bytes are. 'published': a public source outside of the server that served it, written down in the zoo;
 * 'hub': the hub's SHA-256 of a large file, or git's hash of a small one; 'recorded': nobody but the first download itself.
 */
export type EvidenceKind = 'published' | 'hub' | 'recorded'

/** What a file should be. */
export interface Evidence {
  readonly kind: EvidenceKind
  /** Bytes, exact. */
  readonly size?: number
  readonly sha256?: string
  /** SHA-1 of git's blob: what the hub has of files that are no large files. */
  readonly gitSha1?: string
}

const sha256Form = /^[0-9a-f]{64}$/
const sha1Form = /^[0-9a-f]{40}$/

/** A validator as If-Range may use it; undefined for weak ones. */
export function strongEtag(answer: Answer): string | undefined {
  const etag = answer.header('etag')
  return etag && /^"[^"]*"$/.test(etag) ? etag : undefined
}

const bare = (etag: string | undefined): string | undefined => etag?.replace(/^W\//, '').replaceAll('"', '')

/** What the headers of the hub say of a file; 'recorded' where they say nothing that can be checked. */
export function evidenceOf(answer: Answer): Evidence {
  const size = Number(answer.hopHeader('x-linked-size') ?? Number.NaN)
  const known = Number.isSafeInteger(size) && size >= 0 ? { size } : {}
  const etag = bare(answer.hopHeader('x-linked-etag') ?? answer.hopHeader('etag')) ?? ''
  if (sha256Form.test(etag)) return { kind: 'hub', sha256: etag, ...known }
  // Only the hub names files by git's hash; elsewhere 40 digits may be anything.
  if (sha1Form.test(etag) && answer.hopHeader('x-repo-commit')) return { kind: 'hub', gitSha1: etag, ...known }
  return { kind: 'recorded', ...known }
}

/** The published hash counts; without one, what the hub says. A published size always counts. */
export function merged(published: Evidence | undefined, hub: Evidence | undefined): Evidence | undefined {
  if (!published || !hub) return published ?? hub
  const size = published.size ?? hub.size
  return { ...(published.sha256 === undefined ? hub : published), ...(size !== undefined && { size }) }
}

/** Whether there is a hash to compare with. */
export function hasHash({ sha256, gitSha1 }: Evidence): boolean {
  return sha256 !== undefined || gitSha1 !== undefined
}

/** SHA-1 as git makes it of a file's content. */
export async function gitSha1Of(file: string): Promise<string> {
  const hash = createHash('sha1').update(`blob ${(await stat(file)).size}\0`)
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** What is wrong with a file of this size and hash, or undefined. */
export async function contradiction(
  { size, sha256, gitSha1 }: Evidence,
  found: { readonly file: string; readonly size: number; readonly sha256: string },
): Promise<string | undefined> {
  if (size !== undefined && found.size !== size) return `it has ${found.size} bytes instead of ${size}`
  if (sha256 !== undefined && found.sha256 !== sha256)
    return `its SHA-256 is ${found.sha256.slice(0, 12)}… instead of ${sha256.slice(0, 12)}…`
  if (sha256 === undefined && gitSha1 !== undefined && (await gitSha1Of(found.file)) !== gitSha1)
    return "git's hash of it is another one"
  return undefined
}
