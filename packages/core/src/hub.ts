/** Where models come from and go to when they are named by a hub's id. Plain data: it can be sent to another thread. */
export interface HubOptions {
  /** Folder of the Hugging Face cache. Default: HF_HUB_CACHE, HF_HOME/hub, or ~/.cache/huggingface/hub. */
  readonly cacheDir?: string
  /** Servers that are asked in this order, and no others. Default: HF_ENDPOINT, else the hub and then its mirror. */
  readonly endpoints?: readonly string[]
  /** Sent to the first endpoint only. Default: HF_TOKEN. */
  readonly token?: string
  /** No connection at all: what is not in the cache is an OfflineError. Default: HF_HUB_OFFLINE=1 or VISCPM_OFFLINE=1. */
  readonly offline?: boolean
  /** Accepts the licenses of what is downloaded; remembered. Default false: a LicenseError says what they are. */
  readonly acceptLicense?: boolean
}

const modelId = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*(:[A-Za-z0-9][\w.-]*)?(@[A-Za-z0-9][\w./-]*)?$/
const fileName = /\.(pt|pth|bin|safetensors|json|txt|onnx)$/i

/**
 * Whether a text has the form of a hub's model id: OWNER/NAME, with `:VARIANT` and `@REVISION` where wanted. Paths may have it too:
 * whoever asks looks for a file or folder of that name first.
 */
export function isModelId(text: string): boolean {
  return modelId.test(text) && !fileName.test(text) && !text.includes('..')
}
