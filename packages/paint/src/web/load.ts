import { type Backend, FileFormatError, type WeightSource } from '@viscpm/core'
import { openWebFolder, type WebFolder, type WebFolderOptions } from '@viscpm/core/web'
import { detectCheckpoint, openWeights } from '@viscpm/core/weights'
import { type CpmBeeConfig, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { loadChineseCLIP } from '@viscpm/reranker/web'
import { safetyOf } from '@viscpm/safety'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import {
  DDPMScheduler,
  parsePreviewFactors,
  parseUNetConfig,
  parseVaeConfig,
  type SchedulerConfig,
} from '@viscpm/unet-sampler'
import { parsePaintDefaults } from '../defaults.js'
import { type PaintParts, VisCPMPaint as PureVisCPMPaint } from '../pipeline.js'

export interface LoadOptions
  extends Omit<PaintParts, 'tokenizer' | 'llm' | 'transBlock' | 'unet' | 'vae' | 'onDispose'>,
    Pick<WebFolderOptions, 'cache'> {
  readonly backend: Backend
}

/** VisCPM-Paint in a browser; see `VisCPMPaint` of '@viscpm/paint'. */
export class VisCPMPaint extends PureVisCPMPaint {
  /**
   * Loads a model from a server's folder: `paint.safetensors` with all of CPM-Bee, trans_block and the UNet, `config.json`, `bee.txt`,
   * `unet/config.json`, `vae/`, `SHA256SUMS`; and if they are there `scheduler/`, `chinese-clip/`, `generation_config.json`. The
   * browser keeps the files.
   * @param where the folder's address, or what `openWebFolder` of '@viscpm/core/web' gave
   * @throws FileNotFoundError, FileFormatError, VocabularyError, ConfigError, MissingKeyError, UnexpectedKeyError,
   * WrongShapeError, MissingDependencyError; the signal's reason when aborted
   */
  static async load(where: string | URL | WebFolder, options: LoadOptions): Promise<PureVisCPMPaint> {
    const { cache, ...parts } = options
    parts.signal?.throwIfAborted()
    safetyOf(parts) // refuses what is none before anything is read
    parts.onProgress?.({ phase: 'open', done: 0, total: 1, unit: 'steps' })
    const files = isFolder(where) ? where : await openWebFolder(where, options)
    const opened: { close(): Promise<void> }[] = []
    const closeAll = async () => {
      for (const one of opened.splice(0)) await one.close()
    }
    try {
      const networks = await openNetworks(files, opened)
      const reranker = parts.reranker ?? (await rankerOf(files, parts, opened))
      const painter = await PureVisCPMPaint.create({
        ...networks,
        ...(await settingsOf(files, networks)),
        ...parts,
        ...(reranker && { reranker }),
        onDispose: closeAll,
      })
      // Sessions have copied what they need; the UNet may make others when they are asked for.
      if (parts.memory !== 'low') await networks.vae.weights.close()
      return painter
    } catch (error) {
      await closeAll()
      throw error
    }
  }
}

function isFolder(where: string | URL | WebFolder): where is WebFolder {
  return typeof where === 'object' && 'open' in where
}

type Opened = { close(): Promise<void> }[]
type Networks = Pick<PaintParts, 'tokenizer' | 'llm' | 'transBlock' | 'unet' | 'vae'> & { readonly name?: string }

async function openNetworks(files: WebFolder, opened: Opened): Promise<Networks> {
  const open = async (name: string): Promise<WeightSource> => {
    const source = await openWeights(await files.open(name))
    opened.push(source)
    return source
  }
  const { llm, name } = await files.json('config.json', parseOwnConfig)
  const unet = await files.json('unet/config.json', parseUNetConfig)
  const vae = await files.json('vae/config.json', parseVaeConfig)
  const tokenizer = CpmBeeTokenizer.fromVocabulary(await files.bytes('bee.txt'), files.at('bee.txt'))
  const weights = await open('paint.safetensors')
  const { parts, kind } = detectCheckpoint(weights)
  const prefixOf = (part: (typeof parts)[number]['name']) => {
    const found = parts.find(({ name }) => name === part)
    if (found) return found.prefix
    const message = `is no viscpm-paint checkpoint (found: ${kind}): it has no ${part}`
    throw new FileFormatError({ file: weights.name, message })
  }
  return {
    ...(name !== undefined && { name }),
    tokenizer,
    llm: { weights, prefix: prefixOf('llm'), config: llm },
    transBlock: { weights, prefix: prefixOf('trans-block') },
    unet: { weights, prefix: prefixOf('unet'), config: unet },
    vae: { weights: await open('vae/diffusion_pytorch_model.safetensors'), config: vae },
  }
}

/** CPM-Bee's sizes as `cpm_bee`, beside the `name` of the painter. */
function parseOwnConfig(json: unknown): { llm: CpmBeeConfig; name?: string } {
  const { cpm_bee, name } = (json ?? {}) as Record<string, unknown>
  return { llm: parseCpmBeeConfig(cpm_bee, 'cpm_bee'), ...(typeof name === 'string' && { name }) }
}

async function settingsOf(
  files: WebFolder,
  { vae }: Networks,
): Promise<Pick<PaintParts, 'scheduler' | 'defaults' | 'previewFactors'>> {
  const channels = vae.config.latent_channels
  const scheduler = await files.jsonIfThere('scheduler/scheduler_config.json', json =>
    DDPMScheduler.fromConfig(json as SchedulerConfig, DDPMScheduler.diffusers015),
  )
  const defaults = await files.jsonIfThere('generation_config.json', parsePaintDefaults)
  const factors = await files.jsonIfThere('vae/preview_factors.json', json => parsePreviewFactors(json, channels))
  return { ...(scheduler && { scheduler }), ...(defaults && { defaults }), ...(factors && { previewFactors: factors }) }
}

async function rankerOf(files: WebFolder, options: LoadOptions, opened: Opened): Promise<PaintParts['reranker']> {
  if (!files.has('chinese-clip/config.json')) return undefined
  const { backend, signal, onProgress, threads } = options
  const ranker = await loadChineseCLIP(files.folder('chinese-clip'), {
    backend,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...(threads !== undefined && { threads }),
  })
  opened.push({ close: () => ranker.dispose() })
  return ranker
}
