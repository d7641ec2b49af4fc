/** What is known of an uploaded picture. Times are milliseconds since 1970. */
export interface StoredFile {
  /** `file-` and 30 hexadecimal digits, drawn at random. */
  readonly id: string
  /** As its owner calls it. */
  readonly name: string
  readonly bytes: number
  readonly createdAt: number
  readonly expiresAt: number
}

export interface NewFile {
  readonly name: string
  readonly content: Uint8Array
  /** Milliseconds that it is kept. Default, and at most: that of the store. */
  readonly keepMs?: number
}

/** How much may be uploaded, and for how long. */
export interface FileLimits {
  /** Most files in all. Default 1000. */
  readonly maxFiles: number
  /** Most bytes in all. Default 512 MB. */
  readonly maxBytes: number
  /** Most files of one owner. Default 100. */
  readonly maxFilesPerOwner: number
  /** Most bytes of one owner. Default 128 MB. */
  readonly maxBytesPerOwner: number
  /** Milliseconds that a file is kept. Default one hour. */
  readonly keepMs: number
}

/** Pictures that were uploaded, each seen by its owner alone: what belongs to another does not exist. */
export interface FileStore {
  readonly limits: FileLimits
  /** @throws FilesFullError with the seconds after which one of those in the way is gone */
  put(owner: string, file: NewFile): Promise<StoredFile>
  /** Oldest first. */
  list(owner: string): Promise<readonly StoredFile[]>
  find(owner: string, id: string): Promise<StoredFile | undefined>
  content(owner: string, id: string): Promise<Uint8Array | undefined>
  /** @returns whether it was there */
  remove(owner: string, id: string): Promise<boolean>
  close(): void
}
