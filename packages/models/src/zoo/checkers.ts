import { chineseClipLicense, safetyCheckerLicense } from '../licenses.js'
import type { ZooModel } from '../types.js'

/** Chinese-CLIP ViT-B/16: which of several pictures shows a Chinese prompt best. Sizes and SHA-256 of all files are public. */
export const chineseClip: ZooModel = {
  id: 'OFA-Sys/chinese-clip-vit-base-patch16',
  aliases: ['chinese-clip'],
  kind: 'ranker',
  about: {
    en: 'Chinese-CLIP ViT-B/16: chooses the best of several pictures',
    zh: 'Chinese-CLIP ViT-B/16：从多张图中选出最好的一张',
  },
  repo: 'OFA-Sys/chinese-clip-vit-base-patch16',
  commit: '36e679e65c2a2fead755ae21162091293ad37834',
  license: chineseClipLicense,
  checkpoint: 'pytorch_model.bin',
  files: [
    {
      path: 'pytorch_model.bin',
      size: 753_177_983,
      exact: true,
      sha256: '7b7b583c210c867410bc6bdb8a55fe14eec62999e0a9ea31ff222dc501f9cfbe',
    },
    {
      path: 'config.json',
      size: 3008,
      exact: true,
      sha256: '97850313ab34f4fdeed3a7886b4db8b209a842a48d1cbda079abd071d12c7a2f',
    },
    {
      path: 'preprocessor_config.json',
      size: 342,
      exact: true,
      sha256: '0e00af244b402c34f92898e2ba68359762ad3788e087b2a0e4d575512f388ea9',
    },
    {
      path: 'vocab.txt',
      size: 109_540,
      exact: true,
      sha256: '45bbac6b341c319adc98a532532882e91a9cefc0329aa57bac9ae761c27b291c',
    },
  ],
  companions: [],
}

/** Stable Diffusion's picture checker, which the original asks about pictures in chat and paint. */
export const safetyChecker: ZooModel = {
  id: 'CompVis/stable-diffusion-safety-checker',
  aliases: ['safety-checker'],
  kind: 'image-checker',
  about: {
    en: "Stable Diffusion's safety checker: is a picture sexual",
    zh: 'Stable Diffusion 的安全检查器：判断图片是否含色情内容',
  },
  repo: 'CompVis/stable-diffusion-safety-checker',
  commit: 'cb41f3a270d63d454d385fc2e4f571c487c253c5',
  license: safetyCheckerLicense,
  checkpoint: 'pytorch_model.bin',
  files: [
    {
      path: 'pytorch_model.bin',
      size: 1_216_067_303,
      exact: true,
      sha256: '64b8393f1afd5a0c1ed2aa5f341fa7c08286839a48f3743162a76a2835c808bd',
    },
    { path: 'config.json', size: 4550, exact: false },
    { path: 'preprocessor_config.json', size: 342, exact: true },
  ],
  companions: [],
}
