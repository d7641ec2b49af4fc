import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Image } from '@viscpm/core'

/** Folder of the recorded model and pictures. */
export const fixtures: string = fileURLToPath(new URL('./fixtures/', import.meta.url))

/** The recorded model's checkpoint; its weights are random, so its answers are nonsense, but always the same. */
export const recordedModel: string = join(fixtures, 'chat-tiny.fp16.bin')

/** A picture drawn by formula; different seeds differ in every pixel. */
export function drawn(seed: number, width = 40, height = 30): Image {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * (7 + seed) + seed * 31) % 256)
  return { width, height, data }
}

export function readFixture(name: string): Buffer {
  return readFileSync(join(fixtures, name))
}
