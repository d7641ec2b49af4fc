import type { Redis } from 'ioredis'
import { FilesFullError } from '../files/errors.js'
import { fileLimits, newFileId } from '../files/limits.js'
import type { FileLimits, FileStore, NewFile, StoredFile } from '../files/types.js'
import { internalId, type Keys } from './keys.js'
import { inTime } from './patience.js'

/**
 * KEYS facts, content, list of the owner, list of all. ARGV their members of the new file, its bytes, ms that it is kept, most files
 * and bytes of the owner, the same of all, content, then fields of the facts. A list is a sorted set by when files end, of members
 * 'ID BYTES'. Returns 'stored' and the time, or 'full' and the ms after which a file in the way has ended.
 */
const put = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function inTheWay(list, most, mostBytes)
  redis.call('ZREMRANGEBYSCORE', list, '-inf', now)
  local there = redis.call('ZRANGE', list, 0, -1, 'WITHSCORES')
  local bytes = tonumber(ARGV[3])
  for i = 1, #there, 2 do bytes = bytes + tonumber(string.match(there[i], '%d+$')) end
  if #there / 2 < tonumber(most) and bytes <= tonumber(mostBytes) then return nil end
  return math.max(1, tonumber(there[2] or now) - now)
end
local wait = inTheWay(KEYS[3], ARGV[5], ARGV[6]) or inTheWay(KEYS[4], ARGV[7], ARGV[8])
if wait then return {'full', wait} end
local ends = now + tonumber(ARGV[4])
for i = 10, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'createdAt', now, 'expiresAt', ends)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('SET', KEYS[2], ARGV[9], 'PX', ARGV[4])
redis.call('ZADD', KEYS[3], ends, ARGV[1])
redis.call('ZADD', KEYS[4], ends, ARGV[2])
for i = 3, 4 do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
end
return {'stored', now}`

type Put = (...args: (string | number | Buffer)[]) => Promise<readonly ['stored' | 'full', number]>

/** Files in Redis, shared by all servers of a queue; see `FileStore`. The connection stays the caller's. */
export class RedisFiles implements FileStore {
  readonly limits: FileLimits
  readonly #put: Put

  /** @param timeout milliseconds after which the broker is taken to be away @throws InvalidArgumentError */
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    limits?: Partial<FileLimits>,
    private readonly timeout: number = 5000,
  ) {
    this.limits = fileLimits(limits)
    redis.defineCommand('viscpm_putFile', { numberOfKeys: 4, lua: put })
    this.#put = (redis as unknown as Record<'viscpm_putFile', Put>).viscpm_putFile.bind(redis)
  }

  async put(owner: string, { name, content, keepMs = this.limits.keepMs }: NewFile): Promise<StoredFile> {
    const { keys, limits } = this
    const [id, bytes, ms] = [newFileId(), content.length, Math.min(keepMs, limits.keepMs)]
    const internal = internalId(owner, id)
    const storing = this.#put(
      ...[keys.file(internal), keys.fileContent(internal), keys.filesOf(owner), keys.files],
      ...[`${id} ${bytes}`, `${internal} ${bytes}`, bytes, ms],
      ...[limits.maxFilesPerOwner, limits.maxBytesPerOwner, limits.maxFiles, limits.maxBytes],
      Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      ...['id', id, 'name', name, 'bytes', bytes],
    )
    const [what, when] = await inTime(storing, this.timeout)
    if (what === 'full') throw new FilesFullError('too many files are kept', Math.ceil(when / 1000))
    return { id, name, bytes, createdAt: when, expiresAt: when + ms }
  }

  async list(owner: string): Promise<readonly StoredFile[]> {
    const members = await inTime(this.redis.zrange(this.keys.filesOf(owner), 0, -1), this.timeout)
    const files = await Promise.all(members.map(member => this.find(owner, member.split(' ')[0]!)))
    // What has ended meanwhile is in the list until something is put there.
    return files.filter(file => file !== undefined).sort((a, b) => a.createdAt - b.createdAt)
  }

  async find(owner: string, id: string): Promise<StoredFile | undefined> {
    const facts = await inTime(this.redis.hgetall(this.keys.file(internalId(owner, id))), this.timeout)
    const { name, bytes, createdAt, expiresAt } = facts
    if (name === undefined) return undefined
    return { id, name, bytes: Number(bytes), createdAt: Number(createdAt), expiresAt: Number(expiresAt) }
  }

  async content(owner: string, id: string): Promise<Uint8Array | undefined> {
    const bytes = await inTime(this.redis.getBuffer(this.keys.fileContent(internalId(owner, id))), this.timeout)
    return bytes ?? undefined
  }

  async remove(owner: string, id: string): Promise<boolean> {
    const file = await this.find(owner, id)
    if (!file) return false
    const { keys } = this
    const internal = internalId(owner, id)
    const removing = this.redis
      .multi()
      .del(keys.file(internal), keys.fileContent(internal))
      .zrem(keys.filesOf(owner), `${id} ${file.bytes}`)
      .zrem(keys.files, `${internal} ${file.bytes}`)
      .exec()
    await inTime(removing, this.timeout)
    return true
  }

  close(): void {}
}
