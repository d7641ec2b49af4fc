/**
 * The scripts that change a job. Redis runs each as one step, so a job's state can never be half changed, and a result is stored by
 * one attempt only. Times are the broker's: clocks of workers may differ. All of them can be sent twice, as after a lost
 * connection, without harm.
 */

const now = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)`

const ended = `
local function ended(status) return status == 'succeeded' or status == 'failed' or status == 'cancelled' end`

/** Only the attempt that was started last may say anything: a worker that was thought dead is too late. */
const current = `
local state = redis.call('HMGET', KEYS[1], 'status', 'attempt')
if state[1] ~= 'running' or state[2] ~= ARGV[1] then return 0 end`

/**
 * KEYS record, request, queued, bucket. ARGV internal id, most that may wait, ms a token of the bucket (0: no limit), burst, ms to
 * live, request, then fields of the record. Returns what became of it, and a number that explains it.
 */
const admit = `${now}
local status = redis.call('HGET', KEYS[1], 'status')
if status then return {'known', status} end
local waiting = redis.call('ZCARD', KEYS[3])
if waiting >= tonumber(ARGV[2]) then return {'full', waiting} end
local period = tonumber(ARGV[3])
if period > 0 then
  local at = math.max(now, tonumber(redis.call('GET', KEYS[4]) or 0))
  local wait = at - (tonumber(ARGV[4]) - 1) * period - now
  if wait > 0 then return {'limited', wait} end
  redis.call('SET', KEYS[4], at + period, 'PX', at + period - now + 1000)
end
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'status', 'queued', 'createdAt', now, 'attempt', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], ARGV[6], 'PX', ARGV[5])
redis.call('ZADD', KEYS[3], now, ARGV[1])
return {'created', 0}`

/**
 * KEYS record, queued, running, events. ARGV internal id, worker, losses that are borne. Returns 'run' and the number of the attempt,
 * 'lost' and that of the last one, or 'over' where there is nothing to do.
 */
const begin = `${now}${ended}
local status = redis.call('HGET', KEYS[1], 'status')
if not status or ended(status) then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return {'over', 0}
end
if status == 'running' and redis.call('HINCRBY', KEYS[1], 'losses', 1) > tonumber(ARGV[3]) then
  return {'lost', tonumber(redis.call('HGET', KEYS[1], 'attempt'))}
end
local attempt = redis.call('HINCRBY', KEYS[1], 'attempt', 1)
redis.call('HSET', KEYS[1], 'status', 'running', 'worker', ARGV[2], 'seq', 0, 'begunAt', now)
redis.call('HSETNX', KEYS[1], 'startedAt', now)
redis.call('HDEL', KEYS[1], 'progress')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('XADD', KEYS[4], '*', 't', 'started', 'd', '')
local ttl = redis.call('PTTL', KEYS[1])
if ttl > 0 then redis.call('PEXPIRE', KEYS[4], ttl) end
return {'run', attempt}`

/** KEYS record, events, preview. ARGV attempt, number of the event in it, type, data. Returns 0 where nobody wants to know. */
const emit = `${current}
if tonumber(redis.call('HGET', KEYS[1], 'seq')) >= tonumber(ARGV[2]) then return 1 end
redis.call('HSET', KEYS[1], 'seq', ARGV[2])
local data = ARGV[4]
if ARGV[3] == 'progress' then redis.call('HSET', KEYS[1], 'progress', data) end
if ARGV[3] == 'preview' then
  redis.call('SET', KEYS[3], data, 'PX', math.max(1000, redis.call('PTTL', KEYS[1])))
  data = ''
end
redis.call('XADD', KEYS[2], '*', 't', ARGV[3], 'd', data)
return 1`

/**
 * KEYS record, result, request, events, queued, running, preview, pace. ARGV attempt ('' for any: its owner cancels it), internal id,
 * new status, result, failure, ms to keep it. Returns 1 where this ended it, 0 where it had ended or was taken up by another.
 */
const finish = `${now}${ended}
local state = redis.call('HMGET', KEYS[1], 'status', 'attempt', 'begunAt')
if not state[1] or ended(state[1]) then return 0 end
if ARGV[1] ~= '' and (state[1] ~= 'running' or state[2] ~= ARGV[1]) then return 0 end
if ARGV[3] == 'succeeded' then
  redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[6], 'NX')
  local took = now - tonumber(state[3])
  local before = tonumber(redis.call('GET', KEYS[8]) or took)
  redis.call('SET', KEYS[8], math.floor(before + (took - before) / 8), 'PX', 86400000)
end
redis.call('HSET', KEYS[1], 'status', ARGV[3], 'finishedAt', now)
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'failure', ARGV[5]) end
redis.call('DEL', KEYS[3])
redis.call('PEXPIRE', KEYS[7], 10000) -- for readers that are not as far yet
redis.call('ZREM', KEYS[5], ARGV[2])
redis.call('ZREM', KEYS[6], ARGV[2])
redis.call('XADD', KEYS[4], '*', 't', 'end', 'd', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[4], ARGV[6])
return 1`

/**
 * KEYS record, queued, running. ARGV attempt, internal id, 1 where it counts as a loss, losses that are borne. Returns 1, 0 where this
 * attempt is not the current one any more, -1 where it was lost too often.
 */
const giveBack = `${current}
if ARGV[3] == '1' and redis.call('HINCRBY', KEYS[1], 'losses', 1) > tonumber(ARGV[4]) then return -1 end
redis.call('HSET', KEYS[1], 'status', 'queued')
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZADD', KEYS[2], redis.call('HGET', KEYS[1], 'createdAt'), ARGV[2])
return 1`

/** For `defineCommand`. */
export const scripts: Readonly<Record<'admit' | 'begin' | 'emit' | 'finish' | 'giveBack', readonly [number, string]>> =
  {
    admit: [4, admit],
    begin: [4, begin],
    emit: [3, emit],
    finish: [8, finish],
    giveBack: [3, giveBack],
  }
