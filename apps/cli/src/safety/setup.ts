import type { TaskOptions } from '@viscpm/core'
import { offPolicy, type Policy, Safety, strictPolicy, upstreamPolicy, WordListChecker } from '@viscpm/safety'
import type { SafetyPreset } from './presets.js'

/** What the command line says of safety. Can be copied to another thread: the Safety is made where it is used. */
export interface SafetySetup {
  readonly preset: SafetyPreset
  /** Folder of a BERT that reads prompts, as transformers has it; asked after the word list. */
  readonly promptChecker?: string
  /** Folder of a Stable Diffusion safety checker, as diffusers has it. */
  readonly imageChecker?: string
  /** File that a line of JSON is appended to for every decision. */
  readonly audit?: string
  /** Threads that the checkers compute with. */
  readonly threads?: number
}

export interface OpenSafety {
  readonly safety: Safety
  /** Frees the checkers' weights. */
  dispose(): Promise<void>
}

export function policyOf(preset: SafetyPreset): Policy {
  return { strict: strictPolicy, upstream: upstreamPolicy, off: offPolicy }[preset]
}

/**
 * Finds out before anything large is read what is wrong with the checkers' folders and the audit's file.
 * @throws FileNotFoundError, FileFormatError, ConfigError, UnsafePickleError, WriteFailedError
 */
export async function checkSafetyFiles({ promptChecker, imageChecker, audit }: SafetySetup): Promise<void> {
  if (promptChecker === undefined && imageChecker === undefined && audit === undefined) return
  const files = await import('./files.js')
  if (promptChecker !== undefined) await files.checkPromptChecker(promptChecker)
  if (imageChecker !== undefined) await files.checkImageChecker(imageChecker)
  if (audit !== undefined) await files.checkAudit(audit)
}

/** Makes the Safety that a command line asks for. @throws what loading the checkers throws; the signal's reason */
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
  // The checkers bring onnxruntime along: the word list alone does without.
  const node = () => import('@viscpm/safety/node')
  try {
    const sink = audit === undefined ? undefined : (await node()).auditFile(audit)
    const bert =
      promptChecker === undefined ? [] : [keep(await (await node()).loadBertPromptChecker(promptChecker, load))]
    const image =
      imageChecker === undefined
        ? []
        : [keep(await (await node()).loadStableDiffusionSafetyChecker(imageChecker, load))]
    const safety = new Safety({
      policy: policyOf(preset),
      prompt: [new WordListChecker(), ...bert],
      image,
      ...(sink && { audit: sink }),
    })
    return { safety, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
