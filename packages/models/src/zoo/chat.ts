import { generalModelLicense } from '../licenses.js'
import type { ModelFile, ZooModel } from '../types.js'
import { beeVocabulary } from './vocabulary.js'

const repo = 'openbmb/VisCPM-Chat'
/** "add v1 model": the last commit of the repository, which holds all three. */
const commit = '77dd5c87d6092fd6733273e7fa52f8c1d1707be9'

type Variant = Pick<ZooModel, 'id' | 'aliases' | 'about'> & { readonly file: ModelFile }

const model = ({ id, aliases, about, file }: Variant): ZooModel => ({
  ...{ id, aliases, about, repo, commit, kind: 'chat', license: generalModelLicense, companions: [] },
  checkpoint: file.path,
  files: [file, beeVocabulary],
})

/**
 * VisCPM-Chat. Names and sizes: the file list of the commit. SHA-256: the large-file pages of the same bytes under their
 * earlier names (viscpm_chat_balance_checkpoint.pt, viscpm_chat_zhplus_checkpoint.pt), from which they were renamed. That of
 * v1.1 is on no page that could be found.
 */
export const chatModels: readonly ZooModel[] = [
  model({
    id: `${repo}:balance`,
    aliases: ['viscpm-chat', 'viscpm-chat-balance', repo],
    about: {
      en: 'VisCPM-Chat, Chinese and English alike',
      zh: 'VisCPM-Chat 均衡版，中英文能力相当',
    },
    file: {
      path: 'pytorch_model.bin',
      size: 20_600_000_000,
      exact: false,
      sha256: 'db08ff50fb8ef2818458a05a882437a016b9b6213c3377c7a097ab99c3f899a1',
    },
  }),
  model({
    id: `${repo}:zhplus`,
    aliases: ['viscpm-chat-zhplus'],
    about: { en: 'VisCPM-Chat, stronger in Chinese', zh: 'VisCPM-Chat 中文加强版' },
    file: {
      path: 'pytorch_model.zhplus.bin',
      size: 20_600_000_000,
      exact: false,
      sha256: '3fbd6d568eeaf090911d2b6377e1a187a9a2dad124ec01d79031c161b42cc8d2',
    },
  }),
  model({
    id: `${repo}:v1.1`,
    aliases: ['viscpm-chat-v1.1'],
    about: {
      en: 'VisCPM-Chat v1.1, the newest: better at details and reasoning',
      zh: 'VisCPM-Chat v1.1 最新版，细节理解和推理更强',
    },
    file: { path: 'pytorch_model.v1.bin', size: 20_600_000_000, exact: false },
  }),
]
