"""Words that ask or join, and tell nothing about what is looked for. Simplified and lower case, as folded text is."""

_CHINESE = """
什么 哪些 哪个 哪里 哪儿 哪 哪位 哪年 哪一年 哪种 哪几 哪一 谁 多少 多大 多长 多久 多高
几 几个 何 何时 何地 何人 为何 为什么 怎么 怎样 怎么样 如何 吗 呢 吧 啊 是否 是 的 地
得 了 着 过 在 有 和 与 及 以及 或 或者 而 而且 于 被 由 对 对于 关于 为 中 所 其
该 这 那 此 之 以 从 到 把 将 位 个 者 也 都 就 还 不 上 下 请问 叫 叫做 叫作
称为 一个 一种 一些 这个 那个 这些 那些 我 你 他 她 它 我们 你们 他们 因为 所以 但是
如果 并 并且 等 等等 可以 能 会 要 让 给 向 跟 比 嘛 呀
"""
_ENGLISH = """
a an the of and or to in on at by for from with is are was were be been it its this that these those as what which
who whom whose when where why how do does did
"""

STOP_WORDS = frozenset((_CHINESE + _ENGLISH).split())
