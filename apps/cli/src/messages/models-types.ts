import type { EvidenceKind } from '@viscpm/models/node'

/** Options of downloading, listing and removing models; `help.options` describes them. */
export type ModelsOption =
  | 'acceptLicense'
  | 'endpoint'
  | 'cacheDir'
  | 'offline'
  | 'noCompanions'
  | 'listAll'
  | 'yes'
  | 'modelsJson'

export interface DownloadMessages {
  starting(model: string): string
  readonly phases: Readonly<Record<'wait' | 'check' | 'download', string>>
  finished(seconds: string): string
  license(model: string, name: string): string
  readonly nonCommercial: string
  readonly readIt: string
  /** The question. */
  readonly accept: string
  readonly refused: string
  readonly refusedHint: string
  readonly noTerminal: string
  readonly noTerminalHint: string
  retrying(why: string): string
  ready(model: string, size: string): string
  lies(path: string): string
  use(command: string): string
  readonly resumable: string
}

export interface ListMessages {
  readonly states: Readonly<Record<'complete' | 'partial' | 'absent' | 'unknown', string>>
  readonly kinds: Readonly<Record<'chat' | 'paint' | 'ranker' | 'image-checker', string>>
  readonly nothing: string
  cache(folder: string): string
  of(bytes: string, size: string): string
  readonly nonCommercial: string
}

export interface RemoveMessages {
  question(model: string, size: string): string
  readonly kept: string
  readonly needsYes: string
  readonly needsYesHint: string
  removed(model: string, size: string): string
}

export interface VerifyModelMessages {
  readonly states: Readonly<Record<'good' | 'missing' | 'changed', string>>
  /** Who says what a file should be. */
  readonly evidence: Readonly<Record<EvidenceKind | 'none', string>>
  good(files: string, size: string): string
  bad(files: string): string
  badHint(model: string): string
}

/** Texts of the commands that download models, and look after them. */
export interface ModelsMessages {
  readonly download: DownloadMessages
  readonly list: ListMessages
  readonly remove: RemoveMessages
  readonly verify: VerifyModelMessages
}
