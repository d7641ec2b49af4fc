import { access, readdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, FileNotFoundError, MissingDependencyError, VocabularyError } from '@viscpm/core'
import { standingModel } from '@viscpm/core/node'

/** Where the parts of a model are, if not in their usual places beside the checkpoint. */
export interface PaintPlaces {
  /** Vocabulary file; default: bee.txt beside the checkpoint. */
  readonly vocabulary?: string
  /**
   * Sizes of CPM-Bee: JSON of upstream's form, alone or as `cpm_bee` beside the painter's `name`. Default: cpm-bee.json
   * or config.json, else the published ones.
   */
  readonly config?: string
  /** Sizes of the UNet; default: unet/config.json, else Stable Diffusion 2.1-base's. */
  readonly unetConfig?: string
  /** A scheduler_config.json, read by DDPM as diffusers 0.15.0 did. Default: scheduler/scheduler_config.json. */
  readonly schedulerConfig?: string
  /** A generation_config.json: see `parsePaintDefaults`. Default: generation_config.json beside the checkpoint. */
  readonly generationConfig?: string
  /** Folder of the VAE, as diffusers has it; preview_factors.json in it: see `parsePreviewFactors`. Default: vae/. */
  readonly vae?: string
  /** Folder of a Chinese-CLIP, as transformers has it; false for none. Default: chinese-clip/, if it is there. */
  readonly ranker?: string | false
  /** Checkpoint (file or folder) with CPM-Bee's weights, where the painter's has none. Default for 'tiny': the chat's. */
  readonly languageModel?: string
}

/** Files of a model, found but not opened. */
export interface PaintFiles {
  readonly weights: string
  readonly vocabulary: string
  readonly config: string | undefined
  readonly unetConfig: string | undefined
  readonly schedulerConfig: string | undefined
  readonly generationConfig: string | undefined
  readonly vae: {
    readonly weights: string
    readonly config: string | undefined
    readonly previewFactors: string | undefined
  }
  readonly ranker: string | undefined
  readonly languageModel: string | undefined
}

const vocabularyNames = ['bee.txt', 'vocab.txt', join('vocabs', 'bee.txt')]
const vaeWeights = ['diffusion_pytorch_model.safetensors', 'model.safetensors', 'diffusion_pytorch_model.bin']

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function firstExisting(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await exists(join(folder, name))) return join(folder, name)
  return undefined
}

/** Folder of the installed @viscpm/tiny. @throws MissingDependencyError */
function tinyPackage(): string {
  const bases = [import.meta.url, pathToFileURL(join(process.cwd(), 'index.js')).href]
  if (process.argv[1]) bases.push(pathToFileURL(process.argv[1]).href)
  for (const base of bases)
    try {
      return dirname(createRequire(base).resolve('@viscpm/tiny/package.json'))
    } catch {
      // not reachable from here: try the next place
    }
  throw new MissingDependencyError({
    dependency: '@viscpm/tiny',
    message: 'the embedded model is not installed',
    hint: 'npm install @viscpm/tiny',
  })
}

/** A given path, checked; or the first of the usual ones. @throws FileNotFoundError naming the option */
async function place(
  option: string,
  given: string | undefined,
  folder: string,
  usual: readonly string[],
): Promise<string | undefined> {
  if (given === undefined) return firstExisting(folder, usual)
  if (await exists(given)) return resolve(given)
  throw new FileNotFoundError({ file: given, message: `no such file or folder (option '${option}')` })
}

/** A painter's checkpoint in a folder, which may also hold other models' files. */
async function checkpointOf(folder: string): Promise<string> {
  const named = await firstExisting(folder, ['paint.safetensors'])
  if (named) return named
  const published = (await readdir(folder)).filter(name => /^viscpm_paint.*\.(pt|pth|bin|safetensors)$/i.test(name))
  return published.length === 1 ? join(folder, published[0]!) : folder
}

/**
 * Finds what belongs to a painter: `where` is 'tiny', a folder, or a checkpoint file.
 * @throws FileNotFoundError, VocabularyError, MissingDependencyError naming what is missing and where it was looked for
 */
export async function findPainter(where: string, given: PaintPlaces = {}): Promise<PaintFiles> {
  const tiny = where === 'tiny' ? tinyPackage() : undefined
  const path = tiny ? join(tiny, 'paint') : await standingModel(resolve(where))
  const info = await stat(path).catch(cause => {
    const hint = tiny
      ? 'This version of @viscpm/tiny has no painter: install a newer one.'
      : "Known names: 'tiny'. Anything else is a path."
    throw new FileNotFoundError({ file: tiny ? path : where, message: 'no such model file or folder', hint, cause })
  })
  const folder = info.isDirectory() ? path : dirname(path)
  const ranker = given.ranker === false ? undefined : await place('ranker', given.ranker, folder, ['chinese-clip'])
  return {
    weights: info.isDirectory() ? await checkpointOf(path) : path,
    vocabulary: await vocabularyOf(folder, given.vocabulary),
    config:
      (await place('config', given.config, folder, ['cpm-bee.json'])) ?? (await sizesIn(join(folder, 'config.json'))),
    unetConfig: await place('unetConfig', given.unetConfig, folder, [join('unet', 'config.json')]),
    schedulerConfig: await place('schedulerConfig', given.schedulerConfig, folder, [
      join('scheduler', 'scheduler_config.json'),
    ]),
    generationConfig: await place('generationConfig', given.generationConfig, folder, ['generation_config.json']),
    vae: await vaeOf(folder, given.vae),
    ranker,
    languageModel: given.languageModel ?? (tiny ? join(tiny, 'model') : undefined),
  }
}

async function vocabularyOf(folder: string, given: string | undefined): Promise<string> {
  const found = await place('vocabulary', given, folder, vocabularyNames)
  if (found) return found
  throw new VocabularyError({
    message: `no vocabulary file (${vocabularyNames.join(', ')}) in ${folder}`,
    hint: "Give it with --vocab FILE (option 'vocabulary'): the original's is VisCPM/cpm_tokenizers/vocabs/bee.txt.",
  })
}

async function vaeOf(folder: string, given: string | undefined): Promise<PaintFiles['vae']> {
  const vae = await place('vae', given, folder, ['vae'])
  const weights = vae && (await firstExisting(vae, vaeWeights))
  if (vae && weights) {
    const beside = (name: string) => firstExisting(vae, [name])
    return { weights, config: await beside('config.json'), previewFactors: await beside('preview_factors.json') }
  }
  throw new FileNotFoundError({
    file: vae ?? join(folder, 'vae'),
    message: vae ? `none of ${vaeWeights.join(', ')} is in it` : 'no VAE beside the checkpoint',
    hint: "Give the folder with --vae FOLDER (option 'vae'): it is Stable Diffusion 2.1's, and lies in VisCPM-Paint's repository.",
  })
}

/** A config.json counts only if it has CPM-Bee's sizes: published folders carry those of other tools. */
async function sizesIn(file: string): Promise<string | undefined> {
  if (!(await exists(file))) return undefined
  const json = await readJson(file)
  const has = (name: string) => json !== null && typeof json === 'object' && name in json
  return has('cpm_bee') || has('position_bias_num_buckets') ? file : undefined
}

/** Reads a JSON file. @throws ConfigError when it is not JSON */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError({ field: path, message: `is not JSON: ${(cause as Error).message}`, cause })
  }
}
