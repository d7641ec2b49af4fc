import type { AskOptions, ChatPart } from '@viscpm/chat'
import type { DecodeOptions, Image, TaskOptions } from '@viscpm/core'
import type { TaskInput, TaskPart, TaskResult, TaskRunOptions } from '@viscpm/cpm-bee'

/** How a model is loaded; what is left out is found or chosen by the library. */
export interface LoadOptions extends TaskOptions {
  readonly vocabulary?: string
  readonly config?: string
  readonly threads?: number
  readonly keepHalf?: boolean
}

/** What the command needs of a conversation. */
export interface Talk {
  stream(question: string, options?: AskOptions): AsyncIterable<ChatPart>
  reset(): void | Promise<void>
}

/** What the command needs of a model that sees. */
export interface ChatModel {
  readonly name: string
  conversation(image: Image): Talk
  dispose(): Promise<void>
}

/** What the command needs of a model for text. */
export interface TextModel {
  stream(input: TaskInput, options?: TaskRunOptions): AsyncGenerator<TaskPart, TaskResult>
  dispose(): Promise<void>
}

/** Models and pictures as the commands reach them; the heavy packages are only imported when one is used. */
export interface Services {
  loadChat(where: string, options: LoadOptions): Promise<ChatModel>
  loadText(where: string, options: LoadOptions): Promise<TextModel>
  loadImage(from: string | Uint8Array, options: DecodeOptions): Promise<Image>
  /** Folder of the pictures that come with the embedded model. */
  demoPictures(): Promise<string>
}

export const services: Services = {
  // In a worker thread: a run of the model blocks its thread, and the terminal has to stay alive.
  loadChat: async (where, options) => (await import('@viscpm/chat/node')).hostChat(where, options),
  loadText: async (where, options) => (await import('@viscpm/chat/node')).loadCpmBee(where, options),
  loadImage: async (from, options) => (await import('@viscpm/chat/node')).loadImage(from, options),
  demoPictures: async () => (await import('./commands/demo/pictures.js')).picturesFolder(),
}
