import type { WordCategory } from './categories.js'

const list = (words: string): readonly string[] => words.split(/\s+/).filter(word => word !== '')

/**
 * Chinese words by category, simplified. 'sexual' and 'profanity' are the Chinese list of LDNOOBW 1.2.0 (CC-BY-4.0;
 * sorted, without single characters and words that are harmless more often than not: the test beside the checker names
 * each omission), and further words of ours; the other categories are ours, and short.
 */
export const chineseWords: Readonly<Record<WordCategory, readonly string[]>> = {
  sexual: list(`
    三级片 乳交 乳头 乳房 乳波臀浪 做爱 军妓 卖淫 双峰微颤 口交 叫床 大鸡巴 奸淫 妓女 妓院 嫖娼 嫖客 射精 小肉粒
    巨乳 强奸 性交 性器官 性无能 性爱 情色 扒光 脱光 手淫 自慰 抽插 招妓 淫乱 淫妇 淫棍 淫水 淫秽 淫荡 淫娃 浪叫 湿透的内裤
    肉壁 肉棍子 肉棒 肉缝 肛交 色情 荡妇 轮奸 迷奸 诱奸 鸡奸 乱伦 阳具 阳萎 阴唇 阴户 阴核 阴蒂 阴毛 阴茎 阴道 阴部
    骚货 小骚货 老骚货 骚逼 骚比 小骚比 老骚比 鸡巴 鸡叭 鸡八 鸡8 鸡芭 几叭 几芭 大卵泡 小卵泡 龟头
    裸体 裸照 裸女 裸聊 全裸 半裸 裸露下体 毛片 黄片 A片 成人片 成人电影 成人网站 成人影片 恋童 幼交 援交 约炮 一夜情
    春药 性奴 性虐 性骚扰 充气娃娃 奶子 奸你 强奸你 卖B 打飞机视频 阴囊 𨶙 𨳊`),
  hate: list(`
    支那 支那人 黑鬼 白皮猪 死基佬 鬼佬去死 纳粹万岁 希特勒万岁 种族清洗万岁 死同性恋 杀光犹太人 杀光穆斯林 杀光黑人`),
  violence: list(`
    斩首 砍头 砍下头 肢解 碎尸 分尸 虐杀 虐待儿童 虐猫 虐狗 开膛破肚 血肉模糊 血肉横飞 血腥尸体 割喉 活埋 怎么杀人 如何杀人
    杀人方法 杀了他 杀了她 杀死他 杀死她 杀死你 杀你全家 杀光 制造炸弹 制作炸弹 做炸弹 造炸弹 土制炸弹 人肉炸弹 自制炸弹
    恐怖袭击 血洗 屠城 砍死 捅死 打死你 弄死你 凌迟`),
  'self-harm': list(`
    自杀 自残 割腕 轻生 寻死 不想活了 结束自己的生命 结束我的生命 服毒 跳楼死 怎么死不痛`),
  drugs: list(`
    毒品 海洛因 冰毒 可卡因 大麻 鸦片 吗啡 摇头丸 K粉 氯胺酮 芬太尼 麻古 迷药 迷魂药 吸毒 贩毒 制毒 嗑药 白粉交易`),
  profanity: list(`
    他妈的 他妈地 他马的 她妈的 她妈地 她马的 它妈的 它妈地 它马的 他奶奶的 他奶娘的 你奶奶的 你她马的 你他马的 你它妈的 你它马的
    妳她妈的 妈个B 妈个比 妈个老比 妈的B 妈B 妈逼 妈比 下三烂 傻逼 傻比 傻B 煞笔 你个傻比 吃屎 刚瘪三 小瘪三 老瘪三 瘪三 塞你公 塞你娘
    塞你母 塞你爸 塞你老师 塞你老母 姣西 婊子 婊子养的 娘个比 屄 屌 干x娘 干你妈 干你娘 干你老母 干妳妈 干妳娘 干妳马 干妳老母 干您娘 干机掰
    干死你 干七八 懆您妈 懆您娘 懒叫 插你妈 奸你妈 插死你 操你 操你妈 操妳 操机掰 操比 操逼 操他妈 操你祖宗 日他娘 日你妈 日你老娘 日你老母 日你娘
    杂种 烂货 烂逼 狗日的 狗娘养 狗狼养的 王八蛋 瓜婆娘 贱人 贱货 贱B 贼你妈 赛你老母 赛妳阿母 赣您娘 灨你娘 肏 逼样
 驶你公 驶你娘 驶你母 驶你爸 驶你老师 驶你老母 龟儿子 去你妈 滚你妈 草你妈 艹你妈 冚家铲 冚家拎 咸家铲 咸家伶
    仆街 屎忽 笨实 硬胶 你娘卡好 你娘咧 淫西 机机歪歪 𨳒 𨳍 閪 𡳞 躝瘫 肥西 懒8 懒八 懒教`),
}
