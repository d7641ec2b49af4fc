import { homedir } from 'node:os'
import { join } from 'node:path'
import { type HubOptions, InvalidArgumentError } from '@viscpm/core'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a download may be told about how to go on when the network is bad. */
export interface PatienceOptions {
  /** Tries without a new byte before a source is given up. Default 5. */
  readonly retries?: number
  /** Milliseconds without a byte after which a connection counts as dead. Default 30,000. */
  readonly stallTimeout?: number
  /** First pause between tries in milliseconds; doubled each time up to 30 s, and shortened at random. Default 500. */
  readonly backoff?: number
}

export interface SettingsOptions extends HubOptions, PatienceOptions {
  /** Environment variables. Default: the process's. */
  readonly env?: Environment
}

/** Everything that options and environment say, checked. */
export interface Settings {
  /** Folder of the Hugging Face cache. */
  readonly cacheDir: string
  /** Folder of what is remembered besides files: accepted licenses. */
  readonly stateDir: string
  readonly endpoints: readonly string[]
  readonly token: string | undefined
  readonly offline: boolean
  readonly acceptLicense: boolean
  /** Empty for none, so that nothing else is looked at. */
  readonly proxies: { readonly httpProxy: string; readonly httpsProxy: string; readonly noProxy: string }
  readonly retries: number
  readonly stallTimeout: number
  readonly backoff: number
}

/** The hub, and a public mirror of it that is asked when the hub cannot be reached. */
const usualEndpoints = ['https://huggingface.co', 'https://hf-mirror.com']

const yes = new Set(['1', 'true', 'yes', 'on'])
const isOn = (value: string | undefined): boolean => value !== undefined && yes.has(value.toLowerCase())

/** Empty variables count as absent, as everywhere. */
const set = (value: string | undefined): string | undefined => value || undefined

/** @throws InvalidArgumentError for an endpoint that is no address, or numbers that are none */
export function settingsOf(options: SettingsOptions = {}): Settings {
  const env = options.env ?? process.env
  const home = set(env.HF_HOME) ?? join(set(env.XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'huggingface')
  const endpoint = set(env.HF_ENDPOINT)
  const variable = (name: string): string => set(env[name.toLowerCase()]) ?? set(env[name]) ?? ''
  const proxies = {
    httpProxy: variable('HTTP_PROXY'),
    httpsProxy: variable('HTTPS_PROXY'),
    noProxy: variable('NO_PROXY'),
  }
  return {
    cacheDir: options.cacheDir ?? set(env.HF_HUB_CACHE) ?? set(env.HUGGINGFACE_HUB_CACHE) ?? join(home, 'hub'),
    stateDir: set(env.VISCPM_HOME) ?? join(home, 'viscpm'),
    endpoints: (options.endpoints ?? (endpoint ? [endpoint] : usualEndpoints)).map(checkedEndpoint),
    token: options.token ?? set(env.HF_TOKEN),
    offline: options.offline ?? (isOn(env.HF_HUB_OFFLINE) || isOn(env.VISCPM_OFFLINE)),
    acceptLicense: options.acceptLicense ?? false,
    proxies,
    retries: whole('retries', options.retries ?? 5),
    stallTimeout: whole('stallTimeout', options.stallTimeout ?? 30_000),
    backoff: whole('backoff', options.backoff ?? 500),
  }
}

function checkedEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password && !url.search && !url.hash)
    return url.href.replace(/\/+$/, '')
  throw new InvalidArgumentError({
    argument: 'endpoints',
    message: `${JSON.stringify(endpoint)} is no address of a hub`,
    hint: 'An endpoint is like https://huggingface.co (HF_ENDPOINT, --endpoint).',
  })
}

function whole(argument: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError({ argument, message: `${value} is no whole number from 0 on` })
}
