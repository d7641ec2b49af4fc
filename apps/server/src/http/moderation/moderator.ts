import { createHost } from '@viscpm/core/node'
import type { SafetySetup } from '@viscpm/safety'
import { HostSlot } from '../../engine/host-slot.js'
import type { Finding, Moderated, ModerationService } from './service.js'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Asks the checkers for a client; they are loaded when somebody first asks. */
export class Moderator {
  private readonly slot: HostSlot<ModerationService>

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

  async check(input: Moderated, signal: AbortSignal): Promise<Finding> {
    return (await this.slot.get()).call('check', [input], { signal })
  }

  async dispose(): Promise<void> {
    await this.slot.dispose()
  }
}
