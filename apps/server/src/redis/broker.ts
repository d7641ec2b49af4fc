import { ConfigError, type Logger } from '@viscpm/core'
import type { Redis } from 'ioredis'

/** What a broker says of itself (`INFO`), by key. */
function fieldsOf(info: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    info.split(/\r?\n/).flatMap(line => {
      const at = line.indexOf(':')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
    }),
  )
}

const oldest = [6, 2] as const

/**
 * Whether jobs are safe with this broker. One that throws keys away when its memory is full would lose jobs silently: it is refused.
 * One that forgets everything when it restarts is only warned of.
 * @throws ConfigError
 */
export function judgeBroker(info: string, logger: Logger): void {
  const fields = fieldsOf(info)
  const { redis_version: version = '0', maxmemory = '0', maxmemory_policy: policy = 'noeviction' } = fields
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    throw new ConfigError({
      field: 'redis_version',
      message: `Redis ${version} is too old, ${oldest.join('.')} is needed`,
      hint: 'Install a newer Redis or Valkey.',
    })
  // Without a limit nothing is ever thrown away, whatever the policy.
  if (policy !== 'noeviction' && Number(maxmemory) > 0)
    throw new ConfigError({
      field: 'maxmemory-policy',
      message: `the broker throws keys away when its memory is full (${policy}): jobs and results would vanish`,
      hint: 'Set "maxmemory-policy noeviction" in redis.conf, or: redis-cli CONFIG SET maxmemory-policy noeviction',
    })
  if (policy !== 'noeviction') logger.warn('the broker has no limit of memory now; with one it would evict', { policy })
  if (fields.aof_enabled === '0')
    logger.warn('the broker keeps no append-only file: jobs are lost when it restarts', {
      hint: 'set "appendonly yes" in redis.conf',
    })
  if (fields.role === 'slave')
    throw new ConfigError({ field: 'role', message: 'this Redis is a replica', hint: 'Name its master.' })
}

/** @throws ConfigError as `judgeBroker` */
export async function checkBroker(redis: Redis, logger: Logger): Promise<void> {
  judgeBroker(await redis.info(), logger)
}
