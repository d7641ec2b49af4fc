import type { Device } from '@viscpm/core'
import type { DeviceState } from '@viscpm/core/node'
import type { Messages } from '../../messages/index.js'
import { oneLine } from '../../terminal/printable.js'
import type { Check } from './check.js'

/**
 * Which devices this installation has, which of them compute, and what the others need. None but the CPU is needed, unless the
 * environment asks for one.
 */
export async function checkDevices(t: Messages, found?: readonly DeviceState[], asked?: Device): Promise<Check> {
  const { listDevices, preferredDevice } = await import('@viscpm/core/node')
  const preferred = asked ?? preferredDevice()
  const states = found ?? (await listDevices())
  const named = (state: DeviceState['state']) => states.filter(one => one.state === state).map(({ device }) => device)
  const absent = named('absent')
  const lines = [
    ...states.flatMap(({ device, state, reason }) => {
      if (state === 'incomplete') return [t.doctor.deviceIncomplete(device)]
      return state === 'failed' ? [t.doctor.deviceFailed(device, oneLine(reason ?? ''))] : []
    }),
    ...(absent.length > 0 ? [t.doctor.devicesAbsent(absent.join(', '), `${process.platform} ${process.arch}`)] : []),
    t.doctor.devicesGuide,
  ]
  const works = states.some(({ device, state }) => device === preferred && state === 'started')
  return {
    name: 'devices',
    status: works ? 'ok' : 'broken',
    detail: works ? t.doctor.devices(named('started').join(', ')) : t.doctor.deviceAskedFor(preferred),
    hint: lines.join('\n'),
  }
}
