import type { License } from './types.js'

/** What VisCPM's README names, and what its Chat and Paint weights are under. */
export const generalModelLicense: License = {
  id: 'gml-non-commercial',
  name: 'General Model License: source stated, publicity restricted, non-commercial',
  url: 'https://github.com/OpenBMB/General-Model-License/blob/main/%E9%80%9A%E7%94%A8%E6%A8%A1%E5%9E%8B%E8%AE%B8%E5%8F%AF%E5%8D%8F%E8%AE%AE-%E6%9D%A5%E6%BA%90%E8%AF%B4%E6%98%8E-%E5%AE%A3%E4%BC%A0%E9%99%90%E5%88%B6-%E9%9D%9E%E5%95%86%E4%B8%9A%E5%8C%96.md',
  nonCommercial: true,
  summary: {
    en: 'For individual and research use only. The authors negotiate commercial use (cpm@modelbest.cn). The hub page of VisCPM-Paint said apache-2.0 for a time; the project itself names this license.',
    zh: '仅限个人和研究使用。商业用途须与作者协商（cpm@modelbest.cn）。VisCPM-Paint 的模型页曾标注 apache-2.0，而项目本身采用的是本协议。',
  },
}

/** Chinese-CLIP's hub page names no license. */
export const chineseClipLicense: License = {
  id: 'chinese-clip-not-stated',
  name: 'not stated on the model page',
  url: 'https://github.com/OFA-Sys/Chinese-CLIP',
  nonCommercial: false,
  summary: {
    en: 'The page of the weights names no license: look at the project before you pass them on or earn money with them.',
    zh: '权重所在页面未写明许可协议：再分发或商用之前，请先查看该项目的说明。',
  },
}

/** The checker's hub page names no license either. */
export const safetyCheckerLicense: License = {
  id: 'safety-checker-not-stated',
  name: 'not stated on the model page',
  url: 'https://huggingface.co/CompVis/stable-diffusion-safety-checker',
  nonCommercial: false,
  summary: {
    en: 'The model card says "More information needed" under license. It was published with Stable Diffusion v1, which is under CreativeML Open RAIL-M.',
    zh: '模型卡的许可一栏写着“More information needed”。它随 Stable Diffusion v1 发布，后者采用 CreativeML Open RAIL-M 协议。',
  },
}
