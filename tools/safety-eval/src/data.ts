import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const data = new URL('../data/', import.meta.url)
const world = new URL('../../train-tiny/', import.meta.url)

/** The lines of a file of this tool's `data`, whose README.md names sources and licences. */
export async function dataLines(name: string): Promise<string[]> {
  return linesOf(await readFile(new URL(name, data), 'utf8'))
}

export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).flatMap(line => line.trim() || [])
}

/** A table of the embedded world. */
export async function worldTable<T>(name: 'world.json' | 'phrases.json'): Promise<T> {
  return JSON.parse(await readFile(new URL(name, world), 'utf8'))
}

/** The pictures that come with the embedded model. */
export const embeddedPictures: string = fileURLToPath(new URL('../../../packages/tiny/', import.meta.url))
