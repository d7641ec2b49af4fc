import type { TaskOptions } from '@viscpm/core'
import { policyOf, Safety, type SafetySetup, WordListChecker } from '../index.js'
import { auditFile } from './audit-file.js'
import { checkAudit, checkImageChecker, checkPromptChecker } from './check-files.js'
import { loadBertPromptChecker } from './load-bert.js'
import { loadStableDiffusionSafetyChecker } from './load-stable-diffusion.js'

export interface OpenSafety {
  readonly safety: Safety
  /** Frees the checkers' weights. */
  dispose(): Promise<void>
}

/**
 * Finds out before anything large is read what is wrong with the checkers' folders and the audit's file.
 * @throws FileNotFoundError, FileFormatError, ConfigError, UnsafePickleError, WriteFailedError
 */
export async function checkSafetyFiles({ promptChecker, imageChecker, audit }: SafetySetup): Promise<void> {
  if (promptChecker !== undefined) await checkPromptChecker(promptChecker)
  if (imageChecker !== undefined) await checkImageChecker(imageChecker)
  if (audit !== undefined) await checkAudit(audit)
}

/** Makes the Safety that a setup asks for. @throws what loading the checkers throws; the signal's reason */
export async function buildSafety(setup: SafetySetup, task: TaskOptions = {}): Promise<OpenSafety> {
  const { preset, promptChecker, imageChecker, audit, threads } = setup
  const load = { ...task, ...(threads !== undefined && { threads }) }
  const opened: { dispose(): Promise<void> }[] = []
  const dispose = async (): Promise<void> => {
    for (const one of opened.splice(0)) await one.dispose()
  }
  const keep = <T extends { dispose(): Promise<void> }>(one: T): T => {
    opened.push(one)
    return one
  }
  try {
    const bert = promptChecker === undefined ? [] : [keep(await loadBertPromptChecker(promptChecker, load))]
    const image = imageChecker === undefined ? [] : [keep(await loadStableDiffusionSafetyChecker(imageChecker, load))]
    const safety = new Safety({
      policy: policyOf(preset),
      prompt: [new WordListChecker(), ...bert],
      image,
      ...(audit !== undefined && { audit: auditFile(audit) }),
    })
    return { safety, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
