/** What a license lets and asks, as the authors published it. The text at `url` is what counts. */
export interface License {
  readonly id: string
  readonly name: string
  readonly url: string | undefined
  /** Commercial use is not allowed without asking the authors. */
  readonly nonCommercial: boolean
  /** One or two sentences. */
  readonly summary: { readonly en: string; readonly zh: string }
}

/** A place that holds a file: a path in a repository of the hub, at a commit; or a URL of its own. */
export type FileSource =
  | { readonly repo: string; readonly commit: string; readonly path: string }
  | { readonly url: string }

/** A file of a model. */
export interface ModelFile {
  /** Where it lies in the model's repository, and is put in the cache. */
  readonly path: string
  /** Bytes; exact where `exact`, else as its page rounds them. */
  readonly size: number
  readonly exact: boolean
  /** Hexadecimal. Absent where no public source states it: then the hub's own word counts, and is recorded. */
  readonly sha256?: string
  /** Further places of the same bytes, in the order in which they are asked after the model's own. Needs `sha256`. */
  readonly elsewhere?: readonly FileSource[]
  /** Another file that does the same, for when none of the places has this one. */
  readonly otherwise?: ModelFile
}

export type ModelKind = 'chat' | 'paint' | 'ranker' | 'image-checker'

/** A model that can be downloaded: facts only. */
export interface ZooModel {
  /** OWNER/NAME, or OWNER/NAME:VARIANT where a repository holds several. */
  readonly id: string
  /** Short names, which the commands take too. */
  readonly aliases: readonly string[]
  readonly kind: ModelKind
  readonly about: { readonly en: string; readonly zh: string }
  readonly repo: string
  /** What everything about its files was learned of; downloads take this one. */
  readonly commit: string
  readonly license: License
  /** Path of the weights among `files`. */
  readonly checkpoint: string
  readonly files: readonly ModelFile[]
  /** Ids of models that it works with; they are downloaded along. */
  readonly companions: readonly string[]
}
