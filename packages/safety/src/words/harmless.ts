const list = (phrases: string, by: RegExp): readonly string[] =>
  phrases.split(by).flatMap(phrase => phrase.trim() || [])

/** English phrases and words in which a listed word means no harm. */
export const harmlessEnglish: readonly string[] = list(
  `
  scunthorpe, pussycat, pussy cat, pussy willow, pussyfoot, snigger, blue tit, great tit, coal tit, marsh tit, willow tit,
  crested tit, long tailed tit, bearded tit, tit for tat, maine coon, cum laude, magna cum laude, summa cum laude, moby dick,
  dick tracy, dick cheney, philip k dick, dick van dyke, dick whittington, dick turpin, spotted dick, dick clark, oilseed rape, rape seed, rape field,
  rape oil, negro spiritual, rio negro, spic and span, chink in, kaffir lime, same sex, opposite sex, sex education,
  sex ratio, sex chromosome, sex determination, both sexes, the sexes, sexual reproduction, sexual selection,
  sexual orientation, sexual health, sexual education, sexual dimorphism, sexually transmitted, gothic lolita,
  lolita fashion, lolita dress, vladimir nabokov s lolita, nipple cactus, grease nipple, how to kill weeds, how to kill time, how to kill mosquitoes,
  how to kill ants, how to kill bugs, how to kill germs, how to kill bacteria, how to kill a process, how to kill the process, kill two birds,
  tom and dick, tom dick, retard the, retard your, retard his, retard her, retard its, retard growth, retard progress,
  too far retarded, not kill you, won t kill you, doesn t kill you, didn t kill you, wont kill you, doesnt kill you, didnt kill you, colour sex, color sex, race sex, sex language,
  sex race, sex religion, gender and sex, sex and gender, age and sex, sex and age, age sex, sex age, by sex, sex discrimination, sex difference,
  sex activity, sex hormone, sex cell, sex linked, jackass penguin, laughing jackass, bastard file, medical cannabis,
  medical marijuana, cannabis research, sculpture of a nude, nude by, reclining nude,
  suicide prevention, prevent suicide, preventing suicide, suicide hotline, suicide squad, suicide awareness, suicide rate,
  cocker spaniel, cock a doodle, cock robin, blue footed booby, booby trap, booby prize, red footed booby, peruvian booby,
  wild ass, african ass, donkey or ass, horny toad, horned toad, nude colour, nude color, nude lipstick, nude shade, nude heels,
  slutsk, octopussy, assess, assez, annal, pennis, rapped, rapping, rappe, pollack, poorness, poornima, niggard,
  invaginat, evaginat, woops, sexes, semen analysis, kys fk, to kill her, swastika in buddhism, rape of nanking`,
  /,/,
)

/** Chinese phrases in which a listed word is only a piece of two others, or means no harm. */
export const harmlessChinese: readonly string[] = list(
  `
  性爱好 性爱国 性爱美 性爱吃 性爱玩 性爱看 性爱上 性爱护 性爱穿 性爱用 性爱买 性爱打扮 男性爱 女性爱 异性爱 同性爱 母性爱
  性交流 性交往 性交替 性交付 性交互 性交叉 性交错 性交谈 性交给 性交换 性交接 性交通 线性交 一次性交 男性交 女性交 异性交 同性交
  口交流 口交通 口交易 口交往 口交际 口交界 口交叉 口交汇 口交换 口交接 口交警 口交代 口交货 口交给 口交付 口交涉 口交费 口交替 众口交 一口交 路口交 出口交
  做爱好 做爱心 做爱国 做爱情 做爱吃 做爱玩 做爱护 做爱做的事 叫做爱 当做爱 称做爱 看做爱
  爱情色 表情色 心情色 风情色 神情色 热情色 激情色 感情色 情色彩 情色调 情色泽
  红色情 绿色情 蓝色情 白色情 黑色情 黄色情人 紫色情 粉色情 金色情 银色情 灰色情 橙色情 彩色情 角色情 特色情 景色情 各色情 本色情 夜色情
  月色情 春色情 脸色情 气色情 神色情 面色情 变色情 颜色情 暖色情 冷色情 同色情 双色情 纯色情 单色情
  色情况 色情绪 色情感 色情景 色情形 色情节 色情调 色情侣 色情怀 色情人节 色情书
  他妈妈 她妈妈 你妈妈 妳妈妈 他妈妈的 她妈妈的 它妈妈的 乳房健康 乳房检查 乳房自检 乳房摄影 乳房肿瘤 乳房疾病 乳头状 乳头瘤 离骚比 牢骚比 血洗得 杀光线
  鸡巴掌 肉棒骨 这支那支 大麻里 大麻鳽 艺妓 浸淫 淫雨 荒淫 骄奢淫逸 不能淫 淫威 六淫 淫羊藿 骄奢淫佚 三上吊 树上吊 不畏强暴 勃起功能障碍 南京大屠杀 自相残杀 视神经乳头 卧槽马 大屠杀纪念 大屠杀遇难 反对屠杀 屠杀纪念
  上吊车 上吊灯 上吊桥 上吊环 上吊着 上吊起 上吊装 上吊扇 上吊床 上吊坠 上吊牌 上吊机 上吊索 上吊兰 上吊瓶 上吊带 向上吊 往上吊 勃起点 蓬勃起
  被毒死机 中毒死 私处理 私处境 自尽力 自尽情 自尽量 自尽管 自尽责 自尽职 自尽快 各自尽 亲自尽 独自尽 血淋淋浴 热血淋 自刎颈之交
  体操你 早操你 做操你 播操你 情操你 曹操你 操你的心
  乌龟头 海龟头 神龟头 金龟头 小龟头 大龟头 陆龟头 缩头龟头 龟头像
  注射精 发射精 照射精 反射精 折射精 辐射精 喷射精 射精准 射精度 射精确 射精彩 射精密
  水乳交 牙乳头 舌乳头 烤肉棒 鸡肉棒 牛肉棒 鱼肉棒 猪肉棒 羊肉棒 蟹肉棒 牛奶子 羊奶子 马奶子 酸奶子
  大麻烦 大麻布 大麻花 大麻雀 大麻袋 大麻子 大麻将 大麻绳 大麻鸭 大麻糍 大麻疹 大麻辣 大麻哈 大麻城
  鸦片战争 禁毒 禁毒品 反毒品 拒绝毒品 远离毒品 毒品危害 禁止毒品 抵制毒品 打击毒品 无毒品质 中毒品 消毒品 病毒品 毒品种 易制毒化学品
  预防自杀 防止自杀 自杀干预 自杀热线 自杀突击队 自杀小队 反对自杀 自杀率 亲自杀 独自杀 来自杀
  屌丝 杂种优势 嫁接杂种 杂种后代 田鸡巴 鸡巴士 全裸眼 妈比较 妈比赛 妈比我 妈比你 妈比他 妈比她 妈比爸 妈比以 大妈比 姨妈比 姑妈比 妈比划
  傻比较 操比赛 操比较 操比分 伪装逼真 烂货车 破烂货 干死你的 去你妈妈 去你妈家 去你妈那
  一次性奴 自慰问 自慰藉 自慰劳 亲自慰 聊以自慰 堪自慰 骚比较 阴部分 林阴道 树阴道 光阴道 山阴道 阳具有 阳具备 阳具体
  裸体模特 黄片刻 金黄片 淡黄片 泛黄片 枯黄片 浅黄片 橙黄片 毛片刻 羽毛片 羊毛片 睫毛片 眉毛片 绒毛片 扒光盘 脱光滑
  支那个 支那么 支那样 支那边 支那种 支那些 支那曲 支那里 支那时 支那天 密支那 印度支那 交趾支那
  砍头柜 自残疾 自残缺 服毒性 血洗净 以血洗血 肢解读 杀光明 扼杀光 毒杀光 逼样子 部分尸 轻轻生 年轻生 减轻生 轻生产 轻生活 轻生意 轻生态 重义轻生
  寻死路 寻死角 白粉交易所 硬胶囊 硬胶片 坚硬胶 硬胶合 笨实在 笨实验`,
  /\s+/,
)
