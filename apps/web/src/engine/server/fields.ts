// What a server sends is not trusted to have its shape: a field that is not as expected is not there.

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Base64, or a data URL of it, as a picture file. */
export function pictureOf(base64: string): Blob {
  const bytes = Uint8Array.from(atob(base64.replace(/^data:[^,]*,/, '')), c => c.charCodeAt(0))
  return new Blob([bytes], { type: 'image/png' })
}

/** A file as a data URL. */
export async function dataUrlOf(picture: Blob): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer())
  let binary = ''
  // In pieces: one call with millions of arguments overflows the stack.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return `data:${picture.type || 'image/png'};base64,${btoa(binary)}`
}
