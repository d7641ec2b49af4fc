/** Texts of `viscpm doctor MODEL`. */
export interface CostMessages {
  readonly columns: Readonly<
    Record<
      'form' | 'way' | 'memory' | 'longest' | 'load' | 'firstToken' | 'greedy' | 'beam' | 'picture' | 'fits',
      string
    >
  >
  readonly forms: Readonly<Record<'as it is' | 'int8' | 'int4' | 'int8 UNet' | 'int4, int8 UNet', string>>
  readonly halves: string
  readonly widened: string
  readonly asStored: string
  /** Which kind of cache keeps keys and values. */
  readonly cache: (kind: string) => string
  readonly visionReleased: string
  readonly normal: string
  readonly inTurns: string
  readonly fits: Readonly<Record<'fits' | 'tight' | 'no', string>>
  chat(name: string): string
  text(name: string): string
  paint(name: string): string
  readonly assumedVae: string
  machine(total: string, free: string, cores: number, ram: string, float32: string, int8: string, disk: string): string
  seconds(seconds: string): string
  readonly chatNote: string
  paintNote(side: number, steps: number): string
  readonly footnote: string
  readonly convertNote: string
  notRunnable(kind: string): string
  readonly notRunnableHint: string
}
