import { isVisCPMError } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { stoppable } from '../stoppable.js'

/** A hosted object whose process may die: then another is loaded. */
export class HostSlot<T extends { info(): unknown }> {
  private current: Promise<Host<T>> | undefined
  private disposed = false

  constructor(private readonly load: () => Promise<Host<T>>) {}

  /** The living one; loads it where there is none. @throws what loading throws */
  get(): Promise<Host<T>> {
    return this.run(async (host, alive) => {
      await alive
      return host
    })
  }

  /**
   * Has the living one work; loads it where there is none. One that died while nobody used it is only found out by asking: the
   * question goes ahead of the work, so where it is not answered the work never began, and another may do it.
   * @param work is given the answer to that question too; called again where the process had died before
   * @param signal ends the waiting for what is being loaded; ending the work is for the work
   * @throws what loading throws; what `work` throws; the signal's reason
   */
  async run<R>(work: (host: Host<T>, alive: Promise<unknown>) => Promise<R>, signal?: AbortSignal): Promise<R> {
    for (let tries = 0; ; tries++) {
      this.current ??= this.load()
      const loading = this.current
      const host = await (signal ? stoppable(loading, signal) : loading).catch(error => {
        if (!signal?.aborted) this.forget(loading)
        if (signal?.aborted || !this.mayRetry(error, tries)) throw error
      })
      if (!host) continue
      let answered = false
      const alive = host.call('info' as never, [] as never).then(() => {
        answered = true
      })
      alive.catch(() => {}) // the work fails of the same
      try {
        return await work(host, alive)
      } catch (error) {
        if (answered || !isVisCPMError(error, 'HOST_CRASHED')) throw error
        this.forget(loading)
        if (!this.mayRetry(error, tries)) throw error
      }
    }
  }

  /** Ends it, whatever it does, and loads another. */
  async replace(host: Host<T>): Promise<void> {
    if ((await this.current?.catch(() => undefined)) === host) this.current = undefined
    await host.dispose({ force: true })
    this.reload()
  }

  /** Loads another in place of one that died, before it is asked for. */
  reload(): void {
    if (!this.disposed) this.get().catch(() => {}) // whoever asks next is told
  }

  async dispose(): Promise<void> {
    this.disposed = true
    const host = await this.current?.catch(() => undefined)
    await host?.dispose()
  }

  private mayRetry(error: unknown, tries: number): boolean {
    return !this.disposed && tries === 0 && isVisCPMError(error, 'HOST_CRASHED')
  }

  private forget(loading: Promise<Host<T>>): void {
    if (this.current === loading) this.current = undefined
  }
}
