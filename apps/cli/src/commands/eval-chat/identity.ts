import { readFile } from 'node:fs/promises'
import { openModel } from '@viscpm/chat/node'
import { modelHash } from '@viscpm/core/weights'
import type { ChatIdentity, LoadOptions } from '../../models.js'

/** Hashes a chat's weights by their beginnings, as replay files do, and reads how it answers by itself. */
export async function identifyChat(
  where: string,
  places: Pick<LoadOptions, 'vocabulary' | 'config'>,
): Promise<ChatIdentity> {
  const { weights, files } = await openModel(where, places, ['viscpm-chat'])
  try {
    const hash = await modelHash([{ weights }])
    if (files.generation === undefined) return { hash }
    return { hash, generation: JSON.parse(await readFile(files.generation, 'utf8')) }
  } finally {
    await weights.close()
  }
}
