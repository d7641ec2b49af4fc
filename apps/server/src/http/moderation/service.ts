import type { Verdict } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import type { Safety, SafetySetup } from '@viscpm/safety'
import { buildSafety, type OpenSafety } from '@viscpm/safety/node'
import { decodePicture } from '../../engine/picture.js'

export type Moderated = { readonly text: string } | { readonly picture: Uint8Array }

/** What was said of one input; 'none' where nobody checks such inputs. */
export interface Finding {
  readonly verdict: Verdict | 'none'
  readonly verdicts: readonly Verdict[]
}

/** The checkers, in a thread of their own. */
export class ModerationService {
  private readonly safety: Safety

  constructor(private readonly guarding: OpenSafety) {
    this.safety = guarding.safety
  }

  info(): { readonly policy: string } {
    return { policy: this.safety.policy.name }
  }

  async check(input: Moderated, { signal }: HostContext): Promise<Finding> {
    const { verdict, verdicts } =
      'text' in input
        ? await this.safety.checkText('prompt', input.text, { signal })
        : await this.safety.checkImage('painted-picture', await decodePicture(input.picture), { signal })
    return { verdict, verdicts }
  }

  async dispose(): Promise<void> {
    await this.guarding.dispose()
  }
}

/** Makes the service; called in its thread. */
export async function moderationService(setup: SafetySetup, { signal }: HostContext): Promise<ModerationService> {
  return new ModerationService(await buildSafety(setup, { signal }))
}
