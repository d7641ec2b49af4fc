import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Image, sha256, type TaskOptions } from '@viscpm/core'
import {
  type AnswersCard,
  answerEquivalence,
  type BilingualCard,
  type BilingualPart,
  compareVerdicts,
  cosineDistance,
  type DistancesCard,
  type JudgedPair,
  type ModelLayersCard,
  meaningByFacts,
  type PaintedPair,
  type PicturesCard,
  pictureEquivalence,
  pixelDistance,
} from '@viscpm/eval'
import { openJsonLines } from '@viscpm/eval/node'
import type { SafetySetup } from '@viscpm/safety'
import type { Context } from '../../context.js'
import type { ChatModel, Painter } from '../../models.js'
import { deviceOptions } from '../../options/device.js'
import { schedulerOf } from '../../options/scheduler.js'
import type { ProgressView } from '../../terminal/progress.js'
import { showLoading } from '../load-model.js'
import { type AnswerLine, askPairs } from './ask-pairs.js'
import type { Seen } from './eyes.js'
import type { BilingualHost } from './hosted.js'
import { judgePairs } from './judge-pairs.js'
import { paintPairs } from './paint-pairs.js'
import { openPictureStore } from './picture-store.js'
import type { EvalBilingualOptions } from './request.js'
import type { BilingualSet } from './set.js'

/** What every part is given. */
export interface Measuring {
  readonly context: Context
  readonly set: BilingualSet
  readonly options: EvalBilingualOptions
  readonly setup: SafetySetup
  readonly progress: ProgressView
  readonly signal: AbortSignal
}

type Figures = Omit<BilingualCard, 'format' | 'settings'>

/** What is measured of one part, and what of its settings was not known before. */
interface Measured {
  readonly figures: Figures
  readonly settings?: Readonly<Record<string, unknown>>
}

/** Measures one part after another: models are never in memory together. @throws what loading and running them throws */
export async function measureParts(
  given: Measuring,
  parts: readonly BilingualPart[],
  openHost: () => Promise<BilingualHost>,
): Promise<BilingualCard> {
  let figures: Figures = {}
  let settings: Record<string, unknown> = settingsOf(given)
  let judged: readonly JudgedPair[] = []
  for (const part of parts) {
    const measured =
      part === 'pictures'
        ? await pictures(given, openHost, found => {
            judged = found
          })
        : part === 'answers'
          ? await answers(given)
          : part === 'verdicts'
            ? await verdicts(given, judged)
            : await layers(given, openHost)
    figures = { ...figures, ...measured.figures }
    settings = { ...settings, ...measured.settings }
  }
  return { format: 'viscpm-bilingual-1', settings, ...figures }
}

function settingsOf({ set, options }: Measuring): Record<string, unknown> {
  const { prompts, questions, texts } = set.pairs
  return {
    files: set.files,
    pairs: { prompts: prompts.length, questions: questions.length, texts: texts.length },
    bootstrap: { resamples: 1000, confidence: 0.95, seed: 0 },
    ...(options.limit !== undefined && { limit: options.limit }),
  }
}

/** Starts a part's line on standard error, and ends it whatever happens. */
async function shown<T>(
  { context: { t }, progress }: Measuring,
  part: BilingualPart,
  work: (onProgress: NonNullable<TaskOptions['onProgress']>) => Promise<T>,
): Promise<T> {
  const { bilingual } = t.eval
  progress.start(bilingual.measuring(bilingual.parts[part]), { phases: bilingual.phases })
  try {
    const result = await work(progress.update)
    progress.done(seconds => bilingual.measured(bilingual.parts[part], seconds))
    return result
  } finally {
    progress.stop()
  }
}

async function pictures(
  given: Measuring,
  openHost: () => Promise<BilingualHost>,
  onJudged: (judged: readonly JudgedPair[]) => void,
): Promise<Measured> {
  const { context, set, options, setup, progress, signal } = given
  const { seeds, steps, eyes, threads, work } = options
  let painter: Painter | undefined
  const loadPainter = () =>
    showLoading(context, options.paintModel, progress, signal, task =>
      context.services.loadPainter(options.paintModel, {
        ...placeOf(options, 'paint'),
        ...deviceOptions(options),
        ...(options.memory !== undefined && { memory: options.memory }),
        ...(options.keepHalf !== undefined && { keepHalf: options.keepHalf }),
        ...{ ranker: false, safety: setup, ...task },
      }),
    )
  const painted = await (async () => {
    painter = await loadPainter()
    const scheduler = schedulerOf({ scheduler: 'dpm-solver++' }, context.t, painter.schedulerConfig)
    const settings = {
      model: { name: painter.name, hash: painter.modelHash },
      ...{ seeds: seeds.map(String), steps, scheduler: scheduler?.config },
    }
    const store =
      work === undefined
        ? undefined
        : await openPictureStore(work, settings, (from, decoding) => context.services.loadImage(from, decoding))
    try {
      const found = await shown(given, 'pictures', onProgress =>
        paintPairs(painter!, set.pairs.prompts, { seeds, steps, scheduler, store, signal, onProgress }),
      )
      return { ...found, settings: { paint: settings } }
    } finally {
      await store?.close()
    }
  })().finally(() => painter?.dispose())
  onJudged(painted.judged)
  const host = await openHost()
  const images = painted.pairs.flatMap(({ en, zh }) => [...en, ...zh])
  progress.start(context.t.eval.bilingual.looking, { phases: context.t.eval.bilingual.phases, plain: false })
  try {
    const seen = await host.look(images, eyes, threads, { signal, onProgress: progress.update })
    const card = pictureCard(painted.pairs, new Map(images.map((image, i) => [image, seen[i]!])), painted.withheld)
    return { figures: { pictures: card }, settings: { ...painted.settings, eyes: basename(eyes) } }
  } finally {
    progress.stop()
  }
}

function pictureCard(
  pairs: readonly PaintedPair<Image>[],
  seen: ReadonlyMap<Image, Seen>,
  withheld: readonly string[],
): PicturesCard {
  const bySight = (of: keyof Seen) =>
    pictureEquivalence(pairs, (a, b) => cosineDistance(seen.get(a)![of], seen.get(b)![of]))
  const pixels = pictureEquivalence(pairs, pixelDistance)
  const psnr = (key: 'languages' | 'otherSeed' | 'otherPrompt'): number | null => decibels(pixels, key)
  return {
    ...{ pairs: pairs.length, withheld, pixels },
    psnr: { languages: psnr('languages'), otherSeed: psnr('otherSeed'), otherPrompt: psnr('otherPrompt') },
    embedding: bySight('embedding'),
    features: bySight('features'),
  }
}

/** The mean root mean square difference as peak signal to noise. */
function decibels(card: DistancesCard, key: 'languages' | 'otherSeed' | 'otherPrompt'): number | null {
  const { value } = card[key]
  return value > 0 ? -20 * Math.log10(value) : null
}

async function answers(given: Measuring): Promise<Measured> {
  const { context, set, options, setup, progress, signal } = given
  const { maxNewTokens, work } = options
  const settings = {
    model: basename(options.chatModel),
    ...{ decoding: 'greedy', maxNewTokens },
  }
  const checkers = await context.services.buildSafety(setup, { signal })
  let chat: ChatModel | undefined
  if (work !== undefined) await mkdir(work, { recursive: true })
  const store =
    work === undefined
      ? undefined
      : await openJsonLines(join(work, 'answers.jsonl'), settings, json => json as AnswerLine)
  try {
    chat = await showLoading(context, options.chatModel, progress, signal, task =>
      context.services.loadChat(options.chatModel, {
        ...placeOf(options, 'chat'),
        ...deviceOptions(options),
        ...(options.memory !== undefined && { memory: options.memory }),
        ...(options.keepHalf !== undefined && { keepHalf: options.keepHalf }),
        ...{ safety: checkers.safety, ...task },
      }),
    )
    const card: AnswersCard = await shown(given, 'answers', async onProgress => {
      const answered = await askPairs(chat!, set.pairs.questions, {
        ...{ maxNewTokens, lexicon: set.lexicon, store, signal, onProgress },
        loadImage: file => context.services.loadImage(file, { alpha: 'white' }),
      })
      return answerEquivalence(answered, meaningByFacts(set.lexicon), { signal })
    })
    return { figures: { answers: card }, settings: { chat: settings } }
  } finally {
    await store?.close()
    await chat?.dispose()
    await checkers.dispose()
  }
}

async function verdicts(given: Measuring, pictures: readonly JudgedPair[]): Promise<Measured> {
  const { context, set, setup, signal } = given
  // With the policy off nobody would be asked.
  const checkers = await context.services.buildSafety({ ...setup, preset: 'strict' }, { signal })
  try {
    const judged = await shown(given, 'verdicts', () => judgePairs(checkers.safety, set.pairs, signal))
    return {
      figures: {
        verdicts: {
          texts: compareVerdicts(judged),
          ...(pictures.length > 0 && { pictures: compareVerdicts(pictures) }),
        },
      },
      settings: { checkers: checkers.safety.coverage().prompt },
    }
  } finally {
    await checkers.dispose()
  }
}

async function layers(given: Measuring, openHost: () => Promise<BilingualHost>): Promise<Measured> {
  const { set, options, signal } = given
  const { threads } = options
  const of = [
    ['paint', options.paintModel, set.pairs.prompts],
    ['chat', options.chatModel, set.pairs.questions],
  ] as const
  const host = await openHost()
  const cards: ModelLayersCard[] = []
  for (const [kind, model, pairs] of of) {
    const texts = [...new Map(pairs.map(({ id, en, zh }) => [`${en}\n${zh}`, { id, en, zh }])).values()]
    if (texts.length < 4) continue
    const where = kind === 'paint' ? await painterWeights(model, options) : model
    const request = { where, texts, ...placeOf(options, kind), ...(threads !== undefined && { threads }) }
    cards.push(await shown(given, 'layers', onProgress => host.layers(request, { signal, onProgress })))
  }
  const hash = (texts: readonly { en: string; zh: string }[]) =>
    sha256(texts.map(({ en, zh }) => `${en}\n${zh}\n`).join(''))
  return {
    figures: { layers: cards },
    settings: {
      layers: await Promise.all(
        of.map(async ([kind, model, texts]) => ({ kind, model: basename(model), texts: await hash(texts) })),
      ),
    },
  }
}

/** The embedded painter lies in a folder of its own. */
async function painterWeights(model: string, options: EvalBilingualOptions): Promise<string> {
  const { findPainter } = await import('@viscpm/paint/node')
  return (await findPainter(model, placeOf(options, 'paint'))).weights
}

/** Where a model's vocabulary and configuration lie, where it is said. */
function placeOf(options: EvalBilingualOptions, kind: 'chat' | 'paint') {
  const vocabulary = kind === 'chat' ? options.chatVocab : options.paintVocab
  const config = kind === 'chat' ? options.chatConfig : options.paintConfig
  return {
    ...(vocabulary !== undefined && { vocabulary }),
    ...(config !== undefined && { config }),
    ...(options.threads !== undefined && { threads: options.threads }),
  }
}
