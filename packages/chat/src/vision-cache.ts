import { type Image, sha256 } from '@viscpm/core'
import type { VisionRows } from '@viscpm/cpm-bee'

/** SHA-256 of a picture's size and pixels, in hexadecimal. */
export async function imageHash(image: Image): Promise<string> {
  const bytes = new Uint8Array(8 + image.data.length)
  new DataView(bytes.buffer).setUint32(0, image.width)
  new DataView(bytes.buffer).setUint32(4, image.height)
  bytes.set(image.data, 8)
  return sha256(bytes)
}

/** What the model saw of the pictures used last, found by the pictures' content: states cannot be mixed up. */
export class VisionCache {
  private readonly entries = new Map<string, Promise<VisionRows>>()

  constructor(private readonly capacity: number) {}

  /** The states of the picture with this hash, computed once even when asked for twice at the same time. */
  async get(hash: string, compute: () => Promise<VisionRows>): Promise<{ rows: VisionRows; cached: boolean }> {
    const known = this.entries.get(hash)
    if (known) {
      this.entries.delete(hash)
      this.entries.set(hash, known)
      const rows = await known.catch(() => undefined)
      if (rows) return { rows, cached: true }
    }
    const pending = compute()
    this.entries.set(hash, pending)
    const oldest = this.entries.keys().next().value
    if (this.entries.size > this.capacity && oldest !== undefined) this.entries.delete(oldest)
    try {
      return { rows: await pending, cached: false }
    } catch (error) {
      if (this.entries.get(hash) === pending) this.entries.delete(hash)
      throw error
    }
  }
}
