import {
  type Machine,
  type MemoryHere,
  ordinaryPainting,
  type Painting,
  type PredictedChat,
  type PredictedPaint,
  predictChat,
  predictPaint,
} from '@viscpm/core/cost'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import type { DoctorOptions } from './command.js'
import { type Predictable, withPredictable } from './open-parts.js'
import { predictionLines } from './prediction-lines.js'

/** What running a model would take on this machine. */
export interface Prediction {
  readonly model: string
  readonly machine: Machine
  readonly memory: MemoryHere
  readonly models: readonly (
    | { readonly kind: 'viscpm-chat' | 'cpm-bee'; readonly ways: readonly PredictedChat[] }
    | {
        readonly kind: 'viscpm-paint'
        readonly painting: Painting
        readonly assumedVae: boolean
        readonly ways: readonly PredictedPaint[]
      }
  )[]
}

/** `viscpm doctor MODEL`: predicts without running it; of its files only the headers are read. @returns the exit code */
export async function doctorModel(context: Context, where: string, options: DoctorOptions): Promise<number> {
  const { io, t } = context
  const { machineMemory, measureMachine } = await import('@viscpm/core/node')
  const memory = machineMemory()
  const { threads } = options
  const prediction = await withPredictable(where, t, async (models, weights): Promise<Prediction> => {
    const machine = await measureMachine({ weights, ...(threads !== undefined && { threads }) })
    return { model: where, machine, memory, models: models.map(one => predict(one, machine, memory)) }
  })
  if (options.json) io.stdout.write(`${JSON.stringify(prediction)}\n`)
  else for (const line of predictionLines(context, prediction)) io.stdout.write(`${line}\n`)
  return exitCodes.ok
}

function predict(model: Predictable, machine: Machine, memory: MemoryHere): Prediction['models'][number] {
  if (model.kind !== 'viscpm-paint') return { kind: model.kind, ways: predictChat(model.facts, machine, memory) }
  const { kind, facts, assumedVae, side, scale } = model
  const painting = { ...ordinaryPainting, width: side, height: side, scale }
  return { kind, painting, assumedVae, ways: predictPaint(facts, machine, memory, painting) }
}
