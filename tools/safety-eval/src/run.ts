import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { basename } from 'node:path'
import type { PromptChecker } from '@viscpm/core'
import { type BertPromptChecker, type StableDiffusionSafetyChecker, WordListChecker } from '@viscpm/safety'
import { loadBertPromptChecker, loadStableDiffusionSafetyChecker } from '@viscpm/safety/node'
import { embeddedPictures } from './data.js'
import { disguisedTexts } from './evasion/disguise.js'
import { plainMatch } from './evasion/plain-match.js'
import { lengths, measureLatency } from './latency.js'
import { measureEvasion, measureGroup } from './measure.js'
import type { EvalOptions } from './options.js'
import { measurePictures, picturesIn } from './pictures.js'
import type { Report } from './report.js'
import { evenly, languages, type TextGroup } from './sample.js'
import { allTexts } from './texts/index.js'
import { type CountTokens, tokenCounter, unknownTokens } from './unknown-tokens.js'

export interface RunOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (text: string) => void
  /** Milliseconds that the checks of one length may take. Default 5000. */
  readonly budgetMs?: number
}

export type Measured = Pick<EvalOptions, 'bert' | 'stableDiffusion' | 'pictures' | 'words' | 'limit'>

/** A report while it grows. */
type Draft = { -readonly [K in keyof Report]: Report[K] extends readonly (infer T)[] ? T[] : Report[K] }

/**
 * Measures the embedded word list, and the checkers in the given folders.
 * @throws the signal's reason when aborted, and what loading a checker or reading a file throws
 */
export async function runEval(options: Measured, run: RunOptions = {}): Promise<Report> {
  const report: Draft = {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      platform: `${process.platform} ${process.arch}`,
      node: process.versions.node,
    },
    checkers: [],
    groups: [],
    evasion: [],
    latency: [],
    unknownTokens: [],
    pictures: [],
  }
  // What is not there fails before anything is measured.
  const pictures = options.stableDiffusion === undefined ? [] : await picturesIn(options.pictures ?? embeddedPictures)
  const groups = await textsFor(options)
  const loaded = await loadCheckers(options, run.signal)
  try {
    await measureTexts(report, new WordListChecker(), groups, run)
    for (const disguised of disguisedTexts())
      report.evasion.push(await measureEvasion(plainChecker(), disguised, run.signal))
    if (loaded.bert) {
      const { checker, count } = loaded.bert
      for (const language of languages) report.unknownTokens.push(unknownTokens(checker.name, language, groups, count))
      await measureTexts(report, checker, groups, run)
    }
    if (loaded.pictures) {
      const { name } = loaded.pictures
      run.onProgress?.(`${name}: ${pictures.length} pictures`)
      const measured = await measurePictures(loaded.pictures, pictures, run.signal)
      report.checkers.push({ name, modelHash: measured.modelHash })
      report.pictures.push(measured)
    }
  } finally {
    await loaded.bert?.checker.dispose()
    await loaded.pictures?.dispose()
  }
  return report
}

interface Loaded {
  readonly bert?: { readonly checker: BertPromptChecker; readonly count: CountTokens }
  readonly pictures?: StableDiffusionSafetyChecker
}

async function loadCheckers({ bert, stableDiffusion }: Measured, signal?: AbortSignal): Promise<Loaded> {
  const options = signal && { signal }
  const count = bert === undefined ? undefined : await tokenCounter(bert)
  const checker = bert === undefined ? undefined : await loadBertPromptChecker(bert, options)
  try {
    const pictures =
      stableDiffusion === undefined ? undefined : await loadStableDiffusionSafetyChecker(stableDiffusion, options)
    return { ...(checker && count && { bert: { checker, count } }), ...(pictures && { pictures }) }
  } catch (error) {
    await checker?.dispose()
    throw error
  }
}

async function textsFor({ words, limit }: Measured): Promise<TextGroup[]> {
  const files = words.map(async ({ language, file }) => {
    return { language, name: basename(file), text: await readFile(file, 'utf8') }
  })
  const groups = await allTexts(await Promise.all(files))
  return groups.map(group => ({ ...group, texts: evenly(group.texts, limit) }))
}

/** The same list without normalisation, to compare with. */
function plainChecker(): PromptChecker {
  const matches = plainMatch()
  const name = 'plain match'
  return { name, check: async text => ({ decision: matches(text) ? 'block' : 'allow', checker: name }) }
}

async function measureTexts(report: Draft, checker: PromptChecker, groups: readonly TextGroup[], run: RunOptions) {
  const { signal, onProgress } = run
  const { modelHash } = await checker.check('', signal && { signal })
  report.checkers.push({ name: checker.name, modelHash })
  for (const group of groups) {
    onProgress?.(`${checker.name}: ${group.name} (${group.language}), ${group.texts.length} texts`)
    report.groups.push(await measureGroup(checker, group, signal))
  }
  onProgress?.(`${checker.name}: disguised words`)
  for (const disguised of disguisedTexts()) report.evasion.push(await measureEvasion(checker, disguised, signal))
  for (const language of languages) {
    const sentences = groups.find(group => group.name === 'everyday sentences' && group.language === language)!.texts
    for (const length of lengths) {
      onProgress?.(`${checker.name}: time for ${length} characters (${language})`)
      report.latency.push(await measureLatency(checker, language, sentences, length, run))
    }
  }
}
