import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FileFormatError, type Image, sha256 } from '@viscpm/core'
import { sharpCodec, writeFileAtomic } from '@viscpm/core/node'
import { type JsonLines, openJsonLines } from '@viscpm/eval/node'
import type { Services } from '../../services.js'

/** What was painted of a prompt, a picture for every seed. */
export interface Painted {
  readonly images: readonly Image[]
  /** Whether a checker objected to each; undefined where none looked. */
  readonly flagged: readonly (boolean | undefined)[]
}

/** Keeps pictures, so that a later run need not paint them. */
export interface PictureStore {
  found(prompt: string): Promise<Painted | undefined>
  keep(prompt: string, painted: Painted): Promise<void>
  close(): Promise<void>
}

interface Line {
  readonly prompt: string
  readonly files: readonly string[]
  readonly sha256: readonly string[]
  readonly flagged: readonly (boolean | null)[]
}

/**
 * Pictures as PNG in a folder, and what they are in its `pictures.jsonl`.
 * @throws as `openJsonLines`
 */
export async function openPictureStore(
  folder: string,
  settings: unknown,
  loadImage: Services['loadImage'],
): Promise<PictureStore> {
  await mkdir(join(folder, 'pictures'), { recursive: true })
  const lines: JsonLines<Line> = await openJsonLines(join(folder, 'pictures.jsonl'), settings, json => json as Line)
  const known = new Map(lines.found.map(line => [line.prompt, line]))
  return {
    async found(prompt) {
      const line = known.get(prompt)
      if (!line) return undefined
      const images: Image[] = []
      for (const [i, file] of line.files.entries()) {
        const image = await loadImage(join(folder, file), {})
        if ((await sha256(image.data)) !== line.sha256[i])
          throw new FileFormatError({
            file: join(folder, file),
            message: 'is not the picture that was painted',
            hint: 'Name another folder with --work.',
          })
        images.push(image)
      }
      return { images, flagged: line.flagged.map(flag => flag ?? undefined) }
    },
    async keep(prompt, { images, flagged }) {
      // Prompts are anybody's text: what lies on the disk is named by their hash.
      const name = (await sha256(prompt)).slice(0, 16)
      const files: string[] = []
      for (const [i, image] of images.entries()) {
        const file = `pictures/${name}-${i}.png`
        await writeFileAtomic(join(folder, file), await sharpCodec().encode(image, 'png'))
        files.push(file)
      }
      await lines.append({
        prompt,
        files,
        sha256: await Promise.all(images.map(({ data }) => sha256(data))),
        flagged: flagged.map(flag => flag ?? null),
      })
    },
    close: () => lines.close(),
  }
}
