import type { DecodeOptions, Image, TaskOptions } from '@viscpm/core'
import type { QuantizedPainter, QuantizeUNetOptions } from '@viscpm/paint/node'
import type { SafetySetup } from '@viscpm/safety'
import type { OpenSafety } from '@viscpm/safety/node'
import type { JobQueue, ModelWorker, ModelWorkerOptions, RunningServer, StartServerOptions } from '@viscpm/server'
import type { BilingualHost } from './commands/eval-bilingual/hosted.js'
import type { ReportCard, ReportRequest } from './commands/report/card.js'
import type {
  ChatIdentity,
  ChatLoadOptions,
  ChatModel,
  Critic,
  LoadOptions,
  Painter,
  PainterOptions,
  Ranker,
  RankerOptions,
  TextModel,
} from './models.js'

/** Models and pictures as the commands reach them; the heavy packages are only imported when one is used. */
export interface Services {
  loadChat(where: string, options: ChatLoadOptions): Promise<ChatModel>
  /** What tells a chat apart, without loading it. */
  identifyChat(where: string, places: Pick<LoadOptions, 'vocabulary' | 'config'>): Promise<ChatIdentity>
  /** A chat that judges pictures. */
  loadCritic(where: string, options: ChatLoadOptions): Promise<Critic>
  loadText(where: string, options: LoadOptions): Promise<TextModel>
  loadPainter(where: string, options: PainterOptions): Promise<Painter>
  loadRanker(where: string, options: RankerOptions): Promise<Ranker>
  /** Makes a painter whose UNet computes with int8. */
  quantizeUNet(options: QuantizeUNetOptions): Promise<QuantizedPainter>
  /** Measures what quantization did to a model. */
  measureReport(request: ReportRequest, task: TaskOptions): Promise<ReportCard>
  /** Compares pictures and runs language models layer by layer, elsewhere. */
  hostBilingual(task: Pick<TaskOptions, 'signal'>): Promise<BilingualHost>
  /** Checkers and policy for what runs in this thread. */
  buildSafety(setup: SafetySetup, task: TaskOptions): Promise<OpenSafety>
  loadImage(from: string | Uint8Array, options: DecodeOptions): Promise<Image>
  /** Loads models and computes the jobs that wait in Redis. */
  startModelWorker(options: ModelWorkerOptions): Promise<ModelWorker>
  /** Where jobs wait for workers on any machine. */
  openQueue(url: string): Promise<JobQueue>
  /** Whether the embedded model that is installed can paint. */
  embeddedPainter(): Promise<boolean>
  startServer(options: StartServerOptions): Promise<RunningServer>
  /** Folder of the pictures that come with the embedded model. */
  demoPictures(): Promise<string>
}

export const services: Services = {
  // In a worker thread: a run of the model blocks its thread, and the terminal has to stay alive.
  loadChat: async (where, options) => (await import('@viscpm/chat/node')).hostChat(where, options),
  identifyChat: async (where, places) => (await import('./commands/eval-chat/identity.js')).identifyChat(where, places),
  loadCritic: async (where, options) => (await import('@viscpm/chat/node')).hostChat(where, options),
  loadText: async (where, options) => (await import('@viscpm/chat/node')).loadCpmBee(where, options),
  loadPainter: async (where, options) => (await import('@viscpm/paint/node')).hostPaint(where, options),
  loadRanker: async (where, options) => (await import('./painter/ranker.js')).loadRanker(where, options),
  quantizeUNet: async options => (await import('@viscpm/paint/node')).quantizeUNet(options),
  measureReport: async (request, task) => (await import('./commands/report/hosted.js')).hostReport(request, task),
  hostBilingual: async task => (await import('./commands/eval-bilingual/hosted.js')).hostBilingual(task),
  buildSafety: async (setup, task) => (await import('@viscpm/safety/node')).buildSafety(setup, task),
  loadImage: async (from, options) => (await import('@viscpm/chat/node')).loadImage(from, options),
  startServer: async options => (await import('@viscpm/server')).startServer(options),
  startModelWorker: async options => (await import('@viscpm/server')).startModelWorker(options),
  openQueue: async url => (await import('@viscpm/server')).openRedisQueue({ url }),
  embeddedPainter: async () => (await import('./painter/embedded.js')).hasEmbeddedPainter(),
  demoPictures: async () => (await import('./commands/demo/pictures.js')).picturesFolder(),
}
