/** A random name. Not `crypto.randomUUID`, which pages over plain HTTP lack. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => byte.toString(16).padStart(2, '0')).join('')
}
