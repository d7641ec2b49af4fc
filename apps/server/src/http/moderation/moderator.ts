import { createHost } from '@viscpm/core/node'
import type { SafetySetup } from '@viscpm/safety'
import { HostSlot } from '../../engine/host-slot.js'
import { QueueFullError } from '../../jobs/errors.js'
import type { Finding, Moderated, ModerationService } from './service.js'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Most checks that are made or wait at once: each may hold a picture, and none waits in the queue of jobs. */
const maxOpen = 32

/** Asks the checkers for a client; they are loaded when somebody first asks. */
export class Moderator {
  private readonly slot: HostSlot<ModerationService>
  private open = 0

  constructor(setup: SafetySetup) {
    this.slot = new HostSlot(() =>
      createHost<ModerationService>({
        module: new URL(`./service.${extension}`, import.meta.url),
        export: 'moderationService',
        // Who asks wants to know, whatever the policy of the models.
        args: [{ ...setup, preset: 'strict' }],
      }),
    )
  }

  /** @throws QueueFullError where too many wait; what a checker throws; the signal's reason */
  async check(input: Moderated, signal: AbortSignal): Promise<Finding> {
    if (this.open >= maxOpen) throw new QueueFullError('too many checks wait', 1)
    this.open++
    try {
      return await this.slot.run(host => host.call('check', [input], { signal }), signal)
    } finally {
      this.open--
    }
  }

  async dispose(): Promise<void> {
    await this.slot.dispose()
  }
}
