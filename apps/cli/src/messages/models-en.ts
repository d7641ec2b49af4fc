import type { ModelsMessages, ModelsOption } from './models-types.js'

export const modelsOptionsEn: Readonly<Record<ModelsOption, string>> = {
  acceptLicense: 'accept the licenses of what is downloaded; they are remembered',
  endpoint: 'server to ask instead of the hub (HF_ENDPOINT); may be given again, for further ones',
  cacheDir: 'folder of the models (HF_HUB_CACHE)',
  offline: 'make no connection (HF_HUB_OFFLINE, VISCPM_OFFLINE)',
  noCompanions: 'without the models that it works with',
  listAll: 'also those that are not downloaded',
  yes: 'do not ask',
  modelsJson: 'one JSON object, for programs',
}

export const modelsEn: ModelsMessages = {
  download: {
    starting: model => `downloading ${model}`,
    phases: { wait: 'waiting for another process', check: 'looked over', download: 'downloaded' },
    finished: seconds => `downloaded in ${seconds} s`,
    license: (model, name) => `${model} is under this license: ${name}`,
    nonCommercial: 'NOT FOR COMMERCIAL USE.',
    readIt: 'The text that counts:',
    accept: 'Do you accept it? [y/N] ',
    refused: 'the license was not accepted, nothing was downloaded',
    refusedHint: 'Read it at the address above.',
    noTerminal: 'the license has to be accepted first, and there is no terminal to ask in',
    noTerminalHint: 'Read it, then give --accept-license.',
    retrying: why => `once more: ${why}`,
    ready: (model, size) => `${model} is there (${size})`,
    lies: path => `in ${path}`,
    use: command => `try: ${command}`,
    resumable: 'What came is kept: the same command goes on from there.',
  },
  list: {
    states: { complete: 'downloaded', partial: 'begun', absent: 'not here', unknown: "another tool's" },
    kinds: { chat: 'chat', paint: 'paint', ranker: 'ranker', 'image-checker': 'picture checker' },
    nothing: 'No model is downloaded. viscpm list --all shows what there is.',
    cache: folder => `models lie in ${folder}`,
    of: (bytes, size) => `${bytes} of ${size}`,
    nonCommercial: 'non-commercial',
  },
  remove: {
    question: (model, size) => `Remove ${model} (${size})? [y/N] `,
    kept: 'it stays',
    needsYes: 'there is no terminal to ask in',
    needsYesHint: 'Give --yes.',
    removed: (model, size) => `${model} is removed: ${size} are free again`,
  },
  verify: {
    states: { good: 'good', missing: 'MISSING', changed: 'CHANGED' },
    evidence: {
      published: 'as a public source states its hash',
      hub: 'as the server said its hash',
      recorded: 'as it was at its download; nobody else states its hash',
      none: 'it is there; nobody states its hash',
    },
    good: (files, size) => `All ${files} files are what they should be (${size} read).`,
    bad: files => `${files} files are not what they should be.`,
    badHint: model => `viscpm remove ${model}, then download it again.`,
  },
}
