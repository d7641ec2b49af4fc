import { type Backend, InvalidArgumentError, type TaskOptions, type Tensor, tensor } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import {
  type CalibratorOptions,
  calibrateVaeDecoder,
  DPMSolverMultistepScheduler,
  denoise,
  firstSample,
  type LayerRanges,
  UNetCalibrator,
} from '@viscpm/unet-sampler'
import { originalDefaults } from './defaults.js'
import { checkNetworks, type Networks, stagesOf } from './model.js'
import type { Contexts } from './steps.js'

/** What is painted to see in which ranges the activations lie, if nothing else is asked for. */
export const calibrationPrompts: readonly string[] = [
  '一只猫坐在草地上',
  'a red apple on a wooden table',
  '雪山下的湖，油画',
  'a portrait of an old man, pencil drawing',
  '夜晚的城市街道，霓虹灯',
  'a white bus beside a green tree',
]

export interface CalibrationOptions extends CalibratorOptions, TaskOptions {
  /** Painted one after another, each with noise of its own. Default `calibrationPrompts`. */
  readonly prompts?: readonly string[]
  /** Denoising steps of each, DPM-Solver++ 2M. Default 10. */
  readonly steps?: number
  /** Default: the original's 7.5. */
  readonly guidanceScale?: number
  /** Of the first prompt's noise; the next ones count on. Default 0. */
  readonly seed?: number
  /** Side of the latents. Default: what the UNet was trained on. */
  readonly latentSize?: number
  /** Also calibrates the VAE's decoder. Default false: it shows rounding most. */
  readonly vaeDecoder?: boolean
}

/** By the keys of the checkpoints, prefix included. */
export interface PainterRanges {
  readonly unet: LayerRanges
  readonly vaeDecoder?: LayerRanges
}

/**
 * Paints the prompts with guidance, and takes down in which ranges the activations of the UNet's layers lie. The networks are
 * loaded one after another. Progress: `calibrate`, in steps.
 * @throws InvalidArgumentError; what loading and painting throw; the signal's reason when aborted
 */
export async function calibratePainter(
  networks: Networks & { readonly backend: Backend },
  options: CalibrationOptions = {},
): Promise<PainterRanges> {
  const { prompts = calibrationPrompts, steps = 10, signal, onProgress } = options
  const { guidanceScale = originalDefaults.guidanceScale, seed = 0, vaeDecoder = false } = options
  if (prompts.length === 0) throw new InvalidArgumentError({ argument: 'prompts', message: 'at least one is needed' })
  checkWhole('steps', steps)
  checkWhole('latentSize', options.latentSize ?? 1)
  const quiet = signal ? { signal } : {}
  await checkNetworks(networks)
  const total = prompts.length * steps
  const contexts = await read(networks, prompts, quiet)
  const { method, percentile, keep } = options
  const how = { ...(method && { method }), ...(percentile !== undefined && { percentile }), ...(keep && { keep }) }
  const { in_channels: channels, sample_size } = networks.unet.config
  const side = options.latentSize ?? sample_size
  const painted: Tensor[] = []
  const { memory: _memory, ...session } = networks
  const calibrator = await UNetCalibrator.load({ ...session, ...quiet, ...networks.unet, ...how })
  let unet: LayerRanges
  try {
    for (const [i, context] of contexts.entries()) {
      const generator = new TorchGenerator(seed + i)
      const noise = (shape: readonly number[]) => generator.randn(shape)
      const run = new DPMSolverMultistepScheduler({}).start({ steps })
      const { latents } = firstSample(run, [1, channels, side, side], { noise })
      const onStep = ({ step }: { step: number }) =>
        onProgress?.({ phase: 'calibrate', done: i * steps + step, total, unit: 'steps' })
      painted.push(
        await denoise({ denoiser: calibrator, run, latents, ...context, noise, guidanceScale, onStep, ...quiet }),
      )
    }
    unet = calibrator.ranges()
  } finally {
    await calibrator.dispose()
  }
  if (!vaeDecoder) return { unet }
  const { keep: _keep, ...alike } = how // the list is the UNet's
  const decoder = { ...session, ...quiet, ...networks.vae, ...alike, latents: painted }
  return { unet, vaeDecoder: await calibrateVaeDecoder(decoder) }
}

async function read(networks: Networks, prompts: readonly string[], task: TaskOptions): Promise<Contexts[]> {
  const { text } = stagesOf({ ...networks, memory: 'low' })
  return text.use(task, async ({ encoder, transBlock }) => {
    const contexts: Contexts[] = []
    for (const prompt of prompts) {
      const states = await encoder.encode({ prompt, negativePrompt: '' }, task)
      const owned = async (t: Tensor) => {
        const { data, shape } = await transBlock.run(t, task)
        return tensor('float32', data.slice(), shape)
      }
      contexts.push({ context: await owned(states.prompt), negativeContext: await owned(states.negativePrompt) })
    }
    return contexts
  })
}

function checkWhole(argument: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError({ argument, message: `must be a whole number from 1, not ${value}` })
}
