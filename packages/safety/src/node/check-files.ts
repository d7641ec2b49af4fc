import { open } from 'node:fs/promises'
import { WriteFailedError } from '@viscpm/core'
import { openCheckpoint, openModelFolder } from '@viscpm/core/node'
import { parseBertClassifierConfig, parseSafetyCheckerConfig } from '../index.js'

/** @throws FileNotFoundError, ConfigError, FileFormatError for a folder that is no BERT's as transformers has it */
export async function checkPromptChecker(folder: string): Promise<void> {
  const files = await openModelFolder(folder, 'config.json, vocab.txt and the weights')
  await files.json('config.json', parseBertClassifierConfig)
  await files.bytes('vocab.txt')
  await checkWeights(folder)
}

/** @throws FileNotFoundError, ConfigError, FileFormatError for a folder that is no safety checker's as diffusers has it */
export async function checkImageChecker(folder: string): Promise<void> {
  const files = await openModelFolder(folder, 'config.json and the weights')
  await files.json('config.json', parseSafetyCheckerConfig)
  await checkWeights(folder)
}

/** Reads what the weights are, not the weights. */
async function checkWeights(folder: string): Promise<void> {
  await (await openCheckpoint(folder)).close()
}

/** Makes the file if it is not there; what is in it stays. @throws WriteFailedError */
export async function checkAudit(file: string): Promise<void> {
  try {
    await (await open(file, 'a', 0o600)).close()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new WriteFailedError({
      file,
      message: `no audit lines can be written here (${code ?? message})`,
      hint: 'Name a file in a folder that exists and may be written to.',
      cause,
    })
  }
}
