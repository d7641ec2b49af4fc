import type { WeightSource } from '@viscpm/core'
import { itemSize, numel } from '@viscpm/core'
import {
  type ChatFacts,
  chatFacts,
  chatWithin,
  type PaintFacts,
  type PredictedChat,
  type PredictedPaint,
  paintFacts,
  paintWithin,
  predictChat,
  predictPaint,
  referenceMachine,
} from '@viscpm/core/cost'
import { detectCheckpoint } from '@viscpm/core/weights'
import { cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large } from '@viscpm/qformer'
import { sd21BaseUNetConfig } from '@viscpm/unet-sampler'
import { chatTensors, paintTensors, type SynthTensor } from '../synth/tensors.js'

/** Gigabytes of a machine; the system and other programs have one of them. */
const machines = [4, 8, 16, 32] as const
const others = 1
const gibibyte = 2 ** 30

/** Keys, shapes and dtypes without weights. */
function header(name: string, tensors: readonly SynthTensor[]): WeightSource {
  const infos = new Map(
    tensors.map(({ key, dtype, shape }) => [
      key,
      { key, dtype, shape, strides: [], nbytes: numel(shape) * itemSize(dtype) },
    ]),
  )
  const absent = () => {
    throw new Error(`${name} has no weights`)
  }
  return {
    name,
    format: 'memory',
    keys: () => [...infos.keys()],
    has: key => infos.has(key),
    info: key => infos.get(key) ?? absent(),
    locate: absent,
    read: absent,
    close: async () => {},
  }
}

/** The published chat. */
export function publishedChatFacts(): ChatFacts {
  const source = header('chat', chatTensors(cpmBee10b, beit3Large))
  return chatFacts(source, detectCheckpoint(source))
}

/** The published painter. */
export function publishedPaintFacts(): PaintFacts {
  const source = header('paint', paintTensors(cpmBee10b, sd21BaseUNetConfig))
  const painter = { source, report: detectCheckpoint(source) }
  return paintFacts({ painter, language: painter })
}

const gigabytes = (bytes: number) => `${(bytes / gibibyte).toFixed(1)} GB`
const time = (seconds: number) => (seconds < 100 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`)

function chatCell({ mode, longest, firstToken, tokensPerSecond: { greedy, beam } }: PredictedChat): string {
  const how = [
    ...(mode.releaseVision ? ['vision released'] : []),
    ...(mode.kvCache === 'float32' ? [] : [`${mode.kvCache} cache`]),
  ]
  const rates = [greedy, beam].map(rate => rate.toFixed(rate < 1 ? 2 : 1)).join(' / ')
  return [`**${gigabytes(longest)}**`, ...how, `${rates} tokens/s`, `first after ${time(firstToken)}`].join(', ')
}

function paintCell({ mode, memory, secondsPerPicture }: PredictedPaint): string {
  const how = mode.memory === 'low' ? ['in turns'] : ['all loaded']
  if (mode.vaeTile !== undefined) how.push('VAE in tiles')
  return [`**${gigabytes(memory)}**`, ...how, time(secondsPerPicture)].join(', ')
}

function rows(
  forms: readonly string[],
  cell: (bytes: number, form: string) => string | undefined,
  least: (form: string) => number,
): string[] {
  return machines.map(machine => {
    const bytes = (machine - others) * gibibyte
    const cells = forms.map(form => cell(bytes, form) ?? `no: ${gigabytes(least(form))}`)
    return `| ${[`${machine} GB`, ...cells].join(' | ')} |`
  })
}

const table = (head: readonly string[], body: readonly string[]): string =>
  [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...body].join('\n')

/** What machines can do with the published models: the tables of docs/memory.md. */
export function memoryTables(): { readonly chat: string; readonly paint: string } {
  const chat = publishedChatFacts()
  const paint = publishedPaintFacts()
  const everything = { total: Number.POSITIVE_INFINITY, free: Number.POSITIVE_INFINITY }
  const smallest = (ways: readonly { form: string; memory: number }[]) => (form: string) =>
    Math.min(...ways.filter(way => way.form === form).map(({ memory }) => memory))
  const chatForms = ['as it is', 'int8', 'int4']
  const paintForms = ['as it is', 'int4', 'int8 UNet', 'int4, int8 UNet']
  const find = <W extends { form: string }>(ways: readonly W[], form: string) => ways.find(way => way.form === form)
  return {
    chat: table(
      ['memory', 'as published, 20.6 GB', 'int8', 'int4'],
      rows(
        chatForms,
        (bytes, form) => {
          const found = find(chatWithin(chat, referenceMachine, bytes), form)
          return found && chatCell(found)
        },
        smallest(predictChat(chat, referenceMachine, everything)),
      ),
    ),
    paint: table(
      ['memory', 'as published, 22.7 GB', 'text int4', 'UNet int8', 'both'],
      rows(
        paintForms,
        (bytes, form) => {
          const found = find(paintWithin(paint, referenceMachine, bytes), form)
          return found && paintCell(found)
        },
        smallest(predictPaint(paint, referenceMachine, everything)),
      ),
    ),
  }
}
