import { isVisCPMError } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'

/** A hosted object whose process may die: then another is loaded. */
export class HostSlot<T extends { info(): unknown }> {
  private current: Promise<Host<T>> | undefined
  private disposed = false

  constructor(private readonly load: () => Promise<Host<T>>) {}

  /** The living one; loads it where there is none. @throws what loading throws */
  async get(): Promise<Host<T>> {
    for (let tries = 0; ; tries++) {
      this.current ??= this.load()
      const loading = this.current
      try {
        const host = await loading
        // One that died while nobody used it is only found out by asking.
        await host.call('info' as never, [] as never)
        return host
      } catch (error) {
        this.forget(loading)
        if (this.disposed || tries > 0 || !isVisCPMError(error, 'HOST_CRASHED')) throw error
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

  private forget(loading: Promise<Host<T>>): void {
    if (this.current === loading) this.current = undefined
  }
}
