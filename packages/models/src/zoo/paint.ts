import { generalModelLicense } from '../licenses.js'
import type { ModelFile, ZooModel } from '../types.js'
import { chineseClip } from './checkers.js'
import { beeVocabulary } from './vocabulary.js'

const repo = 'openbmb/VisCPM-Paint'
/** "update ckpt": the last commit that changed weights. */
const commit = 'b8b90d525c87b9c03d9ed83dbc70ca3cc23954fc'

/** Stable Diffusion 2.1's VAE as safetensors, the same file in all of these; the original lies in a repository that is gone. */
const stableDiffusionVae: ModelFile = {
  path: 'vae/diffusion_pytorch_model.safetensors',
  size: 334_643_276,
  exact: true,
  sha256: 'a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815',
  elsewhere: [
    {
      repo: 'stabilityai/sd-vae-ft-mse',
      commit: '31f26fdeee1355a5c34592e401dd41e45d25a493',
      path: 'diffusion_pytorch_model.safetensors',
    },
    {
      repo: 'LanguageMachines/stable-diffusion-2-1',
      commit: 'main',
      path: 'vae/diffusion_pytorch_model.safetensors',
    },
    {
      repo: 'sealai/stable-diffusion-2-1-base-int8',
      commit: 'main',
      path: 'vae/diffusion_pytorch_model.safetensors',
    },
  ],
}

/** What both variants need beside their checkpoint. */
const shared: readonly ModelFile[] = [
  beeVocabulary,
  { path: 'vae/config.json', size: 718, exact: true },
  {
    path: 'vae/diffusion_pytorch_model.bin',
    size: 335_000_000,
    exact: false,
    sha256: '36bb8e1b54aba3a0914eb35fba13dcb107e9f18d379d1df2158732cd4bf56a94',
    otherwise: stableDiffusionVae,
  },
  { path: 'text-security-checker/config.json', size: 920, exact: true },
  { path: 'text-security-checker/tokenizer_config.json', size: 343, exact: true },
  { path: 'text-security-checker/vocab.txt', size: 996_000, exact: false },
  { path: 'text-security-checker/pytorch_model.bin', size: 711_000_000, exact: false },
]

type Variant = Pick<ZooModel, 'id' | 'aliases' | 'about'> & { readonly file: ModelFile }

const model = ({ id, aliases, about, file }: Variant): ZooModel => ({
  ...{ id, aliases, about, repo, commit, kind: 'paint', license: generalModelLicense, companions: [chineseClip.id] },
  checkpoint: file.path,
  files: [file, ...shared],
})

/**
 * VisCPM-Paint: CPM-Bee, trans_block and UNet in one checkpoint; VAE and prompt checker in folders. Names and sizes: the file
 * lists of the commit. SHA-256: the large-file pages. Stable Diffusion's own configurations are part of @viscpm/paint.
 */
export const paintModels: readonly ZooModel[] = [
  model({
    id: `${repo}:balance`,
    aliases: ['viscpm-paint', 'viscpm-paint-balance', repo],
    about: { en: 'VisCPM-Paint, Chinese and English alike', zh: 'VisCPM-Paint 均衡版，中英文能力相当' },
    file: {
      path: 'pytorch_model.balance.bin',
      size: 22_700_000_000,
      exact: false,
      sha256: '9a1ed6a3daaf99f3cae5bb6fb52ee6f3962b74179be0b99ec504b0c15f18fa88',
    },
  }),
  model({
    id: `${repo}:zhplus`,
    aliases: ['viscpm-paint-zhplus'],
    about: { en: 'VisCPM-Paint, stronger in Chinese', zh: 'VisCPM-Paint 中文加强版' },
    file: {
      path: 'pytorch_model.bin',
      size: 22_700_000_000,
      exact: false,
      sha256: '5c00c0df7d1e80995c451e716dc648db49d65ac657e4fa7a850337190006485d',
    },
  }),
]
