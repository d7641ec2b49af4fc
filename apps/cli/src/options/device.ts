import { type Device, devices } from '@viscpm/core/session'
import { type Command, Option } from 'commander'
import type { Messages } from '../messages/index.js'
import { valueReaders } from './values.js'

/** What the command computes on; where it is not said, VISCPM_DEVICE, else the CPU. */
export interface DeviceOptions {
  readonly device?: Device
  readonly computeDtype?: 'float32' | 'float16'
}

const dtypes = ['float32', 'float16'] as const

/** Adds the options that say what the networks run on. Ranker and safety checkers are small: they stay on the CPU. */
export function addDeviceOptions(command: Command, t: Messages): Command {
  const text = t.help.options
  const read = valueReaders(t)
  const options = [
    new Option('--device <name>', text.device).choices(devices).argParser(read.oneOf('--device', devices)),
    new Option('--compute-dtype <dtype>', text.computeDtype)
      .choices(dtypes)
      .argParser(read.oneOf('--compute-dtype', dtypes)),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.model))
  return command
}

/** The options as the library takes them. */
export function deviceOptions({ device, computeDtype }: DeviceOptions): DeviceOptions {
  return { ...(device !== undefined && { device }), ...(computeDtype !== undefined && { computeDtype }) }
}
