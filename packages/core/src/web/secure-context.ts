import { MissingDependencyError } from '../errors.js'

/** @throws MissingDependencyError where the browser keeps hashing and its cache from the page */
export function requireSecureContext(): void {
  if (globalThis.crypto?.subtle) return
  throw new MissingDependencyError({
    dependency: 'secure context',
    message: 'the browser lets pages compute hashes only in a secure context, which this one is not',
    hint: 'Open the page over https, or from this machine as http://localhost.',
  })
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, b => b.toString(16).padStart(2, '0')).join('')
}
