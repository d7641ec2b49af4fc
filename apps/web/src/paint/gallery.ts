import type { PaintSettings } from '../engine/types.js'

/** A painted picture that is kept on this device. */
export interface GalleryPicture {
  readonly id: string
  readonly picture: Blob
  readonly settings: PaintSettings
  /** Whether it was painted from another picture, which is not kept: then the settings alone do not paint it again. */
  readonly fromPicture: boolean
  /** Which of the candidates it is, from 0. */
  readonly candidate: number
  readonly score?: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Newest first. */
export function sortGallery(pictures: readonly GalleryPicture[]): readonly GalleryPicture[] {
  return [...pictures].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
}

/** A file name that says what is in the picture, and is allowed everywhere. */
export function fileNameOf({ prompt, seed }: PaintSettings): string {
  const words = prompt
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  const start = Array.from(words).slice(0, 40).join('') || 'viscpm'
  return `${start}${seed === undefined ? '' : `-${seed}`}.png`
}
